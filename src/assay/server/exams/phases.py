"""The phase of a sitting: a pure function of its times and of now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from assay.wire import Phase


@dataclass(frozen=True, kw_only=True)
class SittingTimes:
    """All that a sitting's phase depends on. Every datetime is aware."""

    valid_until: datetime  # of the registration; the clock must be started before it
    prepared_at: datetime | None = None  # all variants are drawn
    started_at: datetime | None = None
    ended_at: datetime | None = None  # by the candidate
    closed_at: datetime | None = None  # the result is final
    voided_at: datetime | None = None  # annulled by staff
    duration: timedelta  # of the blueprint
    time_factor: float = 1.0  # accommodation
    added: timedelta = timedelta()  # by staff, for the platform's outages

    @property
    def deadline(self) -> datetime | None:
        """When the clock runs out; None before Start."""
        if self.started_at is None:
            return None
        return self.started_at + self.duration * self.time_factor + self.added

    @property
    def over_at(self) -> datetime | None:
        """When the sitting ends or ended, by its candidate or by its clock; None before Start."""
        if self.deadline is None or self.ended_at is None:
            return self.deadline
        return min(self.ended_at, self.deadline)


def phase(times: SittingTimes, now: datetime) -> Phase:
    """Return where a sitting is at `now`.

    Every interval holds its beginning and not its end: at the deadline itself
    the sitting is over, and at `valid_until` the registration is not valid any
    more.
    """
    over_at = times.over_at
    if times.voided_at is not None and times.voided_at <= now:
        return Phase.VOID
    if over_at is None:
        if now >= times.valid_until:
            return Phase.LAPSED
        prepared = times.prepared_at is not None and times.prepared_at <= now
        return Phase.READY if prepared else Phase.PREPARING
    if now < over_at:
        return Phase.RUNNING
    closed = times.closed_at is not None and times.closed_at <= now
    return Phase.CLOSED if closed else Phase.CLOSING


def in_time(times: SittingTimes, arrived_at: datetime, grace: timedelta) -> bool:
    """Return whether a submission counts whose last byte arrived at `arrived_at`.

    The grace is for uploads that the clock ran out on. It does not hold once
    the candidate has ended the sitting: nothing can be in flight by accident.

    Args:
        times: The sitting's times.
        arrived_at: When the last byte arrived; when the upload began does not matter.
        grace: The blueprint's `upload_grace_seconds`.
    """
    if times.started_at is None or times.deadline is None or times.voided_at is not None:
        return False
    if arrived_at < times.started_at:
        return False
    if times.ended_at is not None and times.ended_at < times.deadline:
        return arrived_at < times.ended_at
    return arrived_at <= times.deadline + grace
