"""The phase of a sitting: a pure function of its times and of now.

The clock runs from Start and stands during stops. What a stop takes is given
back: the deadline moves by the time that the clock stood. Stops may overlap;
a moment counts once. All is computed in UTC, so no change to daylight-saving
time adds or takes an hour.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from assay.wire import Phase, StopKind

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Stop:
    """A while in which the clock stands: its beginning belongs to it, its end does not."""

    kind: StopKind
    began_at: datetime
    ended_at: datetime | None = None  # None while nobody knows

    def holds(self, moment: datetime) -> bool:
        """Return whether the stop covers `moment`."""
        return self.began_at <= moment and (self.ended_at is None or moment < self.ended_at)


def _merged(stops: Iterable[Stop], start: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the union of `stops` since `start` as intervals, in order; no end is `_NEVER`."""
    current: tuple[datetime, datetime] | None = None
    for stop in sorted(stops, key=lambda stop: stop.began_at.astimezone(UTC)):
        begin = max(stop.began_at.astimezone(UTC), start)
        end = _NEVER if stop.ended_at is None else stop.ended_at.astimezone(UTC)
        if end <= begin:
            continue
        if current is None:
            current = begin, end
        elif begin <= current[1]:
            current = current[0], max(current[1], end)
        else:
            yield current
            current = begin, end
    if current is not None:
        yield current


def _standing(stops: Iterable[Stop], start: datetime, until: datetime) -> timedelta:
    """Return for how long the clock stood between `start` and `until`."""
    spans = (max(min(end, until) - begin, timedelta()) for begin, end in _merged(stops, start))
    return sum(spans, timedelta())


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
    added: timedelta = timedelta()  # by staff, on top of what the stops give
    pauses: timedelta = timedelta()  # accommodation: for so long the candidate may stop the clock
    stops: tuple[Stop, ...] = ()

    @property
    def length(self) -> timedelta:
        """For how long the clock runs, all in all."""
        return self.duration * self.time_factor + self.added

    @property
    def runs_out_at(self) -> datetime | None:
        """When the clock runs out, `datetime.max` while nobody knows; None before Start.

        A stop that begins when the clock has run out comes too late.
        """
        if self.started_at is None:
            return None
        start = self.started_at.astimezone(UTC)
        moment = start + self.length
        for begin, end in _merged(self.stops, start):
            if begin >= moment:
                break
            if end == _NEVER:
                return _NEVER
            moment += end - begin
        return moment

    @property
    def deadline(self) -> datetime | None:
        """When the clock runs out; None before Start and while nobody knows."""
        moment = self.runs_out_at
        return None if moment == _NEVER else moment

    @property
    def over_at(self) -> datetime | None:
        """When the sitting ends or ended, by its candidate or by its clock.

        None before Start, and while the clock stands and nobody knows for how long.
        """
        if self.ended_at is None or self.runs_out_at is None:
            return self.deadline
        return min(self.ended_at.astimezone(UTC), self.runs_out_at)

    def remaining(self, now: datetime) -> timedelta | None:
        """Return the time that is left on the clock at `now`; None before Start."""
        if self.started_at is None:
            return None
        start = self.started_at.astimezone(UTC)
        until = min(now.astimezone(UTC), self.over_at or _NEVER)
        used = max(until - start, timedelta()) - _standing(self.stops, start, until)
        return max(self.length - used, timedelta())

    def stop_at(self, now: datetime) -> Stop | None:
        """Return the stop because of which the clock stands at `now`.

        Of several, one of ours comes before the candidate's own.
        """
        holding = [stop for stop in self.stops if stop.holds(now)]
        return min(holding, key=lambda stop: stop.kind is StopKind.PAUSE, default=None)

    def pause_left(self, now: datetime) -> timedelta:
        """Return for how long the candidate may still stop the clock by themselves.

        What falls into a stop of ours costs nothing of it.
        """
        if self.started_at is None:
            return self.pauses
        start, until = self.started_at.astimezone(UTC), now.astimezone(UTC)
        ours = [stop for stop in self.stops if stop.kind is not StopKind.PAUSE]
        taken = _standing(self.stops, start, until) - _standing(ours, start, until)
        return max(self.pauses - taken, timedelta())


def phase(times: SittingTimes, now: datetime) -> Phase:
    """Return where a sitting is at `now`.

    Every interval holds its beginning and not its end: at the deadline itself
    the sitting is over, and at `valid_until` the registration is not valid any
    more.
    """
    if times.voided_at is not None and times.voided_at <= now:
        return Phase.VOID
    if times.started_at is None:
        if now >= times.valid_until:
            return Phase.LAPSED
        prepared = times.prepared_at is not None and times.prepared_at <= now
        return Phase.READY if prepared else Phase.PREPARING
    over_at = times.over_at
    if over_at is None or now < over_at:
        return Phase.RUNNING if times.stop_at(now) is None else Phase.PAUSED
    closed = times.closed_at is not None and times.closed_at <= now
    return Phase.CLOSED if closed else Phase.CLOSING


def in_time(times: SittingTimes, arrived_at: datetime, grace: timedelta) -> bool:
    """Return whether a submission counts whose last byte arrived at `arrived_at`.

    The grace is for uploads that the clock ran out on. It does not hold once
    the candidate has ended the sitting: nothing can be in flight by accident.
    While the clock stands by our doing submissions count; during a candidate's
    own pause none do, but for those in flight when it began.

    Args:
        times: The sitting's times.
        arrived_at: When the last byte arrived; when the upload began does not matter.
        grace: The blueprint's `upload_grace_seconds`.
    """
    runs_out_at = times.runs_out_at
    if times.started_at is None or runs_out_at is None or times.voided_at is not None:
        return False
    if arrived_at < times.started_at:
        return False
    if times.ended_at is not None and times.ended_at < runs_out_at:
        return arrived_at < times.ended_at
    stop = times.stop_at(arrived_at)
    if stop is not None and stop.kind is StopKind.PAUSE and arrived_at - stop.began_at > grace:
        return False
    return runs_out_at == _NEVER or arrived_at <= runs_out_at + grace
