"""What may come in: ordinary forms, pictures where they are asked for, and nothing larger."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.asgi import get_asgi_application

from assay.server import bodylimit
from assay.server.bodylimit import BodyLimit

PICTURES = "/enrolment/identity/0e1dfd0a-4e0b-4d5e-9c53-3a8a5d9f6f10/"


class Behind:
    """An application that reads a body as Django does, and answers with its size."""

    def __init__(self) -> None:
        self.size: int | None = None

    async def __call__(self, scope, receive, send):
        size, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            size += len(message.get("body", b""))
            more = message.get("more_body", False)
        self.size = size
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


async def post(path: str, *chunks: bytes, declared: int | None = None, behind: Any = None) -> Any:
    """Send a request in pieces; return the status and the application behind the limit."""
    behind = behind or Behind()
    messages = [
        {"type": "http.request", "body": chunk, "more_body": place < len(chunks)}
        for place, chunk in enumerate(chunks, start=1)
    ]
    sent: list[Any] = []

    async def receive():
        return messages.pop(0)

    async def send(message):
        sent.append(message)

    headers = [] if declared is None else [(b"content-length", str(declared).encode())]
    scope = {"type": "http", "method": "POST", "path": path, "headers": headers}
    await BodyLimit(behind)(scope, receive, send)
    return sent[0]["status"], behind


async def test_an_ordinary_form_comes_in():
    status, behind = await post("/exams/small/register/", b"a=1", b"&b=2")

    assert (status, behind.size) == (200, 7)


async def test_the_largest_body_comes_in():
    status, behind = await post("/", bytes(bodylimit.MOST_BYTES))

    assert (status, behind.size) == (200, bodylimit.MOST_BYTES)


async def test_a_body_that_says_it_is_larger_is_not_read():
    status, behind = await post("/", declared=bodylimit.MOST_BYTES + 1)

    assert (status, behind.size) == (413, None)


async def test_a_body_that_does_not_say_so_is_cut_off():
    status, behind = await post("/", *[bytes(1_000_000)] * 3)

    assert (status, behind.size) == (413, None)


@pytest.mark.parametrize("path", [PICTURES, PICTURES.rstrip("/")])
async def test_two_pictures_come_in_where_they_are_asked_for(path):
    status, _ = await post(path, bytes(20_000_000), declared=20_000_000)

    assert status == 200


async def test_what_is_far_larger_does_not():
    status, _ = await post(PICTURES, declared=bodylimit.PICTURES_BYTES + 1)

    assert status == 413


async def test_django_itself_gives_a_body_up_that_is_cut_off():
    status, _ = await post("/", *[bytes(1_000_000)] * 3, behind=get_asgi_application())

    assert status == 413


def test_what_comes_in_is_not_put_on_the_disk(settings):
    assert settings.FILE_UPLOAD_MAX_MEMORY_SIZE >= bodylimit.PICTURES_BYTES
