"""The routes of the server's API, as typed calls."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from pydantic import TypeAdapter, ValidationError

from assay.cli.failures import AnswerNotUnderstood
from assay.cli.http import Connection, OnProgress, Upload
from assay.wire import (
    Bundle,
    DeviceCodes,
    DeviceToken,
    Health,
    Person,
    Registration,
    Result,
    Sitting,
    Start,
    Submission,
)

LONG_POLL = 20.0  # seconds that the server may hold an answer back
_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_T = TypeVar("_T")


class Api:
    """What a candidate can ask of a server.

    Every call raises `Unreachable` if the server does not answer, and otherwise
    the kind of `AssayError` that the server says.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @property
    def server(self) -> str:
        """The address of the server."""
        return self.connection.server

    def health(self) -> Health:
        """Return whether the server's parts work."""
        return self._read(Health, self.connection.request("GET", "/api/health"))

    def me(self) -> Person:
        """Return who is signed in."""
        return self._read(Person, self.connection.request("GET", "/api/me"))

    def device_codes(self, name: str) -> DeviceCodes:
        """Ask for codes to sign in with in a browser; `name` says who asks."""
        answer = self.connection.request("POST", "/api/device/code", form={"name": name})
        return self._read(DeviceCodes, answer)

    def device_token(self, device_code: str) -> DeviceToken:
        """Return the token, once it was allowed in a browser; until then, raises why not."""
        form = {"grant_type": _DEVICE_GRANT, "device_code": device_code}
        answer = self.connection.request("POST", "/api/device/token", form=form)
        return self._read(DeviceToken, answer)

    def registrations(self) -> list[Registration]:
        """Return the candidate's registrations."""
        answer = self.connection.request("GET", "/api/registrations")
        return self._read(list[Registration], answer)

    def open_sitting(self, registration: str) -> Sitting:
        """Open the registration's sitting, or return the one that is open."""
        answer = self.connection.request("POST", f"/api/registrations/{_id(registration)}/sitting")
        return self._read(Sitting, answer)

    def sitting(self, sitting: str, *, wait: float = 0) -> Sitting:
        """Return a sitting; with `wait`, as soon as its phase or preparation changes."""
        answer = self.connection.request("GET", f"/api/sittings/{_id(sitting)}", wait=wait)
        return self._read(Sitting, answer)

    def download(self, bundle: Bundle, target: Path, *, on_progress: OnProgress) -> None:
        """Fetch a sealed bundle into the file `target`."""
        self.connection.download(bundle.url, target, on_progress=on_progress)

    def start(self, sitting: str) -> Start:
        """Press Start: the clock runs. While it runs, return the keys again."""
        answer = self.connection.request("POST", f"/api/sittings/{_id(sitting)}/start")
        return self._read(Start, answer)

    def submit(
        self, sitting: str, slot: str, upload: Upload, *, on_progress: OnProgress
    ) -> Submission:
        """Upload a model file; the same bytes again return the same submission."""
        answer = self.connection.upload(
            f"/api/sittings/{_id(sitting)}/tasks/{_id(slot)}/submissions",
            upload,
            params={"name": upload.path.name},
            on_progress=on_progress,
        )
        return self._read(Submission, answer)

    def submissions(self, sitting: str) -> list[Submission]:
        """Return all submissions of a sitting."""
        answer = self.connection.request("GET", f"/api/sittings/{_id(sitting)}/submissions")
        return self._read(list[Submission], answer)

    def submission(self, submission: str, *, wait: float = 0) -> Submission:
        """Return a submission; with `wait`, as soon as it is final."""
        answer = self.connection.request("GET", f"/api/submissions/{_id(submission)}", wait=wait)
        return self._read(Submission, answer)

    def cancel(self, submission: str) -> Submission:
        """Cancel a submission that is not final."""
        answer = self.connection.request("POST", f"/api/submissions/{_id(submission)}/cancel")
        return self._read(Submission, answer)

    def end(self, sitting: str) -> Sitting:
        """End a sitting before its time."""
        answer = self.connection.request("POST", f"/api/sittings/{_id(sitting)}/end")
        return self._read(Sitting, answer)

    def result(self, sitting: str, *, wait: float = 0) -> Result:
        """Return a sitting's result; with `wait`, as soon as it is final."""
        answer = self.connection.request("GET", f"/api/sittings/{_id(sitting)}/result", wait=wait)
        return self._read(Result, answer)

    def _read(self, shape: type[_T], answer: Any) -> _T:
        try:
            return TypeAdapter(shape).validate_python(answer)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise AnswerNotUnderstood(
                server=self.server, reason=f"{where}: {first['msg']}"
            ) from error


def _id(part: str) -> str:
    """One segment of a path, whatever it holds."""
    return quote(part, safe="")
