"""Whether a registration may open a sitting: a pure function that returns the obstacle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dateutil.relativedelta import relativedelta

from assay.errors import AssayError
from assay.items.blueprint import WaitYaml
from assay.server.exams.errors import (
    AnotherSittingOpen,
    IdentityNotConfirmed,
    RegistrationExpired,
    RegistrationUsed,
    RegistrationVoid,
    RetakeWait,
    stamp,
)


@dataclass(frozen=True, kw_only=True)
class History:
    """All that eligibility depends on. Every datetime is aware."""

    valid_until: datetime  # of the registration
    cleared: bool = True  # the candidate's identity is confirmed, or nobody asks for it
    void_reason: str | None = None  # staff have annulled the registration
    used_at: datetime | None = None  # the end of the registration's own sitting
    open_sitting: str | None = None  # another sitting of the candidate that is not over
    failed_at: tuple[datetime, ...] = ()
    # ends of the candidate's failed sittings of this exam since the last passed one, in order
    waits: tuple[WaitYaml, ...] = ()  # of the blueprint


def wait_ends_at(failed_at: Sequence[datetime], waits: Sequence[WaitYaml]) -> datetime | None:
    """Return when the wait after the last failure ends.

    Args:
        failed_at: Ends of the failed sittings, in order.
        waits: After the first, second, … failure; the last one repeats. Months and
            years are the calendar's: a month after 31 January is the last of February.

    Returns:
        The first moment at which a sitting may be opened; None if nothing was failed.
    """
    if not failed_at:
        return None
    if not waits:
        return failed_at[-1]
    wait = waits[min(len(failed_at), len(waits)) - 1]
    return failed_at[-1] + relativedelta(days=wait.days, months=wait.months, years=wait.years)


def obstacle(history: History, now: datetime) -> AssayError | None:
    """Return why a sitting cannot be opened at `now`; None if it can."""
    spent = _spent(history, now)
    if spent is not None:
        return spent
    if not history.cleared:
        return IdentityNotConfirmed()
    if history.open_sitting is not None:
        return AnotherSittingOpen(sitting=history.open_sitting)
    eligible_from = wait_ends_at(history.failed_at, history.waits)
    if eligible_from is not None and now < eligible_from:
        return RetakeWait(failures=len(history.failed_at), eligible_from=stamp(eligible_from))
    return None


def _spent(history: History, now: datetime) -> AssayError | None:
    """Return why the registration is good for nothing any more; None if it is."""
    if history.void_reason is not None:
        return RegistrationVoid(reason=history.void_reason)
    if history.used_at is not None:
        return RegistrationUsed(ended_at=stamp(history.used_at))
    if now >= history.valid_until:
        return RegistrationExpired(valid_until=stamp(history.valid_until))
    return None
