"""Stopping a sitting's clock and letting it go on: by staff, or by the candidate."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from assay.server.accounts.models import User
from assay.server.exams.announcing import announce, sitting_key
from assay.server.exams.errors import NoPauseLeft
from assay.server.exams.models import ClockStop, Registration, Sitting
from assay.server.exams.phases import phase
from assay.server.exams.services.sittings import locked, not_running
from assay.wire import Phase, StopKind

TICKING = frozenset({Phase.RUNNING, Phase.PAUSED})  # the clock was started and has not run out
_SEEN_EVERY = timedelta(seconds=20)  # a sign of life is written down at most this often


def ticking(now: datetime) -> list[Sitting]:
    """Return the sittings that were started and are not over at `now`, stopped ones included."""
    found = (
        Sitting.objects.filter(started_at__lte=now, closed_at__isnull=True, voided_at__isnull=True)
        .select_related("registration__candidate")
        .prefetch_related("stops")
        .order_by("started_at", "id")
    )
    return [sitting for sitting in found if phase(sitting.times, now) in TICKING]


def stop_clock(sittings: Iterable[Sitting], by: User, now: datetime, note: str) -> list[Sitting]:
    """Stop the clocks of sittings until `resume_clock`; for staff.

    Args:
        sittings: One, some, or all that are `ticking`.
        by: Who does it.
        now: From when on.
        note: Why; the candidates read it.

    Returns:
        The sittings whose clocks were stopped: those that run and that staff had not
        stopped before.
    """
    stopped = []
    for sitting_id in _ids(sittings):
        with transaction.atomic():
            sitting = locked(sitting_id)
            if phase(sitting.times, now) not in TICKING or _open(sitting, StopKind.STAFF):
                continue
            ClockStop.objects.create(
                sitting=sitting, kind=StopKind.STAFF.value, began_at=now, note=note, by=by
            )
            announce(sitting_key(sitting.id))
            stopped.append(sitting)
    return stopped


def resume_clock(sittings: Iterable[Sitting], now: datetime) -> list[Sitting]:
    """Let clocks go on that staff have stopped; for staff.

    An outage or a candidate's own pause goes on: it has its own end.

    Returns:
        The sittings that staff had stopped.
    """
    resumed = []
    for sitting_id in _ids(sittings):
        with transaction.atomic():
            sitting = locked(sitting_id)
            stop = _open(sitting, StopKind.STAFF)
            if stop is None:
                continue
            stop.ended_at = max(now, stop.began_at)
            stop.save(update_fields=["ended_at"])
            announce(sitting_key(sitting.id))
            resumed.append(sitting)
    return resumed


def _ids(sittings: Iterable[Sitting]) -> list[UUID]:
    """Return the sittings' ids in an order in which nobody waits for anybody in a circle."""
    return sorted({sitting.id for sitting in sittings})


def _open(sitting: Sitting, kind: StopKind) -> ClockStop | None:
    return sitting.stops.filter(kind=kind.value, ended_at__isnull=True).first()


@transaction.atomic
def add_time(sitting_id: UUID, seconds: float, now: datetime) -> Sitting:
    """Give a sitting more time on its clock, or take back what was given; for staff.

    A sitting that is over but not closed runs again if the time suffices.

    Raises:
        NotAllowed: It was never started, is closed, or was annulled.
    """
    sitting = locked(sitting_id)
    current = phase(sitting.times, now)
    if current not in {*TICKING, Phase.CLOSING}:
        raise not_running(sitting, current)
    sitting.added_seconds = max(sitting.added_seconds + seconds, 0.0)
    sitting.save(update_fields=["added_seconds"])
    announce(sitting_key(sitting.id))
    return sitting


@transaction.atomic
def accommodate(registration_id: UUID, *, time_factor: float, pause_minutes: int) -> Registration:
    """Grant a candidate accommodations, also while their clock runs; for staff.

    Args:
        registration_id: The registration.
        time_factor: Multiplies the exam's duration, 1 or more.
        pause_minutes: For so long the candidate may stop the clock by themselves.
    """
    registration = Registration.objects.select_for_update().get(id=registration_id)
    registration.time_factor = time_factor
    registration.pause_minutes = pause_minutes
    registration.save(update_fields=["time_factor", "pause_minutes"])
    for sitting in Sitting.objects.select_for_update().filter(
        registration=registration, closed_at__isnull=True
    ):
        sitting.time_factor = time_factor
        sitting.pause_minutes = pause_minutes
        sitting.save(update_fields=["time_factor", "pause_minutes"])
        announce(sitting_key(sitting.id))
    return registration


@transaction.atomic
def pause(sitting_id: UUID, now: datetime) -> Sitting:
    """Stop the clock for as long as the candidate's pauses allow, at the most.

    Raises:
        NoPauseLeft: None was granted, or it is used up.
        NotAllowed: The clock does not run.
    """
    sitting = locked(sitting_id)
    times = sitting.times
    current = phase(times, now)
    if current not in TICKING:
        raise not_running(sitting, current)
    if _own_pause(sitting, now) is not None:
        return sitting
    left = times.pause_left(now)
    if left <= timedelta():
        raise NoPauseLeft(granted=sitting.pause_minutes)
    ClockStop.objects.create(
        sitting=sitting, kind=StopKind.PAUSE.value, began_at=now, ended_at=now + left
    )
    announce(sitting_key(sitting.id))
    return sitting


@transaction.atomic
def end_pause(sitting_id: UUID, now: datetime) -> Sitting:
    """Let the clock go on that the candidate has stopped; otherwise nothing happens."""
    sitting = locked(sitting_id)
    stop = _own_pause(sitting, now)
    if stop is not None:
        stop.ended_at = now
        stop.save(update_fields=["ended_at"])
        announce(sitting_key(sitting.id))
    return sitting


def _own_pause(sitting: Sitting, now: datetime) -> ClockStop | None:
    return sitting.stops.filter(
        kind=StopKind.PAUSE.value, began_at__lte=now, ended_at__gt=now
    ).first()


def seen(sitting: Sitting, now: datetime) -> None:
    """Note that the sitting's candidate is there."""
    if sitting.seen_at is None or now - sitting.seen_at >= _SEEN_EVERY:
        sitting.seen_at = now
        Sitting.objects.filter(pk=sitting.pk).update(seen_at=now)
