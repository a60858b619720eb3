"""Orders: from the wish to register to the registration, which is made exactly once."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from assay.messages import Language
from assay.server.accounts.models import User
from assay.server.enrolment import letters
from assay.server.enrolment.errors import (
    AlreadyRegistered,
    OrderClosed,
    OrderNotFound,
    RegisterLater,
)
from assay.server.enrolment.models import Order, OrderState, PaymentState
from assay.server.enrolment.money import Money
from assay.server.enrolment.services import vouchers
from assay.server.enrolment.services.catalogue import availability
from assay.server.exams.bank import blueprint
from assay.server.exams.errors import stamp
from assay.server.exams.services.registrations import register

# An order that nobody pays gives its voucher back after this time.
UNPAID_FOR = timedelta(days=2)


@transaction.atomic
def place(candidate: User, exam: str, now: datetime, *, voucher: str = "") -> Order:
    """Order a registration; where nothing is to be paid, it is there at once.

    Args:
        candidate: Who wants to sit the exam.
        exam: A blueprint of the bank.
        now: The current time.
        voucher: A code as the candidate typed it; empty: none.

    Returns:
        The order: complete, or open until it is paid. One that is open already is
        returned as it is; `redeem` is for that one.

    Raises:
        UnknownExam: The bank has no such blueprint.
        AlreadyRegistered: A registration for the exam is still good.
        RegisterLater: A wait after a failure still runs.
        AssayError: The voucher cannot be used (see `vouchers.lock_usable`).
    """
    # One at a time: two clicks must not become two registrations.
    User.objects.select_for_update(no_key=True).get(pk=candidate.pk)
    standing = availability(candidate, exam, now)
    if standing.registration is not None:
        raise AlreadyRegistered
    if standing.wait_until is not None:
        raise RegisterLater(eligible_from=stamp(standing.wait_until))
    if standing.order is not None:
        return standing.order
    fee = blueprint(exam).fee
    order = Order.objects.create(
        candidate=candidate,
        exam=exam,
        fee=fee.amount,
        due=fee.amount,
        currency=fee.currency,
        created_at=now,
    )
    if order.due > 0 and voucher.strip():
        _apply(order, voucher, now)
    if order.due == 0:
        complete(order, now)
    return order


@transaction.atomic
def redeem(order_id: UUID, typed: str, now: datetime) -> Order:
    """Use a voucher for an open order that has none.

    Nobody may be about to pay the old price: see `payments.withdraw`.

    Raises:
        OrderClosed: The order is not open, has a voucher already, or is being paid.
        AssayError: The voucher cannot be used (see `vouchers.lock_usable`).
    """
    order = locked(order_id)
    if order.state != OrderState.OPEN or order.voucher is not None or is_being_paid(order):
        raise OrderClosed
    _apply(order, typed, now)
    if order.due == 0:
        complete(order, now)
    return order


def _apply(order: Order, typed: str, now: datetime) -> None:
    language = Language(order.candidate.language)
    order.voucher = vouchers.lock_usable(typed, order.exam, now, language)
    order.due = order.full_price.reduced(order.voucher.batch.per_cent).amount
    order.save(update_fields=["voucher", "due"])


def complete(order: Order, now: datetime) -> None:
    """Give an order its registration. Needs the order's lock, or an order of this transaction.

    An order that was cancelled in the meantime gets it too: it has been paid.
    """
    if order.registration is not None:
        return
    needs_check = blueprint(order.exam).identity == "required"
    order.registration = register(order.candidate, order.exam, now, cleared=not needs_check)
    order.state = OrderState.COMPLETE
    order.closed_at = now
    order.save(update_fields=["registration", "state", "closed_at"])
    letters.post("registered", order.registration.pk)


@transaction.atomic
def cancel(order_id: UUID, now: datetime) -> Order:
    """Cancel an open order; its voucher can be used again.

    Raises:
        OrderClosed: It is not open, or a payment for it is under way.
    """
    order = locked(order_id)
    if order.state != OrderState.OPEN or is_being_paid(order):
        raise OrderClosed
    order.state = OrderState.CANCELLED
    order.closed_at = now
    order.save(update_fields=["state", "closed_at"])
    return order


def is_being_paid(order: Order) -> bool:
    """Return whether a bank is still working on a payment."""
    return order.payments.filter(state=PaymentState.PROCESSING).exists()


def cancel_unpaid(now: datetime) -> list[UUID]:
    """Cancel the orders that nobody has paid for two days and nobody can be paying now."""
    paying = Q(payments__state=PaymentState.PROCESSING) | Q(
        payments__state=PaymentState.OPEN, payments__expires_at__gt=now
    )
    old = Order.objects.filter(state=OrderState.OPEN, created_at__lte=now - UNPAID_FOR)
    cancelled = []
    for order_id in old.exclude(paying).values_list("pk", flat=True):
        try:
            cancelled.append(cancel(order_id, now).pk)
        except OrderClosed:  # paid this very moment
            continue
    return cancelled


def locked(order_id: UUID) -> Order:
    """Return an order that nobody else changes until the running transaction ends.

    Whatever changes an order or its payments takes this lock first.
    """
    return (
        Order.objects.select_for_update(of=("self",))
        .select_related("candidate", "registration", "voucher")
        .get(pk=order_id)
    )


def order_of(candidate: User, order_id: UUID) -> Order:
    """Return one order of a candidate.

    Raises:
        OrderNotFound: There is none, or it is somebody else's.
    """
    found = (
        Order.objects.filter(candidate=candidate, pk=order_id)
        .select_related("registration", "voucher__batch")
        .first()
    )
    if found is None:
        raise OrderNotFound
    return found


def price_of(exam: str) -> Money:
    """Return the fee of an exam."""
    fee = blueprint(exam).fee
    return Money(amount=fee.amount, currency=fee.currency)
