"""Registering for an exam, and whether a sitting may be opened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from assay.errors import AssayError
from assay.items.blueprint import BlueprintYaml
from assay.server.accounts.models import User
from assay.server.exams.announcing import announce, sitting_key
from assay.server.exams.bank import blueprint
from assay.server.exams.eligibility import History, obstacle, wait_ends_at
from assay.server.exams.errors import (
    ExamWithdrawn,
    RegistrationNotFound,
    RegistrationUsed,
    RegistrationVoid,
    UnknownExam,
    stamp,
)
from assay.server.exams.models import Registration, Sitting
from assay.server.exams.phases import phase
from assay.wire import Phase

# A candidate has at most one sitting in one of these phases.
OPEN = frozenset({Phase.PREPARING, Phase.READY, Phase.RUNNING, Phase.PAUSED, Phase.CLOSING})


@dataclass(frozen=True, kw_only=True)
class Eligibility:
    """Whether a registration may open a sitting, or return to its own."""

    obstacle: AssayError | None
    eligible_from: datetime | None  # the end of a retake wait that still runs


def register(
    candidate: User,
    exam: str,
    now: datetime,
    *,
    time_factor: float = 1.0,
    pause_minutes: int = 0,
    cleared: bool = True,
) -> Registration:
    """Give a candidate the right to sit an exam once.

    Args:
        candidate: Whose right it is.
        exam: A blueprint of the bank.
        now: The current time.
        time_factor: Accommodation: multiplies the exam's duration, 1 or more.
        pause_minutes: Accommodation: for so long the candidate may stop the clock.
        cleared: False: it can be used only when an identity check has set `cleared_at`.

    Raises:
        UnknownExam: The bank has no such blueprint.
    """
    plan = blueprint(exam)
    return Registration.objects.create(
        candidate=candidate,
        exam=exam,
        created_at=now,
        valid_until=now + timedelta(days=plan.registration_valid_days),
        cleared_at=now if cleared else None,
        time_factor=time_factor,
        pause_minutes=pause_minutes,
    )


@transaction.atomic
def withdraw(registration: Registration, now: datetime) -> bool:
    """Take back a registration that was not used, for example since it was paid back.

    It is then as if its time were over: no sitting can be opened or started.

    Returns:
        False if its clock was started before and staff have not annulled it; then
        nothing is changed.
    """
    current = locked_registration(registration.pk)
    sitting = Sitting.objects.select_for_update().filter(registration=current).first()
    if current.voided_at is None and sitting is not None and sitting.started_at is not None:
        return False
    current.valid_until = min(current.valid_until, now)
    current.save(update_fields=["valid_until"])
    registration.valid_until = current.valid_until
    return True


@transaction.atomic
def extend(registration_id: UUID, valid_until: datetime) -> Registration:
    """Let a registration that was not used be good for longer, also one that has expired.

    Args:
        registration_id: The registration.
        valid_until: Later than so far, and to come.

    Raises:
        RegistrationVoid: Staff have annulled it.
        RegistrationUsed: Its clock was started.
    """
    registration = locked_registration(registration_id)
    sitting = Sitting.objects.select_for_update().filter(registration=registration).first()
    if registration.voided_at is not None:
        raise RegistrationVoid(reason=registration.void_reason)
    if sitting is not None and sitting.started_at is not None:
        raise RegistrationUsed(ended_at=stamp(sitting.times.over_at or sitting.started_at))
    registration.valid_until = valid_until
    registration.save(update_fields=["valid_until"])
    if sitting is not None:
        announce(sitting_key(sitting.id))
    return registration


def locked_registration(registration_id: UUID) -> Registration:
    """Return a registration that nobody else changes until the running transaction ends.

    Whatever needs its sitting's lock as well takes this one first.
    """
    return (
        Registration.objects.select_for_update(of=("self",), no_key=True)
        .select_related("candidate")
        .get(pk=registration_id)
    )


def registrations_of(candidate: User) -> QuerySet[Registration]:
    """Return a candidate's registrations, the newest first."""
    return candidate.registrations.select_related("sitting").order_by("-created_at", "id")


def registration_of(candidate: User, registration_id: UUID) -> Registration:
    """Return one registration of a candidate.

    Raises:
        RegistrationNotFound: There is none, or it is somebody else's.
    """
    found = registrations_of(candidate).filter(id=registration_id).first()
    if found is None:
        raise RegistrationNotFound
    return found


def sitting_of(registration: Registration) -> Sitting | None:
    """Return the registration's sitting, once it was opened."""
    try:
        return registration.sitting
    except Sitting.DoesNotExist:
        return None


def pledge(registration: Registration, now: datetime) -> None:
    """Note that the candidate has promised to sit the exam honestly; the first time counts."""
    if registration.pledged_at is None:
        registration.pledged_at = now
        Registration.objects.filter(pk=registration.pk, pledged_at__isnull=True).update(
            pledged_at=now
        )


def plan_of(registration: Registration) -> BlueprintYaml:
    """Return the plan of a registration's exam; of one that the bank has no more, its sitting's.

    Raises:
        ExamWithdrawn: The bank has it no more, and there is no sitting.
    """
    try:
        return blueprint(registration.exam)
    except UnknownExam as error:
        own = sitting_of(registration)
        if own is None:
            raise ExamWithdrawn(exam=registration.exam) from error
        return own.plan


def eligibility(registration: Registration, now: datetime) -> Eligibility:
    """Return whether a sitting may be opened, or its open one returned to, at `now`."""
    own = sitting_of(registration)
    if own is not None and phase(own.times, now) in OPEN:
        return Eligibility(obstacle=None, eligible_from=None)
    history = history_of(registration, now)
    ends_at = wait_ends_at(history.failed_at, history.waits)
    return Eligibility(
        obstacle=obstacle(history, now),
        eligible_from=ends_at if ends_at is not None and now < ends_at else None,
    )


def history_of(registration: Registration, now: datetime) -> History:
    """Return what eligibility depends on, from the database."""
    plan = plan_of(registration)
    own = sitting_of(registration)
    others = list(
        Sitting.objects.owned_by(registration.candidate_id)
        .exclude(registration=registration)
        .select_related("registration")
        .prefetch_related("stops")
        .order_by("opened_at")
    )
    open_ones = [str(other.id) for other in others if phase(other.times, now) in OPEN]
    return History(
        valid_until=registration.valid_until,
        cleared=registration.cleared_at is not None,
        void_reason=None if registration.voided_at is None else registration.void_reason,
        used_at=None if own is None else (own.voided_at or own.times.over_at),
        open_sitting=open_ones[0] if open_ones else None,
        failed_at=failures(others, str(plan.uuid)),
        waits=tuple(plan.retake_waits),
    )


def failures(sittings: list[Sitting], blueprint_uuid: str) -> tuple[datetime, ...]:
    """Return the ends of the failed sittings of one exam since the last passed one, in order.

    Args:
        sittings: Of one candidate; an annulled one counts neither as failed nor passed.
        blueprint_uuid: Of the exam; it survives renames.
    """
    ends: list[tuple[datetime, bool]] = sorted(
        (sitting.times.over_at, bool(sitting.passed))
        for sitting in sittings
        if sitting.closed_at is not None
        and sitting.voided_at is None
        and sitting.times.over_at is not None
        and sitting.blueprint["uuid"] == blueprint_uuid
    )
    failed: list[datetime] = []
    for ended_at, passed in ends:
        if passed:
            failed.clear()
        else:
            failed.append(ended_at)
    return tuple(failed)
