"""What this app knows about a person; see `accounts.personal`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q

from assay.errors import AssayError
from assay.server.accounts import personal
from assay.server.accounts.models import User
from assay.server.enrolment import codes
from assay.server.enrolment.errors import PaymentUnderWay
from assay.server.enrolment.models import IdentityCheck, Order, OrderState, PaymentState
from assay.server.enrolment.services import identity
from assay.server.enrolment.services import orders as ordering


@personal.exporter("orders")
def orders(user: User) -> list[dict[str, Any]]:
    """Return the orders and their payments; nothing of a card was ever here."""
    own = Order.objects.filter(candidate=user).select_related("voucher").order_by("created_at")
    return [
        {
            "id": str(order.pk),
            "number": order.number,
            "exam": order.exam,
            "state": order.state,
            "fee": order.fee,
            "due": order.due,
            "currency": order.currency,
            "voucher": None if order.voucher is None else codes.shown(order.voucher.code),
            "registration": None if order.registration_id is None else str(order.registration_id),
            "created_at": order.created_at,
            "closed_at": order.closed_at,
            "refunded_at": order.refunded_at,
            "payments": list(
                order.payments.values(
                    "state", "amount", "refunded", "session", "intent", "created_at", "paid_at"
                )
            ),
        }
        for order in own
    ]


@personal.exporter("identity_checks")
def identity_checks(user: User) -> list[dict[str, Any]]:
    """Return how identity checks went; the pictures themselves are deleted with the decision."""
    own = IdentityCheck.objects.filter(registration__candidate=user)
    return [
        {
            "registration": str(check.registration_id),
            "name": check.name,
            "state": check.state,
            "submitted_at": check.submitted_at,
            "decided_at": check.decided_at,
            "reason": check.reason,
        }
        for check in own
    ]


@personal.obstacle
def paying(user: User, now: datetime) -> AssayError | None:
    """Return that a payment may be under way: who has paid must get what it was for."""
    order = (
        Order.objects.filter(candidate=user, state=OrderState.OPEN)
        .filter(
            Q(payments__state=PaymentState.PROCESSING)
            | Q(payments__state=PaymentState.OPEN, payments__expires_at__gt=now)
        )
        .first()
    )
    return None if order is None else PaymentUnderWay(number=order.number)


@personal.eraser
def forget(user: User, now: datetime) -> None:
    """Delete pictures, names and remarks; orders stay for the books and name nobody."""
    identity.forget(user, now)
    IdentityCheck.objects.filter(registration__candidate=user).update(name="", reason="")
    for order in Order.objects.filter(candidate=user, state=OrderState.OPEN):
        ordering.cancel(order.pk, now)
