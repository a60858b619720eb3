"""Payments: Stripe's page is opened, news about it is taken in, whatever order it comes in.

News can come twice, late and out of order: by a signed event, by the candidate's return
from Stripe's page, by an hourly look. All of it goes through `settle`, under the order's
lock, and a payment's state only ever goes forward.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from assay.messages import Language
from assay.server.accounts.services import tell_staff
from assay.server.enrolment import checkout, letters, news
from assay.server.enrolment.errors import OrderClosed, PaymentUnreachable
from assay.server.enrolment.models import (
    Order,
    OrderState,
    Payment,
    PaymentState,
    StripeEvent,
)
from assay.server.enrolment.money import Money
from assay.server.enrolment.services import failed_refunds, orders
from assay.server.exams.bank import blueprint
from assay.server.exams.services.registrations import withdraw as withdraw_registration

# How long Stripe's page can be paid on; Stripe takes half an hour to a day.
PAGE_OPEN = timedelta(hours=2)
_STILL_GOOD = timedelta(minutes=5)  # a page that closes sooner is not offered again
_PLACE = {state: place for place, state in enumerate(PaymentState)}

logger = logging.getLogger(__name__)


@transaction.atomic
def begin(order_id: UUID, now: datetime) -> str:
    """Return the address of the page of Stripe's on which an open order is paid.

    Two clicks get the same page, so nobody pays twice.

    Raises:
        OrderClosed: The order is not open, or a payment is under way.
        PaymentNotSetUp: There are no keys.
        PaymentUnreachable: Stripe does not answer.
    """
    order = orders.locked(order_id)
    if order.state != OrderState.OPEN or orders.is_being_paid(order):
        raise OrderClosed
    page = order.payments.filter(
        state=PaymentState.OPEN, expires_at__gt=now + _STILL_GOOD, amount=order.due
    ).first()
    if page is not None:
        return page.address
    payment = Payment(order=order, amount=order.due, created_at=now, expires_at=now + PAGE_OPEN)
    language = Language(order.candidate.language)
    address = settings.URL + reverse("enrolment:order", args=[order.pk])
    opened = checkout.open_page(
        checkout.Purchase(
            payment=str(payment.pk),
            order=str(order.pk),
            title=blueprint(order.exam).title.in_language(language),
            price=order.price,
            email=order.candidate.email,
            language=language,
            success_address=settings.URL + reverse("enrolment:paid", args=[order.pk]),
            cancel_address=f"{address}?payment=cancelled",
            expires_at=payment.expires_at,
        )
    )
    payment.session, payment.address = opened.session, opened.address
    payment.save()
    return payment.address


def withdraw(order_id: UUID, now: datetime) -> None:
    """Close the open pages of an order, so that its price can change or it can be cancelled.

    Raises:
        PaymentUnreachable: Stripe does not answer; then nothing is to be changed.
    """
    for payment in Payment.objects.filter(order_id=order_id, state=PaymentState.OPEN):
        if payment.expires_at > now and not checkout.close_page(payment.session):
            refresh(payment, now)
        else:
            settle(_closed(payment), now)


def _closed(payment: Payment) -> news.News:
    return news.News(payment=payment.pk, session=payment.session, state=PaymentState.FAILED)


def refresh_order(order: Order, now: datetime) -> None:
    """Ask Stripe about the payments of an order of which nothing final is known.

    A candidate who comes back from Stripe's page may be quicker than the event. If
    Stripe does not answer, the event or the hourly look will tell.
    """
    for payment in order.payments.filter(
        state__in=[PaymentState.OPEN, PaymentState.PROCESSING]
    ).exclude(session=""):
        try:
            refresh(payment, now)
        except PaymentUnreachable:
            logger.info("Payment %s could not be looked up", payment.pk)


def refresh(payment: Payment, now: datetime) -> None:
    """Ask Stripe about a payment.

    Raises:
        PaymentNotSetUp: There are no keys.
        PaymentUnreachable: Stripe does not answer.
    """
    settle(news.of_session(checkout.look_up(payment.session)), now, payment.pk)


def refresh_overdue(now: datetime) -> None:
    """Ask Stripe about the payments whose page is closed and of which no event has told."""
    if not checkout.is_set_up():
        return
    overdue = Payment.objects.filter(
        state__in=[PaymentState.OPEN, PaymentState.PROCESSING], expires_at__lte=now
    )
    for payment in overdue.exclude(session=""):
        try:
            refresh(payment, now)
        except PaymentUnreachable:
            return  # in an hour, then


@transaction.atomic
def take_in(event: Mapping[str, Any], now: datetime) -> bool:
    """Take in an event of Stripe's, whose signature was checked.

    Returns:
        False if it was taken in before; then nothing happens.
    """
    _, is_new = StripeEvent.objects.get_or_create(
        id=str(event["id"]),
        defaults={"kind": str(event.get("type", ""))[:100], "received_at": now},
    )
    told = news.of_event(event) if is_new else None
    failure = news.of_failed_refund(event) if is_new else None
    if told is not None:
        settle(told, now)
    if failure is not None:
        failed_refunds.take_in(failure, now)
    return is_new


@transaction.atomic
def settle(told: news.News, now: datetime, payment_id: UUID | None = None) -> None:
    """Do what follows from news about a payment; news of what is known already changes nothing.

    Args:
        told: The news.
        now: The current time.
        payment_id: Of the payment, where the caller knows; else the news say it.
    """
    found = Payment.objects.known_by(
        {"pk": payment_id or told.payment}, {"session": told.session}, {"intent": told.intent}
    )
    if found is None:
        return  # another program's, on the same account of Stripe's
    order = orders.locked(found.order_id)
    payment = Payment.objects.get(pk=found.pk)
    payment.session = payment.session or told.session
    payment.intent = payment.intent or told.intent
    if told.dispute:
        _ask_staff(order, f"The payer's bank disputes the payment: {told.dispute}.")
    newly_paid = not told.dispute and _advance(payment, order, told, now)
    back = 0 if told.refunded is None else min(told.refunded.amount, payment.amount)
    more_is_back = back > payment.refunded
    if more_is_back:
        payment.refunded = back
        if back == payment.amount:
            payment.state = PaymentState.REFUNDED
    payment.save()
    if more_is_back:
        letters.post("refunded", payment.pk)
        if payment.state == PaymentState.REFUNDED:
            _undo(order, now)
    if newly_paid and payment.state == PaymentState.PAID:
        _fulfil(payment, order, now)


def _advance(payment: Payment, order: Order, told: news.News, now: datetime) -> bool:
    """Move a payment's state forward; return whether it is paid now and was not before."""
    if _PLACE[PaymentState(payment.state)] >= _PLACE[told.state]:
        return False
    if told.state is PaymentState.PAID:
        expected = Money(amount=payment.amount, currency=order.currency)
        if told.paid is not None and told.paid != expected:
            _ask_staff(
                order,
                f"Expected were {expected.amount} {expected.currency} (smallest unit), paid were "
                f"{told.paid.amount} {told.paid.currency}. The registration was not made.",
            )
            return False
        payment.paid_at = now
    payment.state = told.state
    return told.state is PaymentState.PAID


def _fulfil(payment: Payment, order: Order, now: datetime) -> None:
    """Hand over what was paid for."""
    letters.post("receipt", payment.pk)
    if order.registration is not None or order.state == OrderState.REFUNDED:
        _ask_staff(order, "It was paid twice. Refund the later payment in Stripe's dashboard.")
        return
    orders.complete(order, now)


def _undo(order: Order, now: datetime) -> None:
    """Take back what a payment was for that was refunded in full."""
    if order.payments.filter(state=PaymentState.PAID).exists() or order.due == 0:
        return  # it was paid twice, and one of them still stands
    order.refunded_at = now
    if order.registration is not None and not withdraw_registration(order.registration, now):
        # The money is back, the sitting stays.
        order.save(update_fields=["refunded_at"])
        _ask_staff(order, "It was refunded in full after its clock had been started.")
        return
    order.state = OrderState.REFUNDED
    order.closed_at = order.closed_at or now
    order.save(update_fields=["refunded_at", "state", "closed_at"])


def _ask_staff(order: Order, text: str) -> None:
    tell_staff(
        f"Order {order.number}",
        f"{text}\n\nOrder {order.pk} of {order.candidate.email} for {order.exam}.",
    )
