"""Candidates, their tokens, and word to staff."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from django.db import transaction

from assay.errors import Unauthenticated
from assay.messages import Language
from assay.server import queue
from assay.server.accounts.models import ApiToken, User

_TOKEN_PREFIX = "assay_"  # noqa: S105 - lets secret scanners know a leaked one
_TOKEN_BYTES = 32


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def register_candidate(email: str, *, name: str, language: Language, now: datetime) -> User:
    """Return the candidate with this address; made if there is none.

    Args:
        email: However it is capitalised.
        name: As on the identity document; the certificate will carry it.
        language: Of mail.
        now: The current time.

    Returns:
        The candidate. One who was known already gets this name and language.
    """
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is None:
        return User.objects.create_user(email, name=name, language=language.value, joined_at=now)
    user.name = name
    user.language = language.value
    user.save(update_fields=["name", "language"])
    return user


def create_token(user: User, now: datetime) -> str:
    """Return a new token; it is shown once and kept as a digest."""
    token = _TOKEN_PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)
    ApiToken.objects.create(user=user, digest=_digest(token), created_at=now)
    return token


def authenticate(token: str | None) -> User:
    """Return whose token this is.

    Raises:
        Unauthenticated: There is none, it is unknown or revoked, or its user is
            not active any more.
    """
    if not token:
        raise Unauthenticated
    known = (
        ApiToken.objects.select_related("user")
        .filter(digest=_digest(token), revoked_at__isnull=True, user__is_active=True)
        .first()
    )
    if known is None:
        raise Unauthenticated
    return known.user


def tell_staff(subject: str, text: str) -> None:
    """Have a mail sent to staff, once the running transaction commits."""
    queue.defer("accounts.send_staff_mail", queue=queue.MAIL, subject=subject, text=text)
