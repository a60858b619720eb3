"""What the upload gate and the submissions app say to each other.

The gate is an ASGI application in front of Django. It streams the body of
`POST /api/sittings/{id}/tasks/{slot}/submissions`, and of the form on a task's page, to
a file, so that no model file is ever held in memory, and hands over what it received.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

SCOPE_KEY = "assay.upload"  # in the ASGI scope
ERROR_KEY = "assay.upload.error"  # there too, instead of a form's upload that was refused


@dataclass(frozen=True, kw_only=True)
class ReceivedUpload:
    """A body that has arrived whole."""

    path: Path  # a file in the data folder; whoever receives it moves it away
    sha256: str  # hexadecimal, of the bytes in the file
    size: int  # bytes
    arrived_at: datetime  # when the last byte arrived
    file_name: str  # as the candidate calls it: `?name=`
    began_at: datetime | None = None  # when its request came in; None if nobody looked


@dataclass(frozen=True, kw_only=True)
class Admission:
    """Leave to upload."""

    max_bytes: int  # the task's limit, enforced while the body streams in
