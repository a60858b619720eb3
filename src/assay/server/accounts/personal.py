"""What we know about a person: a copy of it for them, and its deletion.

Each app says what it keeps in a module `personal`, which is found by its name
(`<app>/personal.py`):

    @personal.exporter("exams")
    def exams(user: User) -> Any: ...          # what json.dumps takes; times may be datetimes

    @personal.obstacle
    def running(user: User, now: datetime) -> AssayError | None: ...   # why not now

    @personal.name_obstacle
    def sitting(user: User, now: datetime) -> AssayError | None: ...   # why the name stays

    @personal.eraser
    def forget(user: User, now: datetime) -> None: ...   # inside the transaction
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from assay.errors import AssayError
from assay.server.accounts.models import ApiToken, DeviceGrant, OutgoingMail, User

Exporter = Callable[[User], Any]
Obstacle = Callable[[User, datetime], AssayError | None]
Eraser = Callable[[User, datetime], None]

_exporters: dict[str, Exporter] = {}
_obstacles: list[Obstacle] = []
_name_obstacles: list[Obstacle] = []
_erasers: list[Eraser] = []
# An address that can never get mail (RFC 2606) and belongs to nobody.
_ERASED_ADDRESS = "deleted-{pk}@deleted.invalid"


def exporter(part: str) -> Callable[[Exporter], Exporter]:
    """Register what returns an app's part of the copy, under the name `part`."""

    def register(function: Exporter) -> Exporter:
        _exporters[part] = function
        return function

    return register


def obstacle(function: Obstacle) -> Obstacle:
    """Register what says why a person cannot be deleted at present."""
    _obstacles.append(function)
    return function


def name_obstacle(function: Obstacle) -> Obstacle:
    """Register what says why a person's name cannot be changed at present."""
    _name_obstacles.append(function)
    return function


def eraser(function: Eraser) -> Eraser:
    """Register what deletes an app's personal data."""
    _erasers.append(function)
    return function


def export_of(user: User) -> dict[str, Any]:
    """Return everything that we know about a person, by part."""
    return {part: _exporters[part](user) for part in sorted(_exporters)}


def archive_of(user: User) -> bytes:
    """Return the same as a ZIP with a JSON file for each part."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in export_of(user).items():
            text = json.dumps(content, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
            archive.writestr(f"{part}.json", text)
    return buffer.getvalue()


def obstacles_to_erasure(user: User, now: datetime) -> Iterator[AssayError]:
    """Yield why a person cannot be deleted at present."""
    for find in _obstacles:
        error = find(user, now)
        if error is not None:
            yield error


def name_obstacles(user: User, now: datetime) -> Iterator[AssayError]:
    """Yield why a person's name cannot be changed at present."""
    for find in _name_obstacles:
        error = find(user, now)
        if error is not None:
            yield error


@transaction.atomic
def erase(user: User, now: datetime) -> None:
    """Delete what is known about a person; what must be kept names nobody any more.

    The row of the user stays, without name and address, since results of exams
    refer to it. Issued certificates are documents of their own and stay as they are.

    Raises:
        AssayError: Not at present, such as while a sitting runs.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    for error in obstacles_to_erasure(user, now):
        raise error
    for forget in _erasers:
        forget(user, now)
    OutgoingMail.objects.filter(to=user.email).delete()
    for model in (ApiToken, DeviceGrant, EmailAddress, Authenticator, SocialAccount):
        model.objects.filter(user=user).delete()
    sessions = UserSession.objects.filter(user=user)
    Session.objects.filter(session_key__in=sessions.values_list("session_key", flat=True)).delete()
    sessions.delete()
    user.groups.clear()
    user.user_permissions.clear()
    user.email = _ERASED_ADDRESS.format(pk=user.pk)
    user.name = ""
    user.is_active = user.is_staff = user.is_superuser = False
    user.erased_at = now
    user.set_unusable_password()
    user.save()


@exporter("account")
def account(user: User) -> dict[str, Any]:
    """Return who the person is and how they sign in; no secrets."""
    factors = Authenticator.objects.filter(user=user)
    tokens = ApiToken.objects.filter(user=user)
    return {
        "email": user.email,
        "name": user.name,
        "language": user.language,
        "joined_at": user.joined_at,
        "last_signed_in_at": user.last_login,
        "email_addresses": list(
            EmailAddress.objects.filter(user=user).values("email", "verified", "primary")
        ),
        "second_factors": list(factors.values("type", "created_at", "last_used_at")),
        "sign_in_by": list(
            SocialAccount.objects.filter(user=user).values(
                "provider", "uid", "extra_data", "date_joined", "last_login"
            )
        ),
        "sessions": list(
            UserSession.objects.filter(user=user).values(
                "ip", "user_agent", "created_at", "last_seen_at"
            )
        ),
        "programs": list(tokens.values("name", "created_at", "last_used_at", "revoked_at")),
    }
