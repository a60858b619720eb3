"""Payment by Stripe: the official library against a loopback Stripe; news in any order."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from assay.server.enrolment import checkout
from assay.server.enrolment.errors import (
    AlreadyRefunded,
    OrderClosed,
    PaymentNotSetUp,
    PaymentUnreachable,
)
from assay.server.enrolment.models import Order, OrderState, Payment, PaymentState, StripeEvent
from assay.server.enrolment.services import orders, payments, refunds, vouchers
from assay.server.exams.models import Registration
from assay.server.exams.services import registrations, sittings

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(order, stripe, now, clock):
    """Alice's order for the paid exam; Stripe's page is open."""
    clock.at = now
    placed = order()
    payments.begin(placed.pk, now)
    return placed


def state_of(order):
    return Order.objects.get(pk=order.pk).state


# -- Stripe's page ------------------------------------------------------------------------------


def test_stripes_page_asks_for_the_orders_price(waiting, stripe, now):
    session = stripe.sessions[stripe.latest]

    assert (session["amount_total"], session["currency"]) == (10000, "usd")
    assert session["_title"] == "Paid exam"
    assert session["customer_email"] == "alice@example.org"
    assert session["client_reference_id"] == str(waiting.pk)
    assert session["expires_at"] == int((now + payments.PAGE_OPEN).timestamp())
    assert session["success_url"] == f"http://testserver/enrolment/orders/{waiting.pk}/paid/"
    assert session["adaptive_pricing"] == {"enabled": False}


def test_stripes_page_is_in_the_candidates_language(order, stripe, bob, now):
    payments.begin(order(bob).pk, now)

    assert stripe.sessions[stripe.latest]["locale"] == "zh"
    assert stripe.sessions[stripe.latest]["_title"] == "收费考试"


def test_a_currency_without_cents_is_asked_for_as_it_is(order, stripe, now):
    payments.begin(order(exam="yen").pk, now)

    session = stripe.sessions[stripe.latest]
    assert (session["amount_total"], session["currency"]) == (9900, "jpy")


def test_a_voucher_of_a_part_makes_the_page_cheaper(order, stripe, now):
    batch = vouchers.create_batch(name="20 %", count=1, per_cent=20, now=now)
    payments.begin(order(voucher=batch.vouchers.get().code).pk, now)

    assert stripe.sessions[stripe.latest]["amount_total"] == 8000


def test_two_clicks_get_the_same_page(waiting, stripe, now):
    assert payments.begin(waiting.pk, now + HOUR) == stripe.sessions[stripe.latest]["url"]
    assert len(stripe.sessions) == 1


def test_when_the_page_is_about_to_close_there_is_a_new_one(waiting, stripe, now):
    payments.begin(waiting.pk, now + payments.PAGE_OPEN)

    assert len(stripe.sessions) == 2


def test_without_keys_there_is_no_payment(order, now):
    assert not checkout.is_set_up()
    with pytest.raises(PaymentNotSetUp, match="voucher"):
        payments.begin(order().pk, now)


def test_when_stripe_is_down_nothing_is_charged_and_nothing_is_kept(order, stripe, now):
    stripe.is_down = True

    with pytest.raises(PaymentUnreachable):
        payments.begin(order().pk, now)
    assert not Payment.objects.exists()


def test_a_wrong_key_is_our_fault(order, stripe, settings, now):
    settings.STRIPE_SECRET_KEY = "sk_test_other"

    with pytest.raises(PaymentUnreachable):
        payments.begin(order().pk, now)


# -- events -------------------------------------------------------------------------------------


def test_a_payment_makes_the_registration(waiting, stripe, tell, alice):
    assert tell(stripe.pay(stripe.latest)).status_code == 200

    done = Order.objects.get(pk=waiting.pk)
    assert done.state == OrderState.COMPLETE
    assert done.registration == Registration.objects.get(candidate=alice)
    assert done.payments.get().state == PaymentState.PAID


def test_an_event_that_comes_twice_does_its_work_once(waiting, stripe, tell, letters):
    event = stripe.pay(stripe.latest)

    assert tell(event).content == b"taken in"
    assert tell(event).content == b"known"
    assert Registration.objects.count() == 1
    assert len(letters()) == 2  # the receipt and the registration


@pytest.mark.django_db(transaction=True)
def test_an_event_that_comes_twice_in_the_same_moment_does_its_work_once(
    waiting, stripe, now, letters
):
    event = stripe.pay(stripe.latest)

    def take(_):
        try:
            return payments.take_in(event, now)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(take, range(4)))

    assert outcomes == [False, False, False, True]
    assert Registration.objects.count() == 1


def test_an_event_with_a_wrong_signature_is_refused(waiting, stripe, tell):
    event = stripe.pay(stripe.latest)

    assert tell(event, secret="whsec_other").status_code == 400
    assert state_of(waiting) == OrderState.OPEN


def test_an_event_without_a_signature_is_refused(waiting, stripe, client):
    answer = client.post("/enrolment/stripe/webhook", b"{}", content_type="application/json")

    assert answer.status_code == 400


def test_an_old_event_is_refused(waiting, stripe, tell):
    import time  # noqa: PLC0415

    assert tell(stripe.pay(stripe.latest), at=time.time() - 301).status_code == 400


def test_while_a_secret_is_replaced_both_are_good(waiting, stripe, tell, settings):
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_new", "whsec_fake"]

    assert tell(stripe.pay(stripe.latest)).status_code == 200


def test_without_keys_no_event_is_taken(stripe, tell, settings, waiting):
    event = stripe.pay(stripe.latest)
    settings.STRIPE_SECRET_KEY = ""

    assert tell(event).status_code == 503


def test_only_a_post_is_an_event(client):
    assert client.get("/enrolment/stripe/webhook").status_code == 405


def test_an_event_of_another_program_is_taken_and_ignored(stripe, tell, order):
    order()
    foreign = stripe.event(
        "checkout.session.completed",
        {"id": "cs_other", "object": "checkout.session", "payment_status": "paid", "metadata": {}},
    )

    assert tell(foreign).status_code == 200
    assert not Registration.objects.exists()


@pytest.mark.parametrize("kind", ["customer.created", "payment_intent.succeeded", "invoice.paid"])
def test_events_of_other_kinds_are_taken_and_ignored(stripe, tell, kind):
    assert tell(stripe.event(kind, {"id": "x", "object": "x"})).status_code == 200
    assert StripeEvent.objects.get().kind == kind


def test_a_method_that_takes_days_waits_for_the_money(waiting, stripe, tell):
    tell(stripe.pay(stripe.latest, delayed=True))

    assert state_of(waiting) == OrderState.OPEN
    assert orders.is_being_paid(waiting)

    tell(stripe.arrive(stripe.latest))

    assert state_of(waiting) == OrderState.COMPLETE


def test_while_the_bank_works_nobody_pays_again_or_cancels(waiting, stripe, tell, now):
    tell(stripe.pay(stripe.latest, delayed=True))

    with pytest.raises(OrderClosed):
        payments.begin(waiting.pk, now)
    with pytest.raises(OrderClosed):
        orders.cancel(waiting.pk, now)
    assert orders.cancel_unpaid(now + 3 * DAY) == []


def test_a_payment_that_fails_after_days_can_be_made_again(waiting, stripe, tell, now):
    tell(stripe.pay(stripe.latest, delayed=True))
    tell(stripe.bounce(stripe.latest))

    assert waiting.payments.get().state == PaymentState.FAILED
    assert payments.begin(waiting.pk, now).endswith(stripe.latest)


def test_a_page_whose_time_is_up_leaves_the_order_open(waiting, stripe, tell):
    tell(stripe.expire(stripe.latest))

    assert state_of(waiting) == OrderState.OPEN
    assert waiting.payments.get().state == PaymentState.FAILED


def events_of_a_whole_life(stripe):
    """Every event of a payment that took days and was paid back, as they happened."""
    session = stripe.latest
    return [
        stripe.pay(session, delayed=True),
        stripe.arrive(session),
        stripe.refund(session, 3000),
        stripe.refund(session),
    ]


@pytest.mark.parametrize("way", list(itertools.permutations(range(4))))
def test_in_whichever_order_the_events_come_the_end_is_the_same(
    waiting, stripe, tell, way, alice, now
):
    events = events_of_a_whole_life(stripe)

    for place in way:
        assert tell(events[place]).status_code == 200

    done = Order.objects.get(pk=waiting.pk)
    payment = done.payments.get()
    assert (payment.state, payment.refunded) == (PaymentState.REFUNDED, 10000)
    assert done.state == OrderState.REFUNDED
    assert Registration.objects.count() <= 1
    for registration in Registration.objects.all():
        assert registrations.eligibility(registration, now).obstacle is not None


def test_an_amount_that_was_not_asked_for_makes_no_registration(waiting, stripe, tell, to_staff):
    stripe.sessions[stripe.latest]["amount_total"] = 100
    tell(stripe.pay(stripe.latest))

    assert state_of(waiting) == OrderState.OPEN
    assert "Expected were 10000 USD (smallest unit), paid were 100 USD" in to_staff()[0]


def test_who_pays_a_cancelled_order_gets_the_registration(waiting, stripe, tell, now):
    event = stripe.pay(stripe.latest)
    orders.cancel(waiting.pk, now)

    tell(event)

    assert state_of(waiting) == OrderState.COMPLETE


def test_who_pays_twice_has_staff_told(waiting, stripe, tell, now, to_staff):
    first = stripe.latest
    payments.begin(waiting.pk, now + payments.PAGE_OPEN)
    second = stripe.latest

    tell(stripe.pay(first))
    tell(stripe.pay(second))

    assert Registration.objects.count() == 1
    assert "It was paid twice" in to_staff()[0]


def test_paying_back_one_of_two_payments_leaves_the_registration(waiting, stripe, tell, now, alice):
    first = stripe.latest
    payments.begin(waiting.pk, now + payments.PAGE_OPEN)
    second = stripe.latest
    tell(stripe.pay(first))
    tell(stripe.pay(second))

    tell(stripe.refund(second))

    assert state_of(waiting) == OrderState.COMPLETE
    registration = Registration.objects.get()
    assert registrations.eligibility(registration, now).obstacle is None


def test_a_dispute_has_staff_told(waiting, stripe, tell, to_staff):
    tell(stripe.pay(stripe.latest))
    tell(stripe.dispute(stripe.latest))

    assert "disputes the payment: fraudulent" in to_staff()[0]
    assert state_of(waiting) == OrderState.COMPLETE


# -- without events -----------------------------------------------------------------------------


def test_who_comes_back_before_the_event_is_registered_at_once(waiting, stripe, browse, alice):
    stripe.pay(stripe.latest)

    answer = browse(alice).get(f"/enrolment/orders/{waiting.pk}/paid/")

    assert answer.status_code == 302
    assert state_of(waiting) == OrderState.COMPLETE


def test_the_event_that_comes_later_changes_nothing(waiting, stripe, tell, browse, alice, letters):
    event = stripe.pay(stripe.latest)
    browse(alice).get(f"/enrolment/orders/{waiting.pk}/paid/")

    tell(event)

    assert Registration.objects.count() == 1
    assert len(letters()) == 2


def test_a_payment_of_which_no_event_has_told_is_found(waiting, stripe, now):
    stripe.pay(stripe.latest)

    payments.refresh_overdue(now + payments.PAGE_OPEN)

    assert state_of(waiting) == OrderState.COMPLETE


def test_a_page_of_which_no_event_has_told_is_found_closed(waiting, stripe, now):
    stripe.expire(stripe.latest)

    payments.refresh_overdue(now + payments.PAGE_OPEN)

    assert waiting.payments.get().state == PaymentState.FAILED


def test_when_stripe_is_down_it_is_asked_later(waiting, stripe, now):
    stripe.pay(stripe.latest)
    stripe.is_down = True
    payments.refresh_overdue(now + payments.PAGE_OPEN)
    stripe.is_down = False
    payments.refresh_overdue(now + payments.PAGE_OPEN + HOUR)

    assert state_of(waiting) == OrderState.COMPLETE


# -- changing one's mind ------------------------------------------------------------------------


def test_cancelling_closes_stripes_page(waiting, stripe, now):
    payments.withdraw(waiting.pk, now)
    orders.cancel(waiting.pk, now)

    assert stripe.sessions[stripe.latest]["status"] == "expired"
    assert state_of(waiting) == OrderState.CANCELLED


def test_an_order_that_was_just_paid_is_not_cancelled(waiting, stripe, now):
    stripe.pay(stripe.latest)

    payments.withdraw(waiting.pk, now)
    with pytest.raises(OrderClosed):
        orders.cancel(waiting.pk, now)
    assert state_of(waiting) == OrderState.COMPLETE


def test_when_stripe_is_down_nothing_is_cancelled(waiting, stripe, now):
    stripe.is_down = True

    with pytest.raises(PaymentUnreachable):
        payments.withdraw(waiting.pk, now)


def test_a_voucher_can_still_be_used_instead(waiting, stripe, now):
    batch = vouchers.create_batch(name="all", count=1, now=now)
    payments.withdraw(waiting.pk, now)

    orders.redeem(waiting.pk, batch.vouchers.get().code, now)

    assert state_of(waiting) == OrderState.COMPLETE
    assert stripe.sessions[stripe.latest]["status"] == "expired"


# -- paying back --------------------------------------------------------------------------------


def test_a_refund_in_full_withdraws_an_unused_registration(waiting, stripe, tell, now, letters):
    tell(stripe.pay(stripe.latest))
    tell(stripe.refund(stripe.latest))

    assert state_of(waiting) == OrderState.REFUNDED
    registration = Registration.objects.get()
    assert registrations.eligibility(registration, now).obstacle is not None
    assert "$100.00" in letters()[-1].body
    assert "no longer good" in letters()[-1].body


def test_a_refund_in_part_leaves_the_registration(waiting, stripe, tell, now, letters):
    tell(stripe.pay(stripe.latest))
    tell(stripe.refund(stripe.latest, 2500))

    assert state_of(waiting) == OrderState.COMPLETE
    assert registrations.eligibility(Registration.objects.get(), now).obstacle is None
    assert "$25.00" in letters()[-1].body
    assert "no longer good" not in letters()[-1].body


def test_a_refund_after_start_leaves_the_sitting_and_has_staff_told(
    waiting, stripe, tell, now, prepare, to_staff
):
    tell(stripe.pay(stripe.latest))
    sitting = sittings.open_sitting(Registration.objects.get(), now)
    prepare(sitting)
    sittings.start(sitting.pk, now)

    tell(stripe.refund(stripe.latest))

    after = Order.objects.get(pk=waiting.pk)
    assert after.state == OrderState.COMPLETE
    assert after.refunded_at is not None
    assert "after its clock had been started" in to_staff()[-1]
    assert sittings.start(sitting.pk, now).sitting.started_at == now  # it goes on


def test_staff_can_refund(waiting, stripe, tell, chen, now, audited):
    tell(stripe.pay(stripe.latest))

    refunds.refund(waiting.pk, by=chen, reason="moved abroad", now=now)

    assert state_of(waiting) == OrderState.REFUNDED
    assert stripe.charge_of(stripe.latest)["refunded"]
    assert audited == [("order.refund", f"order {waiting.pk}")]


def test_staff_cannot_refund_twice(waiting, stripe, tell, chen, now):
    tell(stripe.pay(stripe.latest))
    refunds.refund(waiting.pk, by=chen, reason="moved abroad", now=now)

    with pytest.raises(AlreadyRefunded):
        refunds.refund(waiting.pk, by=chen, reason="moved abroad", now=now)


def test_what_a_voucher_has_paid_for_cannot_be_refunded(order, chen, now):
    batch = vouchers.create_batch(name="all", count=1, now=now)
    complete = order(voucher=batch.vouchers.get().code)

    with pytest.raises(AlreadyRefunded):
        refunds.refund(complete.pk, by=chen, reason="moved abroad", now=now)


def test_the_keys_are_in_no_log(waiting, stripe, caplog, settings, now):
    settings.STRIPE_SECRET_KEY = "sk_test_very_secret"
    with pytest.raises(PaymentUnreachable):
        payments.withdraw(waiting.pk, now)

    assert "very_secret" not in caplog.text
    assert "alice" not in caplog.text
