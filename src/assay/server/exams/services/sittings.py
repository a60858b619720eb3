"""Opening, starting and ending a sitting."""

from __future__ import annotations

import base64
import logging
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from assay.server.accounts.models import User
from assay.server.exams.announcing import announce, sitting_key
from assay.server.exams.bank import bank
from assay.server.exams.draw import draw
from assay.server.exams.eligibility import obstacle
from assay.server.exams.errors import (
    IdentityNotConfirmed,
    PreparationFailed,
    RegistrationExpired,
    SittingNotFound,
    SittingNotStarted,
    SittingOver,
    SittingPaused,
    SittingVoid,
    TasksNotReady,
    UnknownSlot,
    stamp,
)
from assay.server.exams.models import DrawnTask, Registration, Sitting
from assay.server.exams.phases import phase
from assay.server.exams.services import preparation
from assay.server.exams.services.registrations import (
    OPEN,
    history_of,
    locked_registration,
    plan_of,
    pledge,
    sitting_of,
)
from assay.wire import Phase

logger = logging.getLogger(__name__)


@transaction.atomic
def open_sitting(registration: Registration, now: datetime) -> Sitting:
    """Open the registration's sitting, or return the open one.

    The items and seeds are drawn and frozen at once; the variants are made by
    jobs in the background. None of it costs the candidate exam time.

    Raises:
        NotAllowed: The registration is used or expired, or a retake wait runs.
        Conflict: Another sitting of the candidate is open.
    """
    # All of a candidate's registrations are opened one after the other.
    User.objects.select_for_update().get(pk=registration.candidate_id)
    locked_registration(registration.pk)
    registration.refresh_from_db()
    sitting = sitting_of(registration)
    if sitting is not None and phase(sitting.times, now) in OPEN:
        preparation.try_again(sitting)
        return sitting
    problem = obstacle(history_of(registration, now), now)
    if problem is not None:
        raise problem
    plan = plan_of(registration)
    sitting = Sitting.objects.create(
        registration=registration,
        blueprint=plan.model_dump(mode="json", by_alias=True),
        opened_at=now,
        duration_seconds=plan.duration_minutes * 60,
        time_factor=registration.time_factor,
        pause_minutes=registration.pause_minutes,
    )
    _draw_tasks(sitting)
    return sitting


def _draw_tasks(sitting: Sitting) -> None:
    candidate = sitting.registration.candidate_id
    seen = set(
        DrawnTask.objects.filter(sitting__registration__candidate_id=candidate)
        .exclude(sitting=sitting)
        .values_list("item", flat=True)
    )
    secret, identity = settings.DRAW_SECRET, sitting.id
    if settings.DRAW_SEED is not None:  # a demonstration repeats itself
        secret, identity = settings.DRAW_SEED, UUID(int=Sitting.objects.count())
        logger.warning("Drawn by ASSAY_SEED: anybody can foretell items and variants")
    for slot in sitting.plan.slots:
        drawn = draw(
            secret=secret,
            sitting=identity,
            slot=slot.name,
            pool=bank().pool(sitting.plan, slot),
            seen=seen,
        )
        seen.add(drawn.item)  # slots with pools in common get different items
        item = bank().item(drawn.item)
        task = DrawnTask.objects.create(
            sitting=sitting,
            slot=slot.name,
            item=drawn.item,
            item_uuid=item.spec.uuid,
            seed=drawn.seed,
            spec=item.spec.model_dump(mode="json", by_alias=True),
        )
        preparation.order(task)


def sitting_by_id(candidate: User, sitting_id: UUID) -> Sitting:
    """Return one sitting of a candidate.

    Raises:
        SittingNotFound: There is none, or it is somebody else's.
    """
    found = (
        Sitting.objects.owned_by(candidate.pk)
        .select_related("registration")
        .prefetch_related("stops")
        .filter(id=sitting_id)
        .first()
    )
    if found is None:
        raise SittingNotFound
    return found


def task_of(sitting: Sitting, slot: str) -> DrawnTask:
    """Return the task in a slot of a sitting.

    Raises:
        UnknownSlot: The exam has no such slot.
    """
    tasks = {task.slot: task for task in sitting.tasks.all()}
    if slot not in tasks:
        raise UnknownSlot(slot=slot, known=", ".join(tasks))
    return tasks[slot]


