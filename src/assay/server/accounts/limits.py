"""How often somebody may do something.

    limits.spend("submit", str(candidate.pk), SUBMIT, now)

Counted in the database, in one statement, so that any number of web processes
share the count. It is the generic cell rate algorithm: an allowance of `most` that
refills evenly within `seconds`.

Reference: https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
"""

from __future__ import annotations

import hashlib
import math
import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.account.adapter import get_adapter
from django.db import connection
from django.http import HttpRequest

from assay.errors import AssayError
from assay.messages import N_
from assay.server.accounts.models import Allowance

_SWEEP_CHANCE = 1 / 500  # of a call to delete what is refilled anyway


class TooManyRequests(AssayError):
    """Somebody asks more often than the server allows."""

    code = "too_many_requests"
    message = N_("That was too often: at most {most} times in {seconds} seconds.")
    remedy = N_("Wait {wait} seconds, then try again.")


@dataclass(frozen=True, kw_only=True)
class Limit:
    """An allowance that refills evenly."""

    most: int  # at once
    seconds: float  # from empty to full

    @property
    def pause(self) -> timedelta:
        """The time in which one use refills."""
        return timedelta(seconds=self.seconds / self.most)


SUBMIT = Limit(most=120, seconds=60)  # uploads of one person: no person is as fast, a loop is
DEVICE_CODE = Limit(most=20, seconds=600)  # codes that one address asks for
DEVICE_ENTRY = Limit(most=10, seconds=300)  # codes that one person types in
DEVICE_POLL = Limit(most=120, seconds=60)  # questions from one address for a token
EXPORT = Limit(most=5, seconds=3600)  # copies of one person's data


def spend(what: str, who: str, limit: Limit, now: datetime) -> None:
    """Use one of an allowance.

    Args:
        what: Names the limit, such as `submit`.
        who: Whom it is counted for: a person's number or a network address.
        limit: The allowance.
        now: The current time.

    Raises:
        TooManyRequests: It is used up; the parameter `wait` says for how many seconds.
    """
    key = f"{what}:{hashlib.sha256(who.encode()).hexdigest()[:32]}"
    full = timedelta(seconds=limit.seconds)
    with connection.cursor() as cursor:
        cursor.execute(
            # The row is locked from the check to the write, whoever else comes.
            "INSERT INTO accounts_allowance AS a (key, spent_until) VALUES (%(key)s, %(first)s)"
            " ON CONFLICT (key) DO UPDATE"
            " SET spent_until = GREATEST(a.spent_until + %(one)s * interval '1 s', %(first)s)"
            " WHERE a.spent_until + %(one)s * interval '1 s' <= %(full)s"
            " RETURNING 1",
            {
                "key": key,
                "one": limit.pause.total_seconds(),
                "first": now + limit.pause,
                "full": now + full,
            },
        )
        allowed = cursor.fetchone() is not None
    if random.random() < _SWEEP_CHANCE:  # noqa: S311 - no secret
        Allowance.objects.filter(spent_until__lt=now).delete()
    if not allowed:
        row = Allowance.objects.filter(pk=key).first()
        until = now + limit.pause if row is None else row.spent_until + limit.pause - full
        raise TooManyRequests(
            most=limit.most,
            seconds=math.ceil(limit.seconds),
            wait=max(1, math.ceil((until - now).total_seconds())),
        )


def client_address(request: HttpRequest) -> str:
    """Return the network address of who asks.

    `X-Forwarded-For` is believed only as far as ASSAY_PROXIES says.
    """
    return str(get_adapter(request).get_client_ip(request))
