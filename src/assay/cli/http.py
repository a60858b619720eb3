"""Speaks HTTP with the server: tries again while that may help, and says what is wrong.

Every request of the API may be sent twice without harm, so a request whose answer
was lost is sent again, with growing pauses, for as long as `patience` lasts.
"""

from __future__ import annotations

import hashlib
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
from pydantic import ValidationError

import assay
from assay.cli.accounts import is_loopback
from assay.cli.failures import (
    LASTING,
    ConnectionLost,
    FileChanged,
    NameUnknown,
    NotAssay,
    NothingListens,
    NotTrusted,
    ProxyRefused,
    ServerBusy,
    TooSlow,
)
from assay.cli.told import TOLD, ToldFault, ToldUsage
from assay.errors import AssayError, PlatformFault, Unreachable
from assay.messages import Language
from assay.wire import Problem

PATIENCE = 20.0  # seconds; for commands that somebody waits for
MORE_PATIENCE = 180.0  # seconds; for a submission, whose time may be running out
_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)  # seconds; the last one repeats
_CONNECT_TIMEOUT = 10.0  # seconds
_ANSWER_TIMEOUT = 30.0  # seconds without a byte
_CHUNK = 65536  # bytes
_BUSY = {429, 502, 503, 504}
_GIVEN_UP = {"preparation_failed"}  # codes after which the server does not try by itself

