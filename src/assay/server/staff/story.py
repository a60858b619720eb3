"""All that staff see of one registration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.functional import Promise

from assay.server.credentials.models import Credential
from assay.server.enrolment.models import IdentityCheck, IdentityState, Order, OrderState
from assay.server.exams.models import ClockStop, Registration, Sitting
from assay.server.exams.phases import phase
from assay.server.exams.services.registrations import sitting_of
from assay.server.staff.models import AuditEntry
from assay.server.staff.words import CHECKS, ORDERS, PHASES
from assay.server.submissions.services.standing import Standing, standing

_LINES = 100  # of the audit log


@dataclass(frozen=True, kw_only=True)
class Run:
    """The sitting of a registration."""

    sitting: Sitting
    phase: Promise
    over_at: datetime | None
    minutes: float  # that the clock runs, all in all
    standing: Standing
    items: Mapping[str, str]  # slot → key of the item that was drawn
    stops: list[ClockStop]
    credential: Credential | None


@dataclass(frozen=True, kw_only=True)
class Story:
    """A registration and all that hangs on it."""

    registration: Registration
    order: Order | None
    order_state: Promise | None
    run: Run | None
    checks: list[tuple[IdentityCheck, Promise]]
    lines: list[AuditEntry]  # what staff did, the latest first


def story(registration: Registration, now: datetime) -> Story:
    """Return all that staff see of a registration at `now`."""
    sitting = sitting_of(registration)
    order = Order.objects.filter(registration=registration).select_related("voucher").first()
    checks = list(registration.identity_checks.order_by("-submitted_at"))
    return Story(
        registration=registration,
        order=order,
        order_state=None if order is None else ORDERS[OrderState(order.state)],
        run=None if sitting is None else _run(sitting, now),
        checks=[(check, CHECKS[IdentityState(check.state)]) for check in checks],
        lines=list(_lines(_subjects(registration, sitting, order, checks))[:_LINES]),
    )


def _run(sitting: Sitting, now: datetime) -> Run:
    times = sitting.times
    return Run(
        sitting=sitting,
        phase=PHASES[phase(times, now)],
        over_at=times.over_at,
        minutes=times.length.total_seconds() / 60,
        standing=standing(sitting),
        items={task.slot: task.item for task in sitting.tasks.all()},
        stops=list(sitting.stops.select_related("by")),
        credential=Credential.objects.filter(sitting=sitting).first(),
    )


def _subjects(
    registration: Registration,
    sitting: Sitting | None,
    order: Order | None,
    checks: Iterable[IdentityCheck],
) -> list[str]:
    """Return how the audit log calls the registration and what hangs on it."""
    subjects = [f"registration {registration.pk}"]
    subjects += [f"sitting {sitting.pk}"] if sitting is not None else []
    subjects += [f"order {order.pk}"] if order is not None else []
    return subjects + [f"identity check {check.pk}" for check in checks]


def _lines(subjects: list[str]) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(subject__in=subjects).select_related("by")
