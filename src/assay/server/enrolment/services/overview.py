"""All registrations and open orders of a candidate, and what comes next for each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from assay.items.blueprint import BlueprintYaml
from assay.server.accounts.models import User
from assay.server.enrolment.models import (
    IdentityCheck,
    Order,
    OrderState,
)
from assay.server.enrolment.services.identity import is_asked, latest_check
from assay.server.enrolment.services.orders import is_being_paid
from assay.server.exams.bank import find_blueprint
from assay.server.exams.models import Registration, Sitting
from assay.server.exams.phases import phase
from assay.server.exams.services.registrations import (
    eligibility,
    registrations_of,
    sitting_of,
)
from assay.wire import Phase


class Stage(StrEnum):
    """How far an order or a registration is."""

    PAYMENT = "payment"  # waits for the candidate to pay
    PROCESSING = "processing"  # the bank takes its time
    IDENTITY = "identity"  # waits for pictures, or for staff to look at them
    WAIT = "wait"  # a retake wait runs, or another sitting is open
    READY = "ready"  # can be started
    RUNNING = "running"  # the clock runs
    PAUSED = "paused"  # the clock stands
    CLOSING = "closing"  # the last submissions are graded
    PASSED = "passed"
    FAILED = "failed"
    EXPIRED = "expired"
    VOID = "void"  # annulled by staff
    REFUNDED = "refunded"


# What a sitting's phase says by itself; the other phases depend on more.
_BY_PHASE = {
    Phase.RUNNING: Stage.RUNNING,
    Phase.PAUSED: Stage.PAUSED,
    Phase.CLOSING: Stage.CLOSING,
    Phase.LAPSED: Stage.EXPIRED,
    Phase.VOID: Stage.VOID,
}
ACTIVE = frozenset(
    (
        Stage.PAYMENT,
        Stage.PROCESSING,
        Stage.IDENTITY,
        Stage.WAIT,
        Stage.READY,
        Stage.RUNNING,
        Stage.PAUSED,
        Stage.CLOSING,
    )
)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of "My exams"."""

    exam: str
    plan: BlueprintYaml | None  # None: the bank has it no more
    stage: Stage
    order: Order | None = None
    registration: Registration | None = None
    sitting: Sitting | None = None
    check: IdentityCheck | None = None  # the last one
    until: datetime | None = None  # the end of what the stage speaks of

    @property
    def is_active(self) -> bool:
        """Whether something is still to be done."""
        return self.stage in ACTIVE


def overview(candidate: User, now: datetime) -> list[Entry]:
    """Return a candidate's registrations and open orders: what is to be done first, then the past."""
    open_orders = Order.objects.filter(candidate=candidate, state=OrderState.OPEN)
    entries = [
        _of_order(order) for order in open_orders.select_related("voucher").order_by("-created_at")
    ]
    entries += [
        of_registration(registration, now)
        for registration in registrations_of(candidate).select_related("sitting", "order")
    ]
    return sorted(entries, key=lambda entry: not entry.is_active)


def _of_order(order: Order) -> Entry:
    stage = Stage.PROCESSING if is_being_paid(order) else Stage.PAYMENT
    return Entry(exam=order.exam, plan=find_blueprint(order.exam), stage=stage, order=order)


def of_registration(registration: Registration, now: datetime) -> Entry:
    """Return how far a registration is."""
    sitting = sitting_of(registration)
    order = _order_of(registration)
    check = latest_check(registration)
    stage, until = _stage(registration, sitting, order, now)
    return Entry(
        exam=registration.exam,
        plan=find_blueprint(registration.exam) if sitting is None else sitting.plan,
        stage=stage,
        order=order,
        registration=registration,
        sitting=sitting,
        check=check,
        until=until,
    )


def _stage(
    registration: Registration, sitting: Sitting | None, order: Order | None, now: datetime
) -> tuple[Stage, datetime | None]:
    if order is not None and order.state == OrderState.REFUNDED:
        return Stage.REFUNDED, order.refunded_at
    if registration.voided_at is not None:
        return Stage.VOID, registration.voided_at
    if sitting is not None:
        current = phase(sitting.times, now)
        if current is Phase.CLOSED:
            return (Stage.PASSED if sitting.passed else Stage.FAILED), sitting.times.over_at
        if current in _BY_PHASE:
            until = registration.valid_until if current is Phase.LAPSED else sitting.times.over_at
            return _BY_PHASE[current], until
    return _before_start(registration, now)


def _before_start(registration: Registration, now: datetime) -> tuple[Stage, datetime | None]:
    if now >= registration.valid_until:
        return Stage.EXPIRED, registration.valid_until
    if is_asked(registration):
        return Stage.IDENTITY, registration.valid_until
    waits_until = None
    if find_blueprint(registration.exam) is not None:
        waits_until = eligibility(registration, now).eligible_from
    if waits_until is not None:
        return Stage.WAIT, waits_until
    return Stage.READY, registration.valid_until


def _order_of(registration: Registration) -> Order | None:
    try:
        return registration.order
    except Order.DoesNotExist:
        return None
