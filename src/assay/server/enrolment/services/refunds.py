"""Paying back, by staff."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from assay.server.accounts.models import User
from assay.server.enrolment import auditing, checkout
from assay.server.enrolment.errors import AlreadyRefunded
from assay.server.enrolment.models import Payment, PaymentState
from assay.server.enrolment.services import payments


def refund(order_id: UUID, *, by: User, reason: str, now: datetime) -> None:
    """Pay an order back in full; a registration that was not used is withdrawn with it.

    Stripe pays back; its word that it has done so does the rest, like for a refund that
    was ordered in Stripe's own dashboard.

    Args:
        order_id: The order.
        by: The member of staff.
        reason: For the audit log.
        now: The current time.

    Raises:
        AlreadyRefunded: Nothing was paid, or nothing is left of it.
        PaymentNotSetUp: There are no keys.
        PaymentUnreachable: Stripe does not answer, or refuses.
    """
    paid = list(Payment.objects.filter(order_id=order_id, state=PaymentState.PAID))
    if not paid:
        raise AlreadyRefunded
    for payment in paid:
        status = checkout.refund(payment.intent, str(payment.pk))
        auditing.record(
            "order.refund",
            by=by,
            subject=f"order {order_id}",
            now=now,
            reason=reason,
            payment=str(payment.pk),
            status=status,
        )
        if status == "succeeded":
            payments.refresh(payment, now)
