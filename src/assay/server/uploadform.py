"""The file in a form that a browser sends without a script, taken out while it arrives."""

from __future__ import annotations

import re
from typing import Protocol

from multipart import MultipartError, MultipartSegment, PushMultipartParser

from assay.errors import UsageError
from assay.messages import N_

CSRF_FIELD = "csrfmiddlewaretoken"
OVERHEAD_BYTES = 16_384  # of the form around its file, at the most
_FIELD_BYTES = 1_000  # of any other field
_FORM = re.compile(r'multipart/form-data\s*;.*boundary="?([^";,]+)"?', re.IGNORECASE)


class BrokenForm(UsageError):
    """The form's body is not what browsers send."""

    code = "broken_form"
    message = N_("The form with the file did not arrive as browsers send it.")
    remedy = N_("Choose the file and send it again.")


class Body(Protocol):
    """A request's body as it arrives."""

    is_complete: bool

    async def read(self) -> bytes:
        """Return the next bytes."""


def boundary_of(content_type: str) -> str | None:
    """Return the boundary of a form's parts; None if it is no form with a file."""
    found = _FORM.fullmatch(content_type.strip())
    return found[1].strip() if found else None


class FormBody:
    """The bytes of the file in a form, as they arrive.

    Args:
        body: Of the request.
        boundary: Of the form's parts.
    """

    def __init__(self, body: Body, boundary: str) -> None:
        self.is_complete = False
        self.file_name = ""
        self.csrf_token = ""  # of the form; it stands before the file
        self._body = body
        self._parser = PushMultipartParser(boundary, max_segment_count=8)
        self._part: MultipartSegment | None = None

    async def read(self) -> bytes:
        """Return the next bytes of the file; none while other fields arrive.

        Raises:
            BrokenForm: It is no form, or it is cut off.
        """
        chunk = await self._body.read()
        content = bytearray()
        try:
            if chunk:
                self._take(chunk, content)
            if self._body.is_complete:
                self._parser.close()
                self.is_complete = True
        except MultipartError as error:
            raise BrokenForm from error
        return bytes(content)

    def _take(self, chunk: bytes, content: bytearray) -> None:
        for event in self._parser.parse(chunk):
            if isinstance(event, MultipartSegment):
                self._part = event
                if event.filename is not None:
                    self.file_name = event.filename
            elif event is None or self._part is None:
                self._part = None
            elif self._part.filename is not None:
                content += event
            elif self._part.name == CSRF_FIELD and len(self.csrf_token) < _FIELD_BYTES:
                self.csrf_token += bytes(event).decode("ascii", "replace")
