"""The gate in front of Django through which model files come in.

Django would take a whole body, of any size and from anybody, before a view sees
the request. The gate asks first (`submissions.services.admission`), then streams the
body to a file in `ASSAY_DATA/incoming` while it counts and hashes it, and only
then calls Django, with an empty body and the file in the scope.

A page's form comes in the same way, with the session's cookie instead of a token:
as raw bytes from a script, or as a form with a file from a browser without one.
Django decides whether the request is forged: the form's token is handed to it as a
header.

A body that is too large is refused at the first byte too many, or before the
first byte if its length is declared. What arrives is on disk (`fsync`) before
anybody answers for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import hashlib
import logging
import os
import re
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO
from urllib.parse import parse_qs

from django.conf import settings
from django.http import parse_cookie

from assay.errors import AssayError, PlatformFault, UsageError
from assay.grading.refusals import FileTooLarge
from assay.messages import N_, Language
from assay.server.api.problems import Unexpected, answer, reader_language
from assay.server.asgitypes import Application, Message, Receive, Scope, Send
from assay.server.submissions.services.admission import admit
from assay.server.submissions.uploads import ERROR_KEY, SCOPE_KEY, ReceivedUpload
from assay.server.threads import in_thread
from assay.server.uploadform import OVERHEAD_BYTES, Body, BrokenForm, FormBody, boundary_of

DIGEST_HEADER = b"x-content-sha256"  # of the client, hexadecimal; optional
IDLE_SECONDS = 60.0  # an upload that is silent for longer is given up
_WRITE_BYTES = 1 << 20  # gathered before a thread hashes and writes them
# After a refusal the rest of the body is read and thrown away for a while: a client that
# is cut off in the middle of sending may never get to see the answer.
_DRAIN_SECONDS = 10.0
_DRAIN_BYTES = 256 << 20
_ROUTES = (
    re.compile(r"/api/sittings/(?P<sitting>[^/]+)/tasks/(?P<slot>[^/]+)/submissions/?"),
    re.compile(r"(?P<page>/sittings/)(?P<sitting>[^/]+)/(?P<slot>[^/]+)/upload/"),
)

logger = logging.getLogger(__name__)


class DamagedUpload(UsageError):
    """The bytes that arrived are not the bytes that were sent."""

    code = "damaged_upload"
    message = N_(
        "The file was damaged on the way: its SHA-256 is {expected} with you, {received} here."
    )
    remedy = N_("Send it again.")


class StalledUpload(UsageError):
    """The client stopped sending in the middle."""

    code = "stalled_upload"
    message = N_("Nothing of the file has arrived for {seconds} seconds, after {size} bytes.")
    remedy = N_("Check the connection and send it again.")


class NoRoomForUpload(PlatformFault):
    """The disk is full or broken."""

    code = "no_room_for_upload"
    message = N_("The server cannot store the file now.")
    remedy = N_("This is not your fault. Send it again in a minute.")


class _Gone(Exception):
    """The client hung up."""


@dataclass(frozen=True, kw_only=True)
class _Head:
    """What the request's first lines say."""

    token: str | None
    session: str | None  # of a page's visitor
    boundary: str | None  # of a form's parts
    length: int | None  # declared size of the body, bytes
    digest: str | None
    file_name: str
    language: Language

    @classmethod
    def of(cls, scope: Scope) -> _Head:
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        scheme, _, token = headers.get(b"authorization", "").partition(" ")
        length = headers.get(b"content-length", "")
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        return cls(
            token=token.strip() if scheme.lower() == "bearer" else None,
            session=_session(headers.get(b"cookie", "")),
            boundary=boundary_of(headers.get(b"content-type", "")),
            length=int(length) if length.isascii() and length.isdigit() else None,
            digest=headers.get(DIGEST_HEADER, "").strip().lower() or None,
            file_name=query.get("name", [""])[0],
            language=reader_language(headers.get(b"accept-language")),
        )


def _session(cookies: str) -> str | None:
    known = parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME)
    return None if known is None else str(known)


class _Spool:
    """A file in the making; its methods block and run in a thread."""

    def __init__(self, folder: Path) -> None:
        descriptor, name = tempfile.mkstemp(dir=folder, prefix="upload-")
        self.path = Path(name)
        self._file: BinaryIO = os.fdopen(descriptor, "wb", buffering=0)
        self._digest = hashlib.sha256()

    def add(self, chunk: bytes) -> None:
        self._digest.update(chunk)
        written = 0
        while written < len(chunk):
            written += self._file.write(memoryview(chunk)[written:])

    def finish(self) -> str:
        """Return the SHA-256 once the bytes are on disk."""
        os.fsync(self._file.fileno())
        return self._digest.hexdigest()

    def close(self) -> None:
        self._file.close()


