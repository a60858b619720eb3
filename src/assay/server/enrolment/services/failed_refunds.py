"""Refunds that did not arrive: written down once, shown to registrars until they are settled.

What an order was for stays withdrawn: the money is owed, only the way back was blocked.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from assay.server.accounts.models import User
from assay.server.accounts.services import tell_staff
from assay.server.enrolment import auditing
from assay.server.enrolment.errors import ReasonNeeded, RefundSettled
from assay.server.enrolment.models import FailedRefund, Payment
from assay.server.enrolment.news import RefundFailure
from assay.server.enrolment.services import orders


def take_in(told: RefundFailure, now: datetime) -> None:
    """Write down that a refund failed, tell staff; the second word about it changes nothing.

    Args:
        told: What Stripe says of it.
        now: The current time.
    """
    found = Payment.objects.known_by({"pk": told.payment}, {"intent": told.intent})
    if found is None:
        return  # another program's, on the same account of Stripe's
    order = orders.locked(found.order_id)
    _, is_new = FailedRefund.objects.get_or_create(
        number=told.number,
        defaults={
            "payment": found,
            "amount": told.amount.amount,
            "reason": told.reason,
            "failed_at": now,
        },
    )
    if not is_new:
        return
    auditing.record(
        "order.refund_failed",
        by=None,
        subject=f"order {order.pk}",
        now=now,
        refund=told.number,
        payment=str(found.pk),
        reason=told.reason,
    )
    tell_staff(
        f"Order {order.number}: a refund failed",
        f"{told.amount} did not reach the payer ({told.reason}), and is back on the account at "
        f"Stripe. Pay it back another way, then say so on the page of the order.\n\n"
        f"Order {order.pk} of {order.candidate.email} for {order.exam}, refund {told.number}.",
    )


def unsettled() -> QuerySet[FailedRefund]:
    """Return the failed refunds that nobody has settled, the oldest first."""
    return FailedRefund.objects.filter(settled_at__isnull=True).select_related(
        "payment__order__candidate"
    )


@transaction.atomic
def settle(failed_id: int, order_id: UUID, *, by: User, how: str, now: datetime) -> FailedRefund:
    """Note that the payer has the money by another way.

    Args:
        failed_id: The failed refund.
        order_id: Its order.
        by: The member of staff.
        how: By which way, for the order's page and the audit log.
        now: The current time.

    Raises:
        FailedRefund.DoesNotExist: There is no such one of this order.
        ReasonNeeded: It is not said how.
        RefundSettled: It was settled before.
    """
    how = how.strip()
    if not how:
        raise ReasonNeeded
    orders.locked(order_id)
    failed = FailedRefund.objects.get(pk=failed_id, payment__order=order_id)
    if failed.settled_at is not None:
        raise RefundSettled
    failed.settled_at, failed.settled_by, failed.settled_how = now, by, how
    failed.save(update_fields=["settled_at", "settled_by", "settled_how"])
    auditing.record(
        "order.refund_settle",
        by=by,
        subject=f"order {order_id}",
        now=now,
        refund=failed.number,
        reason=how,
    )
    return failed
