"""The form on a task's page comes in through the same gate: streamed, limited, by session."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from assay.errors import Unauthenticated
from assay.server import uploadgate
from assay.server.submissions.services.admission import admit
from assay.server.submissions.uploads import ERROR_KEY, SCOPE_KEY, Admission
from assay.server.uploadform import BrokenForm, FormBody, boundary_of
from assay.server.uploadgate import UploadGate

LIMIT = 1000  # bytes
PATH = "/sittings/5d0c9f0e-3a53-4f57-9d6f-0d6c5a2f7a11/Category1/upload/"
BOUNDARY = "----WebKitFormBoundary7MA4YWxkTrZu0gW"


def form(content: bytes, *, name: str = "my model.h5", token: str = "t0ken") -> bytes:
    return (
        (
            f"--{BOUNDARY}\r\n"
            'Content-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n'
            f"{token}\r\n--{BOUNDARY}\r\n"
            f'Content-Disposition: form-data; name="model"; filename="{name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        ).encode()
        + content
        + f"\r\n--{BOUNDARY}--\r\n".encode()
    )


class Django:
    """Stands behind the gate and keeps what it is given."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.content: bytes | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.calls.append(scope)
        upload = scope.get(SCOPE_KEY)
        self.content = None if upload is None else upload.path.read_bytes()
        await send({"type": "http.response.start", "status": 302, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.calls[-1]["headers"])


@pytest.fixture
def django() -> Django:
    return Django()


@pytest.fixture
def sessions(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """The sessions that the gate asked admission for."""
    asked: list[str | None] = []

    def fake(token: str | None, *_: Any, session: str | None = None) -> Admission:
        asked.append(session)
        if session != "alices" or token is not None:
            raise Unauthenticated
        return Admission(max_bytes=LIMIT)

    monkeypatch.setattr(uploadgate, "admit", fake)
    return asked


@pytest.fixture
def post(django: Django, sessions: Any, tmp_path: Path) -> Any:
    """Returns what sends a body through the gate, as a form or raw."""
    gate = UploadGate(django, tmp_path, idle_seconds=0.2)

    async def act(*chunks: bytes, form: bool = True, session: str = "alices") -> list[Any]:
        messages = [
            {"type": "http.request", "body": chunk, "more_body": number < len(chunks)}
            for number, chunk in enumerate(chunks, 1)
        ]
        sent: list[Any] = []

        async def receive() -> Any:
            return messages.pop(0) if messages else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        kind = f"multipart/form-data; boundary={BOUNDARY}" if form else "application/octet-stream"
        headers = [
            (b"content-type", kind.encode()),
            (b"content-length", str(sum(map(len, chunks))).encode()),
            (b"cookie", f"{settings.SESSION_COOKIE_NAME}={session}; other=x".encode()),
            (b"authorization", b"Bearer secret"),
            (b"x-csrftoken", b"of the script"),
        ]
        scope = {
            "type": "http",
            "method": "POST",
            "path": PATH,
            "query_string": b"name=raw.h5",
            "headers": headers,
        }
        await gate(scope, receive, send)
        return sent

    return act


async def test_a_forms_file_arrives_as_it_was(post, django):
    content = bytes(range(256)) + b"\r\n--" + BOUNDARY[:-1].encode() + b"\r\n"
    await post(form(content))

    assert django.content == content
    assert django.calls[0][SCOPE_KEY].file_name == "my model.h5"


async def test_the_forms_token_is_handed_on_for_django_to_judge(post, django):
    await post(form(b"abc"))

    assert django.headers[b"x-csrftoken"] == b"t0ken"


async def test_raw_bytes_keep_the_scripts_token(post, django):
    await post(b"abc", form=False)

    assert django.content == b"abc"
    assert django.headers[b"x-csrftoken"] == b"of the script"
    assert django.calls[0][SCOPE_KEY].file_name == "raw.h5"


async def test_it_admits_by_session_and_never_by_token(post, sessions):
    await post(form(b"abc"))

    assert sessions == ["alices"]


async def test_a_stranger_gets_nothing_onto_the_disk(post, django, tmp_path):
    await post(form(b"abc"), session="nobodys")

    assert isinstance(django.calls[0][ERROR_KEY], Unauthenticated)
    assert list(tmp_path.iterdir()) == []


async def test_a_file_that_is_too_large_is_told_on_the_page(post, django, tmp_path):
    await post(form(b"x" * (LIMIT + 1)))

    assert django.calls[0][ERROR_KEY].code == "file_too_large"
    assert django.headers[b"x-csrftoken"] == b"t0ken"
    assert list(tmp_path.iterdir()) == []


async def test_a_file_of_exactly_the_limit_comes_in(post, django):
    await post(form(b"x" * LIMIT))

    assert django.content == b"x" * LIMIT


async def test_a_form_that_is_cut_off_is_told_so(post, django):
    await post(form(b"abc")[:-20])

    assert isinstance(django.calls[0][ERROR_KEY], BrokenForm)


async def test_a_script_is_told_in_json(post, django):
    sent = await post(b"x" * (LIMIT + 1), form=False)

    assert sent[0]["status"] == 413
    assert django.calls == []


@given(st.binary(max_size=300), st.lists(st.integers(1, 40), max_size=60))
@hypothesis_settings(max_examples=50, suppress_health_check=list(HealthCheck))
async def test_however_a_form_is_cut_up_its_file_arrives_whole(content, sizes):
    whole = form(content)
    chunks = []
    for size in [*sizes, len(whole)]:
        chunks.append(whole[:size])
        whole = whole[size:]
    chunks = [chunk for chunk in chunks if chunk]

    class Body:
        is_complete = False

        async def read(self) -> bytes:
            chunk = chunks.pop(0)
            self.is_complete = not chunks
            return chunk

    body = FormBody(Body(), BOUNDARY)
    received = b""
    while not body.is_complete:
        received += await body.read()

    assert (received, body.csrf_token) == (content, "t0ken")


def test_only_forms_with_files_have_a_boundary():
    assert boundary_of(f'Multipart/Form-Data; boundary="{BOUNDARY}"') == BOUNDARY
    assert boundary_of("application/octet-stream") is None


@pytest.mark.django_db(transaction=True)
def test_the_session_of_a_page_admits_its_candidate(running_sitting, alice, now):
    sitting = running_sitting(alice)
    client = Client()
    client.force_login(alice, backend="allauth.account.auth_backends.AuthenticationBackend")
    admission = admit(None, str(sitting.id), "Category1", now, session=client.session.session_key)

    assert admission.max_bytes > 0
    with pytest.raises(Unauthenticated):
        admit(None, str(sitting.id), "Category1", now, session="unknown")
