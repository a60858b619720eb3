"""Paying back, by staff."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from assay.server.accounts.models import User
from assay.server.enrolment import auditing, checkout
from assay.server.enrolment.errors import AlreadyRefunded, ClockStarted, ReasonNeeded
from assay.server.enrolment.models import Order, PaymentState
from assay.server.enrolment.services import orders, payments
from assay.server.exams.services.registrations import sitting_of
from assay.server.exams.services.registrations import withdraw as withdraw_registration


@transaction.atomic
def refund(
    order_id: UUID, *, by: User, reason: str, now: datetime, although_started: bool = False
) -> None:
    """Pay an order back in full; a registration that was not used is withdrawn with it.

    The registration is withdrawn first, and its lock held while Stripe is asked: whoever
    presses Start meanwhile waits and is then told that it is no longer good; whoever was
    quicker keeps the sitting, and nothing is paid back. If Stripe refuses, nothing has
    happened. Stripe's word that it has paid back does the rest, like for a refund that was
    ordered in Stripe's own dashboard.

    Args:
        order_id: The order.
        by: The member of staff.
        reason: For the audit log.
        now: The current time.
        although_started: Pay back even if the clock was started; the sitting then stays.

    Raises:
        ReasonNeeded: There is none.
        AlreadyRefunded: Nothing was paid, or nothing is left of it.
        ClockStarted: The clock was started, and `although_started` is not said.
        PaymentNotSetUp: There are no keys.
        PaymentUnreachable: Stripe does not answer, or refuses.
    """
    if not reason.strip():
        raise ReasonNeeded
    order = orders.locked(order_id)
    paid = list(order.payments.filter(state=PaymentState.PAID))
    if not paid:
        raise AlreadyRefunded
    right = order.registration
    withdrawn = right is None or withdraw_registration(right, now)
    if not withdrawn and not although_started:
        raise ClockStarted
    for payment in paid:
        failures = payment.failed_refunds.count()
        # Stripe answers a key that it knows as it did before: after a failure it is a new one.
        key = f"{payment.pk}-{failures}" if failures else str(payment.pk)
        status = checkout.refund(payment.intent, key)
        auditing.record(
            "order.refund",
            by=by,
            subject=f"order {order_id}",
            now=now,
            reason=reason.strip(),
            payment=str(payment.pk),
            status=status,
        )
        if status == "succeeded":
            payments.refresh(payment, now)


def can_be_refunded(order: Order) -> bool:
    """Return whether something was paid that was not paid back in full."""
    return order.payments.filter(state=PaymentState.PAID).exists()


def was_started(order: Order) -> bool:
    """Return whether the order's exam was started, and stands."""
    right = order.registration
    sitting = None if right is None else sitting_of(right)
    return sitting is not None and sitting.started_at is not None and sitting.voided_at is None
