"""Outages of ours stop every clock by themselves.

The parts without which nobody can sit an exam give a sign of life every few
seconds, into the database. Each of them looks at the others' when it gives its
own: as soon as one has been silent for too long, the clocks stand from its last
sign on, and they go on when all have been heard of. After a machine was down as
a whole, the first part that comes back finds everybody silent, itself included.
So a gap is found by whoever lives, before any sitting is closed, and found once:
the signs and the stops are written in one transaction.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction

from assay.server.exams.announcing import announce, sitting_key
from assay.server.exams.models import ClockStop, Pulse, Sitting
from assay.server.exams.phases import phase
from assay.server.exams.services.clock import TICKING
from assay.wire import StopKind

WEB = "web"
GRADER = "grader"
PARTS = (GRADER, WEB)
BEAT_SECONDS = 3.0  # between two signs of life
SILENCE = timedelta(seconds=15)  # a longer gap is an outage

logger = logging.getLogger(__name__)


@transaction.atomic
def beat(part: str, now: datetime) -> None:
    """Give a sign of life, and stop or release the clocks as the signs of all parts say.

    Any number of processes on any number of machines may be the same part: it
    lives as long as one of them does.

    Args:
        part: One of `PARTS`.
        now: The current time.
    """
    Pulse.objects.bulk_create(
        [Pulse(part=each, beat_at=now) for each in PARTS], ignore_conflicts=True
    )
    # Locked in one order, so that all beats are one after the other.
    pulses = {p.part: p for p in Pulse.objects.select_for_update().order_by("part")}
    silent = [p.beat_at for p in pulses.values() if now - p.beat_at > SILENCE]
    if silent:
        _stop_all(min(silent), now)
    pulses[part].beat_at = max(now, pulses[part].beat_at)
    pulses[part].save(update_fields=["beat_at"])
    if all(now - pulses[each].beat_at <= SILENCE for each in PARTS):
        _release_all(now)


def _stop_all(since: datetime, now: datetime) -> None:
    """Stop the clocks of all sittings that ran since `since`, from then on."""
    candidates = (
        Sitting.objects.filter(
            started_at__lte=now,
            ended_at__isnull=True,
            closed_at__isnull=True,
            voided_at__isnull=True,
        )
        .exclude(stops__kind=StopKind.OUTAGE.value, stops__ended_at__isnull=True)
        .select_related("registration")
        .prefetch_related("stops")
    )
    stops = []
    for sitting in candidates:
        assert sitting.started_at is not None
        began_at = max(since, sitting.started_at)
        if phase(sitting.times, began_at) in TICKING:
            stops.append(ClockStop(sitting=sitting, kind=StopKind.OUTAGE.value, began_at=began_at))
    if stops:
        ClockStop.objects.bulk_create(stops, ignore_conflicts=True)
        announce(*(sitting_key(stop.sitting_id) for stop in stops))
        logger.warning("An outage since %s has stopped %d clocks", since, len(stops))


def _release_all(now: datetime) -> None:
    open_stops = ClockStop.objects.filter(kind=StopKind.OUTAGE.value, ended_at__isnull=True)
    sittings = list(open_stops.values_list("sitting_id", flat=True))
    if sittings:
        open_stops.filter(sitting_id__in=sittings).update(ended_at=now)
        announce(*(sitting_key(sitting_id) for sitting_id in sittings))
        logger.warning("The outage is over; %d clocks go on", len(sittings))
