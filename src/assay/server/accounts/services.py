"""Candidates, their tokens, and word to staff."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from assay.errors import Unauthenticated
from assay.messages import Language
from assay.server import queue
from assay.server.accounts.models import ApiToken, User

_TOKEN_PREFIX = "assay_"  # noqa: S105 - lets secret scanners know a leaked one
_TOKEN_BYTES = 32
_USE_IS_NOTED_EVERY = timedelta(minutes=5)


def digest_of(token: str) -> str:
    """Return what is kept of a token: its SHA-256, hexadecimal."""
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


def create_token(user: User, now: datetime, name: str = "") -> str:
    """Return a new token; it is shown once and kept as a digest.

    Args:
        user: For whom it may act.
        now: The current time.
        name: What the program calls itself, for its owner to know it again.
    """
    token = _TOKEN_PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)
    ApiToken.objects.create(user=user, digest=digest_of(token), created_at=now, name=name)
    return token


def authenticate(token: str | None, now: datetime | None = None) -> User:
    """Return whose token this is, and note that it was used.

    Args:
        token: As the program sent it; None if it sent none.
        now: The current time.

    Raises:
        Unauthenticated: There is none, it is unknown or revoked, or its user is
            not active any more.
    """
    if not token:
        raise Unauthenticated
    known = (
        ApiToken.objects.select_related("user")
        .filter(digest=digest_of(token), revoked_at__isnull=True, user__is_active=True)
        .first()
    )
    if known is None:
        raise Unauthenticated
    now = now or timezone.now()
    # Not at every request of a program that polls: a write costs more than all the rest.
    if known.last_used_at is None or known.last_used_at < now - _USE_IS_NOTED_EVERY:
        ApiToken.objects.filter(pk=known.pk).update(last_used_at=now)
    return known.user


def tokens_of(user: User) -> QuerySet[ApiToken]:
    """Return the person's tokens that are good, the newest first."""
    return ApiToken.objects.filter(user=user, revoked_at__isnull=True).order_by("-created_at")


def revoke_token(user: User, token_id: int, now: datetime) -> bool:
    """Revoke one of the person's tokens; return whether there was such a one."""
    return bool(tokens_of(user).filter(pk=token_id).update(revoked_at=now))


def tell_staff(subject: str, text: str) -> None:
    """Have a mail sent to staff, once the running transaction commits."""
    queue.defer("accounts.send_staff_mail", queue=queue.MAIL, subject=subject, text=text)


def export_of(user: User) -> dict[str, Any]:
    """Return everything that we know about a person, by part; see `personal`."""
    from assay.server.accounts import personal  # noqa: PLC0415 - it needs the other apps' models

    return personal.export_of(user)
