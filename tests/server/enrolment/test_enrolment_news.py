"""What events say: a pure function of Stripe's shapes."""

from __future__ import annotations

from uuid import UUID

import pytest

from assay.server.enrolment import news
from assay.server.enrolment.models import PaymentState
from assay.server.enrolment.money import Money

OURS = "0e1dfd0a-4e0b-4d5e-9c53-3a8a5d9f6f10"


def session(**more):
    """A Checkout session as an event carries it."""
    return {
        "id": "cs_test_a1IdO3cRAiDtsfYm6c8sKoFbyLpxibkNrDf56cVIkv5IylfNuzl155fePm",
        "object": "checkout.session",
        "amount_subtotal": 10000,
        "amount_total": 10000,
        "client_reference_id": "667805b6-5823-444c-92ea-4da400131631",
        "currency": "usd",
        "customer_details": {"email": "alice@example.org", "name": "Alice", "tax_exempt": "none"},
        "livemode": False,
        "metadata": {"payment": OURS, "order": "667805b6-5823-444c-92ea-4da400131631"},
        "mode": "payment",
        "payment_intent": "pi_3MDCMWJzvcwj3o2q0h2ZbQpH",
        "payment_status": "unpaid",
        "status": "open",
        **more,
    }


def event(kind, found):
    return {"id": "evt_1", "object": "event", "type": kind, "data": {"object": found}}


def test_a_page_that_was_paid_on():
    told = news.of_event(
        event("checkout.session.completed", session(status="complete", payment_status="paid"))
    )

    assert told is not None
    assert told.payment == UUID(OURS)
    assert told.intent == "pi_3MDCMWJzvcwj3o2q0h2ZbQpH"
    assert told.state is PaymentState.PAID
    assert told.paid == Money(amount=10000, currency="USD")


@pytest.mark.parametrize(
    ("kind", "more", "state"),
    [
        ("completed", {"status": "complete"}, PaymentState.PROCESSING),
        (
            "async_payment_succeeded",
            {"status": "complete", "payment_status": "paid"},
            PaymentState.PAID,
        ),
        ("async_payment_failed", {"status": "complete"}, PaymentState.FAILED),
        ("expired", {"status": "expired"}, PaymentState.FAILED),
    ],
)
def test_what_becomes_of_a_page(kind, more, state):
    told = news.of_event(event(f"checkout.session.{kind}", session(**more)))

    assert told is not None
    assert told.state is state


def test_a_page_that_is_asked_about_while_it_is_open():
    assert news.of_session(session()).state is PaymentState.OPEN


@pytest.mark.parametrize("status", ["canceled", "requires_payment_method"])
def test_a_slow_payment_that_was_given_up(status):
    intent = {"id": "pi_1", "status": status, "latest_charge": None}

    told = news.of_session(session(status="complete", payment_intent=intent))

    assert (told.state, told.intent) == (PaymentState.FAILED, "pi_1")


def test_a_page_whose_payment_was_paid_back_meanwhile():
    charge = {
        "id": "ch_1",
        "amount": 10000,
        "amount_refunded": 4000,
        "currency": "usd",
        "payment_intent": "pi_1",
        "metadata": {},
    }
    intent = {"id": "pi_1", "status": "succeeded", "latest_charge": charge}

    told = news.of_session(session(status="complete", payment_status="paid", payment_intent=intent))

    assert told.payment == UUID(OURS)
    assert told.refunded == Money(amount=4000, currency="USD")


def test_a_refund_says_that_there_was_a_payment():
    charge = {
        "id": "ch_1",
        "object": "charge",
        "amount": 10000,
        "amount_refunded": 10000,
        "currency": "usd",
        "metadata": {"payment": OURS},
        "payment_intent": "pi_1",
        "refunded": True,
    }

    told = news.of_event(event("charge.refunded", charge))

    assert told is not None
    assert told.state is PaymentState.PAID
    assert told.paid == told.refunded == Money(amount=10000, currency="USD")


@pytest.mark.parametrize("metadata", [None, {}, {"payment": "x"}, {"payment": 7}])
def test_an_object_of_another_program_names_no_payment_of_ours(metadata):
    told = news.of_event(event("checkout.session.expired", session(metadata=metadata)))

    assert told is not None
    assert told.payment is None


@pytest.mark.parametrize("found", [{}, {"type": "ping"}, event("customer.created", {"id": "c"})])
def test_other_events_say_nothing(found):
    assert news.of_event(found) is None
