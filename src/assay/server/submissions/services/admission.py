"""Leave to upload: who asks, for which slot, and whether the clock lets them."""

from __future__ import annotations

from datetime import datetime
from importlib import import_module
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
from assay.server.submissions.services.receiving import admitted_bytes
from assay.server.submissions.uploads import Admission


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
    return Admission(max_bytes=admitted_bytes(sitting, slot, now))


def _visitor(session: str) -> User:
    """Return who is signed in with a session; checked as for any page."""
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session)
    user = get_user(request)
    if not isinstance(user, User) or not user.is_active:
        raise Unauthenticated
    return user