def prepared_task(sitting: Sitting, slot: str) -> DrawnTask:
    """Return the task in a slot once its variant is drawn.

    Raises:
        UnknownSlot: The exam has no such slot.
        TasksNotReady: It is not drawn yet.
    """
    task = task_of(sitting, slot)
    if task.prepared_at is None:
        raise TasksNotReady(ready=0, tasks=1)
    return task


def locked(sitting_id: UUID) -> Sitting:
    """Return a sitting that nobody else changes until the running transaction ends.

    Whatever changes a sitting, or adds to it, takes this lock first.
    """
    return (
        Sitting.objects.select_for_update(of=("self",))
        .select_related("registration__candidate")
        .get(id=sitting_id)
    )


@dataclass(frozen=True, kw_only=True)
class Started:
    """A sitting whose clock runs."""

    sitting: Sitting
    keys: dict[str, str]  # slot → base64 of the 32-byte key of its bundle


@transaction.atomic
def start(sitting_id: UUID, now: datetime) -> Started:
    """Start the clock and hand out the keys; while it runs, hand them out again.

    To start is to promise to keep to the rules: the page has asked for it before, and the
    command line says so when it asks whether to start.

    The registration is locked before the sitting, and the sitting read after that: whoever
    takes the registration back in the same moment (a refund, say) comes before or after.

    Raises:
        TasksNotReady: Not all variants are drawn yet.
        PreparationFailed: One of them cannot be drawn.
        NotAllowed: The registration has expired, the identity is not confirmed, or the
            sitting is over or annulled.
    """
    right = Sitting.objects.values_list("registration_id", flat=True).get(id=sitting_id)
    locked_registration(right)
    sitting = locked(sitting_id)
    tasks = list(sitting.tasks.all())
    match phase(sitting.times, now):
        case Phase.READY:
            if sitting.registration.cleared_at is None:
                raise IdentityNotConfirmed
            pledge(sitting.registration, now)
            sitting.started_at = now
            sitting.save(update_fields=["started_at"])
            announce(sitting_key(sitting.id))
        case Phase.RUNNING | Phase.PAUSED:
            pass
        case Phase.PREPARING:
            check_preparation(sitting)
            ready = sum(task.prepared_at is not None for task in tasks)
            raise TasksNotReady(ready=ready, tasks=len(tasks))
        case other:
            raise not_running(sitting, other)
    keys = {task.slot: base64.b64encode(bytes(task.bundle_key)).decode() for task in tasks}
    return Started(sitting=sitting, keys=keys)


@transaction.atomic
def end(sitting_id: UUID, now: datetime) -> Sitting:
    """End a running sitting before its time; one that is over stays as it is.

    Raises:
        NotAllowed: It was never started, or it was annulled.
    """
    sitting = locked(sitting_id)
    match phase(sitting.times, now):
        case Phase.RUNNING | Phase.PAUSED:
            sitting.ended_at = now
            sitting.save(update_fields=["ended_at"])
            announce(sitting_key(sitting.id))
        case Phase.CLOSING | Phase.CLOSED:
            pass
        case other:
            raise not_running(sitting, other)
    return sitting


def reopen(sitting: Sitting) -> None:
    """Take back that a result is final, since more will count; it is closed again later.

    Needs the sitting's lock.
    """
    sitting.closed_at = sitting.total = sitting.passed = None
    sitting.save(update_fields=["closed_at", "total", "passed"])
    announce(sitting_key(sitting.id))


def not_running(
    sitting: Sitting, current: Phase
) -> SittingNotStarted | SittingOver | SittingVoid | SittingPaused | RegistrationExpired:
    """Return the error that says why a sitting does not run in phase `current`."""
    if current is Phase.VOID:
        return SittingVoid()
    if current is Phase.LAPSED:
        return RegistrationExpired(valid_until=stamp(sitting.registration.valid_until))
    if sitting.started_at is None:
        return SittingNotStarted()
    over_at = sitting.times.over_at
    if current is Phase.PAUSED or over_at is None:
        return SittingPaused()
    return SittingOver(ended_at=stamp(over_at))


def check_preparation(sitting: Sitting) -> None:
    """Raise PreparationFailed if one of the sitting's variants could not be drawn."""
    for task in sitting.tasks.all():
        if task.prepared_at is None and task.faults >= preparation.TRIES:
            raise PreparationFailed(slot=task.slot)
