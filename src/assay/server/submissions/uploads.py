"""What the upload gate and the submissions app say to each other.

The gate is an ASGI application in front of Django. It streams the body of
`POST /api/sittings/{id}/tasks/{slot}/submissions`, and of the form on a task's page, to a file, so that no model
file is ever held in memory, and hands over what it received.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest

from assay.errors import Unauthenticated
from assay.server.accounts import limits
from assay.server.accounts.models import User
from assay.server.accounts.services import authenticate
from assay.server.exams.errors import SittingNotFound
from assay.server.exams.services.sittings import sitting_by_id
from assay.server.submissions.services import receiving

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


def admit(
    token: str | None, sitting_id: str, slot: str, now: datetime, *, session: str | None = None
) -> Admission:
    """Decide whether an upload may begin, before a byte of it is taken.

    Args:
        token: The bearer token; None if the request carries none.
        sitting_id: As it stands in the address.
        slot: As it stands in the address.
        now: When the request's headers arrived.
        session: The key of a signed-in visitor's session, for a page's form.

    Returns:
        What the upload may have.

    Raises:
        Unauthenticated: The token is missing, unknown or revoked.
        SittingNotFound: There is no such sitting or slot, or it is somebody else's.
        NotAllowed: The sitting is not running, nor within its grace.
        TooManyRequests: The candidate has sent too many files in the last minute.
    """
    candidate = authenticate(token) if session is None else _visitor(session)
    try:
        known_id = UUID(sitting_id)
    except ValueError:
        raise SittingNotFound from None
    sitting = sitting_by_id(candidate, known_id)
    limits.spend("submit", str(candidate.pk), limits.SUBMIT, now)
    return Admission(max_bytes=receiving.admitted_bytes(sitting, slot, now))


def _visitor(session: str) -> User:
    """Return who is signed in with a session; checked as for any page."""
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session)
    user = get_user(request)
    if not isinstance(user, User) or not user.is_active:
        raise Unauthenticated
    return user