T = TypeVar("T")
OnRetry = Callable[[AssayError, float], None]  # the error and the pause in seconds
OnProgress = Callable[[int], None]  # bytes so far


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file on its way to the server."""

    path: Path
    sha256: str
    size: int  # bytes

    @classmethod
    def of(cls, path: Path) -> Upload:
        """Return the upload of the file at `path`, hashed."""
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            return cls(path=path, sha256=digest, size=file.tell())


class _Passing(Exception):
    """Carries a failure of the server that trying again may mend."""

    def __init__(self, failure: AssayError) -> None:
        self.failure = failure
        super().__init__(failure.code)


class Connection:
    """A connection to one server."""

    def __init__(
        self,
        server: str,
        *,
        token: str | None = None,
        language: Language = Language.ENGLISH,
        patience: float = PATIENCE,
        on_retry: OnRetry | None = None,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Open a connection.

        Args:
            server: Normal form of the address.
            token: The candidate's token.
            language: In which the server answers.
            patience: Seconds from the first failure of a request to giving up.
            on_retry: Called before each pause.
            transport: For tests.
            sleep: For tests.
            clock: For tests; seconds that never go back.
        """
        self.server = server
        self.patience = patience
        self._on_retry = on_retry or (lambda _error, _pause: None)
        self._sleep = sleep
        self._clock = clock
        headers = {"Accept-Language": str(language), "User-Agent": f"assay/{assay.__version__}"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self._http = httpx.Client(
            base_url=server,
            headers=headers,
            transport=transport,
            # A proxy for the outside world must not stand before the machine itself.
            trust_env=not is_loopback(server),
            # Reading all authorities' certificates takes longer than most requests.
            verify=urlsplit(server).scheme == "https",
            timeout=httpx.Timeout(_ANSWER_TIMEOUT, connect=_CONNECT_TIMEOUT),
        )

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def request(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, Any] | None = None,
        form: dict[str, str] | None = None,
        wait: float = 0,
    ) -> Any:
        """Send a request without a file; return the JSON of the answer.

        Args:
            method: `GET` or `POST`.
            path: On the server.
            params: Of the query.
            form: The body, as a form.
            wait: Seconds that the server may hold the answer back (long poll).

        Raises:
            Unreachable: The server did not answer in spite of trying again.
            AssayError: What the server said.
        """
        if wait:
            params = {**(params or {}), "wait": wait}
        timeout = httpx.Timeout(_ANSWER_TIMEOUT + wait, connect=_CONNECT_TIMEOUT)
        return self._trying(
            lambda: self._json(
                self._http.request(method, path, params=params, data=form, timeout=timeout)
            )
        )

    def upload(
        self, path: str, upload: Upload, *, params: dict[str, Any], on_progress: OnProgress
    ) -> Any:
        """Stream a file as the body of a POST; return the JSON of the answer.

        Raises:
            Unreachable: The server did not answer in spite of trying again.
            AssayError: What the server said.
        """
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Length": str(upload.size),
            "X-Content-SHA256": upload.sha256,
        }

        def send() -> Any:
            on_progress(0)
            body = _chunks(upload, on_progress)
            return self._json(self._http.post(path, params=params, headers=headers, content=body))

        return self._trying(send)

    def download(self, path: str, target: Path, *, on_progress: OnProgress) -> None:
        """Fetch `path` into the file `target`, which appears only when it is whole.

        Raises:
            Unreachable: The server did not answer in spite of trying again.
            AssayError: What the server said.
        """
        part = target.with_name(target.name + ".part")

        def fetch() -> None:
            on_progress(0)
            with self._http.stream("GET", path) as response:
                if response.status_code != HTTPStatus.OK:
                    response.read()
                    self._json(response)
                with part.open("wb") as file:
                    for chunk in response.iter_bytes(_CHUNK):
                        file.write(chunk)
                        on_progress(file.tell())
            part.replace(target)

        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._trying(fetch)
        finally:
            part.unlink(missing_ok=True)

    def _trying(self, work: Callable[[], T]) -> T:
        """Do `work`; while it fails in a way that may pass, do it again, within the patience."""
        begun: float | None = None
        attempt = 0
        while True:
            try:
                return work()
            except httpx.TransportError as error:
                failure: AssayError = self._explained(error)
            except _Passing as error:
                failure = error.failure
            begun = self._clock() if begun is None else begun
            pause = _PAUSES[min(attempt, len(_PAUSES) - 1)]
            attempt += 1
            if isinstance(failure, LASTING) or self._clock() + pause > begun + self.patience:
                raise failure
            self._on_retry(failure, pause)
            self._sleep(pause)

    def _json(self, response: httpx.Response) -> Any:
        """Return the JSON of an answer, or raise what it says is wrong."""
        status = response.status_code
        if response.is_success:
            try:
                return response.json()
            except ValueError as error:
                reason = f"{response.headers.get('content-type', 'no type')}, status {status}"
                raise NotAssay(server=self.server, reason=reason) from error
        if response.is_redirect:
            reason = f"→ {response.headers.get('location', '?')}"
            raise NotAssay(server=self.server, reason=reason)
        problem = _problem(response)
        if status in _BUSY and (problem is None or problem.code not in _GIVEN_UP):
            raise _Passing(
                ToldFault(problem) if problem else ServerBusy(server=self.server, status=status)
            )
        if problem is None:
            if response.is_server_error:
                raise PlatformFault(status=status)
            raise NotAssay(server=self.server, reason=f"status {status}")
        kind = ToldFault if response.is_server_error else TOLD.get(status, ToldUsage)
        raise kind(problem)

    def _explained(self, error: httpx.TransportError) -> Unreachable:
        """Return what a failed connection means for a person."""
        causes = list(_causes(error))
        tls = next((c for c in causes if isinstance(c, ssl.SSLError)), None)
        if isinstance(error, httpx.ProxyError):
            host = urlsplit(self.server).hostname
            return ProxyRefused(server=self.server, reason=str(error), host=host)
        if tls is not None:
            reason = getattr(tls, "verify_message", "") or getattr(tls, "reason", "") or str(tls)
            return NotTrusted(server=self.server, reason=reason)
        if any(isinstance(c, socket.gaierror) for c in causes):
            return NameUnknown(host=urlsplit(self.server).hostname)
        if isinstance(error, httpx.TimeoutException):
            return TooSlow(server=self.server)
        if isinstance(error, httpx.ConnectError):
            return NothingListens(server=self.server)
        return ConnectionLost(server=self.server, reason=str(error) or type(error).__name__)


def _chunks(upload: Upload, on_progress: OnProgress) -> Iterator[bytes]:
    """Yield the file's bytes; break off before the last ones if they are no longer the same."""
    digest = hashlib.sha256()
    with upload.path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            sent = file.tell()
            if sent > upload.size or (sent == upload.size and digest.hexdigest() != upload.sha256):
                break
            yield chunk
            on_progress(sent)
        else:
            if file.tell() == upload.size:
                return
    raise FileChanged(file=str(upload.path))


def _problem(response: httpx.Response) -> Problem | None:
    with suppress(ValidationError, ValueError):
        return Problem.model_validate_json(response.content)
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
