"""Which exams there are, and whether somebody can register for one now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from assay.server.accounts.models import User
from assay.server.enrolment.models import Order, OrderState
from assay.server.exams.bank import bank, blueprint
from assay.server.exams.eligibility import wait_ends_at
from assay.server.exams.models import Registration, Sitting
from assay.server.exams.phases import phase
from assay.server.exams.services.registrations import (
    OPEN,
    failures,
    registrations_of,
    sitting_of,
)


@dataclass(frozen=True, kw_only=True)
class Availability:
    """What stands between a candidate and a new registration for an exam."""

    registration: Registration | None = None  # one that is still good
    order: Order | None = None  # one that waits for its payment
    wait_until: datetime | None = None  # the end of a retake wait that still runs
    failures: int = 0  # in a row

    @property
    def can_register(self) -> bool:
        """Whether a new order can be placed."""
        return self.registration is None and self.order is None and self.wait_until is None


def exams() -> list[str]:
    """Return the bank's blueprints by name: those with a certificate first, then practice."""
    plans = bank().blueprints
    return sorted(plans, key=lambda name: (not plans[name].spec.certificate, name))


def is_live(registration: Registration, now: datetime) -> bool:
    """Return whether a registration can still be used, or is being used."""
    if registration.voided_at is not None:
        return False
    sitting = sitting_of(registration)
    if sitting is None:
        return now < registration.valid_until
    return phase(sitting.times, now) in OPEN


def availability(candidate: User, exam: str, now: datetime) -> Availability:
    """Return whether a candidate can register for an exam, and what stands against it.

    Raises:
        UnknownExam: The bank has no such blueprint.
    """
    plan = blueprint(exam)
    sittings = list(Sitting.objects.owned_by(candidate.pk).select_related("registration"))
    failed_at = failures(sittings, str(plan.uuid))
    wait_until = wait_ends_at(failed_at, plan.retake_waits)
    return Availability(
        registration=next(
            (
                registration
                for registration in registrations_of(candidate).filter(exam=exam)
                if is_live(registration, now)
            ),
            None,
        ),
        order=Order.objects.filter(candidate=candidate, exam=exam, state=OrderState.OPEN).first(),
        wait_until=wait_until if wait_until is not None and now < wait_until else None,
        failures=len(failed_at),
    )
