"""Signing a program in on a device: the device authorization grant.

The program asks for a pair of codes, shows the short one to its user and polls with
the long one; the user types the short one on a page of ours, signed in, and allows it.

Reference: https://www.rfc-editor.org/rfc/rfc8628
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from assay.errors import AssayError, NotFound
from assay.messages import N_
from assay.server.accounts.models import DeviceGrant, User
from assay.server.accounts.services import create_token, digest_of

LIFETIME = timedelta(minutes=15)
INTERVAL = 3  # seconds between two questions of a program
# No vowels, so no words; nothing that looks like something else (0 O, 1 I L, 2 Z, 5 S, 8 B).
ALPHABET = "CDFGHJKMNPQRTVWXY3467"
LENGTH = 8  # 21**8 ≈ 3.8e10 codes, of which a person may try ten in five minutes
_DRAWS = 5  # a code that is taken already is drawn again


class NoSuchCode(NotFound):
    """Nobody waits with this code."""

    code = "no_such_device_code"
    message = N_("No program waits with the code {received}.")
    remedy = N_("Compare it with what your program shows. It is good for 15 minutes.")


class GrantError(AssayError):
    """Why a program gets no token (RFC 8628, 3.5); `oauth` is the code of the standard."""

    oauth = "invalid_grant"


class UnknownGrant(GrantError):
    """It asks for a token in another way than this."""

    code = oauth = "unsupported_grant_type"
    message = N_("The grant type is {received}; {expected} is expected.")
    remedy = N_("Upgrade first: pip install --upgrade assay")


class Pending(GrantError):
    """Its user has not decided yet."""

    code = oauth = "authorization_pending"
    message = N_("Nobody has allowed it yet.")
    remedy = N_("Ask again in {interval} seconds.")


class SlowDown(GrantError):
    """It asks too often."""

    code = oauth = "slow_down"
    message = N_("That was asked too soon again.")
    remedy = N_("Ask again in {interval} seconds.")


class Expired(GrantError):
    """Its codes are too old, used or unknown."""

    code = oauth = "expired_token"
    message = N_("The code has expired, or its token was collected already.")
    remedy = N_("Begin again with: assay login SERVER")


class Denied(GrantError):
    """Its user said no."""

    code = oauth = "access_denied"
    message = N_("The sign-in was refused in the browser.")
    remedy = N_("Begin again with: assay login SERVER")


@dataclass(frozen=True, kw_only=True)
class Codes:
    """What a program gets to begin with."""

    device_code: str
    user_code: str  # with its hyphen
    expires_in: int  # seconds
    interval: int  # seconds


def begin(name: str, now: datetime) -> Codes:
    """Return a new pair of codes for a program that calls itself `name`."""
    DeviceGrant.objects.filter(expires_at__lt=now).delete()
    device_code = secrets.token_urlsafe(32)
    for _ in range(_DRAWS):
        user_code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        try:
            with transaction.atomic():
                DeviceGrant.objects.create(
                    digest=digest_of(device_code),
                    user_code=user_code,
                    name=name,
                    created_at=now,
                    expires_at=now + LIFETIME,
                )
        except IntegrityError:
            continue
        return Codes(
            device_code=device_code,
            user_code=shown(user_code),
            expires_in=int(LIFETIME.total_seconds()),
            interval=INTERVAL,
        )
    raise AssertionError("five codes in a row are taken")


def shown(user_code: str) -> str:
    """Return a code as it is shown: in two halves."""
    return f"{user_code[: LENGTH // 2]}-{user_code[LENGTH // 2 :]}"


def find(typed: str, now: datetime) -> DeviceGrant:
    """Return what waits with a code, however it was typed.

    Raises:
        NoSuchCode: Nothing does.
    """
    user_code = "".join(letter for letter in typed.upper() if letter.isalnum())
    grant = DeviceGrant.objects.filter(
        user_code=user_code, state=DeviceGrant.State.WAITING, expires_at__gt=now
    ).first()
    if grant is None:
        raise NoSuchCode(received=shown(user_code)[:20])
    return grant


@transaction.atomic
def decide(typed: str, user: User, *, allow: bool, now: datetime) -> DeviceGrant:
    """Let the program that waits with a code act for `user`, or refuse it.

    Raises:
        NoSuchCode: Nothing waits with the code any more.
    """
    grant = DeviceGrant.objects.select_for_update().get(pk=find(typed, now).pk)
    if grant.state != DeviceGrant.State.WAITING:
        raise NoSuchCode(received=shown(grant.user_code))
    grant.state = DeviceGrant.State.ALLOWED if allow else DeviceGrant.State.REFUSED
    grant.user = user
    grant.save(update_fields=["state", "user"])
    return grant


def collect(device_code: str, now: datetime) -> str:
    """Return the token that a program has waited for; it can be collected once.

    Raises:
        GrantError: There is none: pending, too soon, refused or expired.
    """
    with transaction.atomic():
        grant = (
            DeviceGrant.objects.select_for_update()
            .filter(digest=digest_of(device_code), expires_at__gt=now)
            .first()
        )
        problem = _problem(grant, now)
        if grant is not None and isinstance(problem, Pending | SlowDown):
            grant.polled_at = now
            grant.save(update_fields=["polled_at"])
        elif grant is not None:
            grant.delete()
            if problem is None and grant.user is not None and grant.user.is_active:
                return create_token(grant.user, now, grant.name)
    raise problem or Expired()


def _problem(grant: DeviceGrant | None, now: datetime) -> GrantError | None:
    if grant is None:
        return Expired()
    if grant.state == DeviceGrant.State.REFUSED:
        return Denied()
    if grant.state == DeviceGrant.State.ALLOWED:
        return None
    # A second's grace: the network may bring two questions closer together.
    too_soon = timedelta(seconds=INTERVAL - 1)
    if grant.polled_at is not None and now - grant.polled_at < too_soon:
        return SlowDown(interval=INTERVAL + 2)
    return Pending(interval=INTERVAL)
