"""Model files come in through the gate: admitted first, counted, hashed, on disk."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import json
import os
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.errors import Unauthenticated
from assay.server import uploadgate
from assay.server.submissions.uploads import SCOPE_KEY, Admission, ReceivedUpload
from assay.server.uploadgate import UploadGate

LIMIT = 1000  # bytes
PATH = "/api/sittings/5d0c9f0e-3a53-4f57-9d6f-0d6c5a2f7a11/tasks/Category1/submissions"


@dataclass
class Client:
    """Sends one request to a gate and keeps what comes back."""

    gate: UploadGate
    asked: int = 0  # times that the gate asked for more of the body
    sent: list[dict[str, Any]] = field(default_factory=list)

    async def post(
        self,
        *chunks: bytes,
        path: str = PATH,
        headers: dict[str, str] | None = None,
        ends: str = "whole",  # "whole", "hangs up" or "falls silent"
    ) -> Client:
        messages: Iterator[dict[str, Any]] = iter(
            [
                {
                    "type": "http.request",
                    "body": chunk,
                    "more_body": number < len(chunks) or ends != "whole",
                }
                for number, chunk in enumerate(chunks, 1)
            ]
        )

        async def receive() -> dict[str, Any]:
            self.asked += 1
            message = next(messages, None)
            if message is None and ends == "falls silent":
                await asyncio.sleep(60)
            return message or {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            self.sent.append(message)

        scope = {
            "type": "http",
            "method": "POST",
            "path": path,
            "query_string": b"name=my%20model.h5",
            "headers": [
                (b"authorization", b"Bearer secret"),
                *((k.encode(), v.encode()) for k, v in (headers or {}).items()),
            ],
        }
        await self.gate(scope, receive, send)
        return self

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def code(self) -> str:
        return str(json.loads(b"".join(m.get("body", b"") for m in self.sent[1:]))["code"])


@dataclass
class Django:
    """Stands behind the gate and keeps what it is given."""

    upload: ReceivedUpload | None = None
    content: bytes | None = None
    body: bytes | None = None
    length: bytes | None = None
    mode: int = 0
    calls: int = 0

    async def __call__(
        self,
        scope: Any,
        receive: Callable[[], Awaitable[Any]],
        send: Callable[[Any], Awaitable[None]],
    ) -> None:
        self.calls += 1
        self.upload = scope.get(SCOPE_KEY)
        self.length = dict(scope["headers"]).get(b"content-length")
        self.body = (await receive())["body"]
        if self.upload is not None:
            self.content = self.upload.path.read_bytes()
            self.mode = self.upload.path.stat().st_mode & 0o777
        await send({"type": "http.response.start", "status": 201, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})


@pytest.fixture
def incoming(tmp_path: Path) -> Path:
    folder = tmp_path / "incoming"
    folder.mkdir()
    return folder


@pytest.fixture
def django() -> Django:
    return Django()


@pytest.fixture
def client(django: Django, incoming: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    def admit(
        token: str | None, sitting_id: str, slot: str, now: datetime, *, session: str | None = None
    ) -> Admission:
        if token != "secret":
            raise Unauthenticated
        return Admission(max_bytes=LIMIT)

    monkeypatch.setattr(uploadgate, "admit", admit)
    return Client(UploadGate(django, incoming, idle_seconds=0.2))


async def test_django_gets_the_file_and_an_empty_body(client, django):
    before = datetime.now(UTC)
    await client.post(b"abc", b"def", headers={"content-length": "6"})

    assert client.status == 201
    assert django.content == b"abcdef"
    assert django.upload.sha256 == hashlib.sha256(b"abcdef").hexdigest()
    assert django.upload.size == 6
    assert django.upload.file_name == "my model.h5"
    assert before <= django.upload.arrived_at <= datetime.now(UTC)
    assert django.body == b""
    assert django.length == b"0"


async def test_only_the_owner_can_read_a_file_in_transit(client, django):
    await client.post(b"abc")

    assert django.mode == 0o600


async def test_the_time_of_arrival_is_that_of_the_last_byte(client, django, monkeypatch):
    finish = uploadgate._Spool.finish
    ended: list[datetime] = []

    def slow_disk(spool: Any) -> str:
        ended.append(datetime.now(UTC))
        return str(finish(spool))

    monkeypatch.setattr(uploadgate._Spool, "finish", slow_disk)
    await client.post(b"abc")

    assert django.upload.arrived_at <= ended[0]


async def test_a_file_that_django_does_not_take_is_removed(client, incoming):
    await client.post(b"abc")

    assert list(incoming.iterdir()) == []


async def test_it_refuses_before_the_first_byte_what_is_declared_too_large(client, django):
    await client.post(b"", ends="hangs up", headers={"content-length": str(LIMIT + 1)})

    assert (client.status, client.code) == (413, "file_too_large")
    assert django.calls == 0


async def test_it_refuses_at_the_first_byte_too_many(client, django, incoming):
    written: list[int] = []
    add = uploadgate._Spool.add

    def count(spool: Any, chunk: bytes) -> None:
        written.append(len(chunk))
        add(spool, chunk)

    uploadgate._Spool.add = count  # type: ignore[method-assign]
    try:
        await client.post(b"x" * LIMIT, b"y", b"z" * 10_000_000)
    finally:
        uploadgate._Spool.add = add  # type: ignore[method-assign]

    assert (client.status, client.code) == (413, "file_too_large")
    assert sum(written) <= LIMIT
    assert django.calls == 0
    assert list(incoming.iterdir()) == []


async def test_a_file_of_exactly_the_limit_is_taken(client, django):
    await client.post(b"x" * LIMIT)

    assert django.upload.size == LIMIT


async def test_a_stranger_is_refused_and_nothing_is_written(client, django, incoming):
    await client.post(b"abc", headers={"authorization": "Bearer wrong"})

    assert (client.status, client.code) == (401, "unauthenticated")
    assert django.calls == 0
    assert list(incoming.iterdir()) == []


async def test_the_rest_of_a_refused_body_is_read_so_that_the_client_sees_the_answer(client):
    await client.post(b"x" * 10, b"y" * 10, b"z", headers={"authorization": "Basic wrong"})

    assert client.status == 401
    assert client.asked == 3
    assert client.sent[-1].get("more_body") is False


async def test_a_client_that_hangs_up_leaves_nothing_behind(client, django, incoming):
    await client.post(b"abc", ends="hangs up")

    assert client.sent == []
    assert django.calls == 0
    assert list(incoming.iterdir()) == []


async def test_an_upload_that_falls_silent_is_given_up(client, django, incoming, monkeypatch):
    monkeypatch.setattr(uploadgate, "_DRAIN_SECONDS", 0.1)
    await client.post(b"abc", ends="falls silent")

    assert (client.status, client.code) == (422, "stalled_upload")
    assert django.calls == 0
    assert list(incoming.iterdir()) == []


async def test_it_refuses_bytes_that_are_not_those_that_were_sent(client, django, incoming):
    await client.post(b"abc", headers={"x-content-sha256": hashlib.sha256(b"abd").hexdigest()})

    assert (client.status, client.code) == (422, "damaged_upload")
    assert django.calls == 0
    assert list(incoming.iterdir()) == []


async def test_it_takes_bytes_with_their_right_digest_in_any_case(client, django):
    digest = hashlib.sha256(b"abc").hexdigest().upper()
    await client.post(b"abc", headers={"x-content-sha256": digest})

    assert django.content == b"abc"


async def test_a_full_disk_is_our_fault(client, django, incoming, monkeypatch):
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    await client.post(b"abc")

    assert (client.status, client.code) == (503, "no_room_for_upload")
    assert django.calls == 0
    assert list(incoming.iterdir()) == []


async def test_a_mistake_of_ours_is_answered_too(client, monkeypatch):
    async def broken(*_: object) -> Admission:
        raise RuntimeError

    monkeypatch.setattr(uploadgate, "admit", broken)
    await client.post(b"abc")

    assert (client.status, client.code) == (503, "unexpected")


@pytest.mark.parametrize("path", ["/api/me", PATH + "/x", PATH.replace("/tasks", "")])
async def test_all_other_requests_pass_untouched(client, django, path):
    await client.post(b"abc", path=path)

    assert django.upload is None
    assert django.body == b"abc"


@given(chunks=st.lists(st.binary(max_size=200), min_size=1, max_size=5))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_however_a_file_is_cut_up_it_arrives_whole(chunks, client, django):
    asyncio.run(client.post(*chunks))

    assert django.content == b"".join(chunks)