class _Body:
    """A request's body as it arrives."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.is_complete = False

    async def read(self) -> bytes:
        """Return the next bytes.

        Raises:
            _Gone: The client hung up.
        """
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise _Gone
        self.is_complete = not message.get("more_body", False)
        chunk: bytes = message.get("body", b"")
        return chunk


class UploadGate:
    """An ASGI application that takes in model files for the one behind it.

    Args:
        application: Django.
        incoming: Folder for files in transit, on the file system of the file storage.
        idle_seconds: An upload that is silent for longer is given up.
    """

    def __init__(
        self, application: Application, incoming: Path, *, idle_seconds: float = IDLE_SECONDS
    ) -> None:
        self._application = application
        self._incoming = incoming
        self._idle_seconds = idle_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        route = _route(scope)
        if route is None:
            await self._application(scope, receive, send)
            return
        head = _Head.of(scope)
        body = _Body(receive)
        form = FormBody(body, head.boundary) if route.get("page") and head.boundary else None
        paths: list[Path] = []
        error: AssayError
        try:
            try:
                upload = await self._take_in(head, route, form or body, paths)
            except AssayError as known:
                if isinstance(known, PlatformFault):
                    logger.exception("an upload failed")
                error = known
            except _Gone:
                logger.info("an upload was broken off by the client")
                return
            except Exception:  # such as a database that is away
                logger.exception("an upload failed")
                error = Unexpected()
            else:
                found = {SCOPE_KEY: upload}
                await self._application(*_as_empty(scope, receive, found, form), send)
                return
            if form is None:
                await _refuse(error, head.language, body, send)
            else:  # a page says it, to somebody who has no script
                await _drain(form)  # its token comes with the first bytes
                await self._application(*_as_empty(scope, receive, {ERROR_KEY: error}, form), send)
        finally:
            for path in paths:  # the view has moved the file away, or it is not wanted
                path.unlink(missing_ok=True)

    async def _take_in(
        self, head: _Head, route: dict[str, str], body: Body, paths: list[Path]
    ) -> ReceivedUpload:
        by_page = "page" in route
        began_at = datetime.now(UTC)
        admission = await in_thread(
            partial(
                admit,
                None if by_page else head.token,
                route["sitting"],
                route["slot"],
                began_at,
                session=head.session if by_page else None,
            )
        )
        overhead = OVERHEAD_BYTES if isinstance(body, FormBody) else 0
        if head.length is not None and head.length > admission.max_bytes + overhead:
            raise FileTooLarge(size=head.length, limit=admission.max_bytes)
        try:
            spool = await asyncio.to_thread(_Spool, self._incoming)
            paths.append(spool.path)
            try:
                size, arrived_at = await self._stream(spool, admission.max_bytes, body)
                digest = await asyncio.to_thread(spool.finish)
            finally:
                spool.close()
        except OSError as fault:
            reason = errno.errorcode.get(fault.errno or 0, "")
            raise NoRoomForUpload(reason=reason) from fault
        if head.digest is not None and head.digest != digest:
            raise DamagedUpload(expected=head.digest, received=digest)
        return ReceivedUpload(
            path=spool.path,
            sha256=digest,
            size=size,
            began_at=began_at,
            arrived_at=arrived_at,
            file_name=body.file_name if isinstance(body, FormBody) else head.file_name,
        )

    async def _stream(self, spool: _Spool, max_bytes: int, body: Body) -> tuple[int, datetime]:
        """Write the body; return its size in bytes and when its last byte arrived."""
        size = 0
        gathered = bytearray()
        while not body.is_complete:
            try:
                async with asyncio.timeout(self._idle_seconds):
                    chunk = await body.read()
            except TimeoutError:
                raise StalledUpload(seconds=self._idle_seconds, size=size) from None
            size += len(chunk)
            if size > max_bytes:
                raise FileTooLarge(size=size, limit=max_bytes)
            gathered += chunk
            if len(gathered) >= _WRITE_BYTES:
                await asyncio.to_thread(spool.add, bytes(gathered))
                gathered.clear()
        arrived_at = datetime.now(UTC)
        await asyncio.to_thread(spool.add, bytes(gathered))
        return size, arrived_at


def _route(scope: Scope) -> dict[str, str] | None:
    """Return the named parts of an upload's address; None if the request is none."""
    if scope["type"] != "http" or scope["method"] != "POST":
        return None
    matches = (route.fullmatch(scope["path"]) for route in _ROUTES)
    return next((match.groupdict() for match in matches if match), None)


def _as_empty(
    scope: Scope, receive: Receive, found: Scope, form: FormBody | None
) -> tuple[Scope, Receive]:
    """Return the request as Django gets it: no body, but what was found in its scope."""
    headers = [
        (name, value)
        for name, value in scope["headers"]
        if name not in {b"content-length", b"transfer-encoding", b"content-type"}
    ]
    if form is not None:
        headers = [(name, value) for name, value in headers if name != b"x-csrftoken"]
        headers.append((b"x-csrftoken", form.csrf_token.encode("ascii", "replace")))
    empty = dict(scope) | dict(found) | {"headers": [*headers, (b"content-length", b"0")]}
    sent = False

    async def receive_nothing() -> Message:
        nonlocal sent
        if not sent:
            sent = True
            return {"type": "http.request", "body": b"", "more_body": False}
        return await receive()  # tells Django when the client hangs up

    return empty, receive_nothing


async def _refuse(error: AssayError, language: Language, body: _Body, send: Send) -> None:
    """Answer with the error, then read the rest of the body away."""
    status, content = answer(error, language)
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(content)).encode()),
        (b"content-language", language.value.encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content, "more_body": True})
    await _drain(body)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _drain(body: Body) -> None:
    """Read the rest of a body away, for a while."""
    with contextlib.suppress(TimeoutError, _Gone, BrokenForm):
        async with asyncio.timeout(_DRAIN_SECONDS):
            drained = 0
            while not body.is_complete and drained < _DRAIN_BYTES:
                drained += len(await body.read())
