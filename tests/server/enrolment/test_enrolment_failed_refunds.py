"""A refund that does not arrive: written down once, shown to registrars until it is settled."""

from __future__ import annotations

import itertools

import pytest

from assay.server.enrolment.errors import ReasonNeeded, RefundSettled
from assay.server.enrolment.models import FailedRefund, Order, OrderState, Payment
from assay.server.enrolment.news import of_failed_refund
from assay.server.enrolment.services import failed_refunds, payments, refunds
from assay.server.staff.models import AuditEntry
from assay.server.staff.roles import Role, give

pytestmark = pytest.mark.django_db


@pytest.fixture
def refunded(order, stripe, tell, chen, now, clock):
    """Alice's order, paid, and paid back by staff; the bank takes its time."""
    clock.at = now
    placed = order()
    payments.begin(placed.pk, now)
    tell(stripe.pay(stripe.latest))
    stripe.refunds_are = "pending"
    refunds.refund(placed.pk, by=chen, reason="asked for it", now=now)
    return placed


@pytest.fixture
def registrar(chen, now):
    give(chen, Role.REGISTRAR, by=None, now=now)
    return chen


def settle(order, chen, now, how="bank transfer of 3 March"):
    failed = FailedRefund.objects.get()
    return failed_refunds.settle(failed.pk, order.pk, by=chen, how=how, now=now)


@pytest.mark.parametrize("order_of_events", list(itertools.permutations(range(3))))
def test_three_events_about_one_failure_are_one(refunded, stripe, tell, to_staff, order_of_events):
    events = stripe.fail_refund(stripe.latest)
    for number in order_of_events:
        for _ in range(2):  # each is delivered at least once
            assert tell(events[number]).status_code == 200

    failed = FailedRefund.objects.get()
    assert (failed.amount, failed.reason) == (10000, "lost_or_stolen_card")
    assert sum("a refund failed" in told for told in to_staff()) == 1
    (entry,) = AuditEntry.objects.filter(action="order.refund_failed")
    assert entry.subject == f"order {refunded.pk}"
    assert entry.details["refund"] == failed.number


def test_a_failure_that_overtakes_the_refund_is_kept(refunded, stripe, tell):
    late = stripe.refund(stripe.latest, amount=0)
    for event in (*stripe.fail_refund(stripe.latest), late):
        tell(event)

    assert failed_refunds.unsettled().count() == 1


def test_what_was_bought_stays_withdrawn(refunded, stripe, tell, now):
    tell(stripe.refund(stripe.latest, amount=0))
    for event in stripe.fail_refund(stripe.latest):
        tell(event)

    found = Order.objects.get(pk=refunded.pk)
    assert found.state == OrderState.REFUNDED
    assert found.registration.valid_until <= now


@pytest.mark.parametrize("status", ["pending", "requires_action", "succeeded"])
def test_a_refund_that_is_on_its_way_is_no_failure(refunded, stripe, tell, status):
    event = stripe.fail_refund(stripe.latest)[0]
    event["data"]["object"] |= {"status": status, "failure_reason": None}
    tell(event)

    assert FailedRefund.objects.count() == 0


def test_one_that_was_called_off_in_the_dashboard_has_failed_too(refunded, stripe, tell):
    event = stripe.fail_refund(stripe.latest)[0]
    event["data"]["object"] |= {"status": "canceled", "failure_reason": None}
    tell(event)

    assert FailedRefund.objects.get().reason == "canceled"


def test_a_currency_without_cents_is_counted_in_its_own_unit(refunded, stripe):
    event = stripe.fail_refund(stripe.latest)[0]
    event["data"]["object"] |= {"currency": "jpy", "amount": 9900}

    assert str(of_failed_refund(event).amount) == "¥9,900"


def test_another_programs_refund_is_taken_and_ignored(refunded, stripe, tell):
    event = stripe.fail_refund(stripe.latest)[0]
    event["data"]["object"] |= {"payment_intent": "pi_of_another_program"}

    assert tell(event).status_code == 200
    assert FailedRefund.objects.count() == 0


def test_an_event_that_nobody_has_signed_is_refused(refunded, stripe, tell):
    event = stripe.fail_refund(stripe.latest)[0]

    assert tell(event, secret="whsec_wrong").status_code == 400
    assert FailedRefund.objects.count() == 0


def test_settling_says_how_and_is_written_down_once(refunded, stripe, tell, chen, now):
    tell(stripe.fail_refund(stripe.latest)[0])
    with pytest.raises(ReasonNeeded):
        settle(refunded, chen, now, how=" ")
    settle(refunded, chen, now)

    with pytest.raises(RefundSettled):
        settle(refunded, chen, now)
    assert failed_refunds.unsettled().count() == 0
    entry = AuditEntry.objects.get(action="order.refund_settle")
    assert (entry.by, entry.details["reason"]) == (chen, "bank transfer of 3 March")


def test_a_payment_that_still_stands_can_be_paid_back_once_more(refunded, stripe, tell, chen, now):
    tell(stripe.fail_refund(stripe.latest)[0])  # and no other word of the refund ever came
    stripe.refunds_are = "succeeded"

    refunds.refund(refunded.pk, by=chen, reason="the first one failed", now=now)

    assert Payment.objects.get().refunded == 10000


# Pages -----------------------------------------------------------------------------------------


def test_a_registrar_sees_it_and_settles_it(refunded, stripe, tell, registrar, browse, clock):
    tell(stripe.fail_refund(stripe.latest)[0])
    browser, address = browse(registrar), f"/staff/orders/{refunded.pk}/"
    assert "1 refund has failed." in browser.get("/staff/").content.decode()
    assert refunded.number in browser.get("/staff/orders/?state=open").content.decode()
    shown = browser.get(address).content.decode()
    for said in ("$100.00", "lost_or_stolen_card", "order.refund_failed"):
        assert said in shown

    failed = FailedRefund.objects.get()
    browser.post(f"{address}settle/", {"failed": failed.pk, "reason": "bank transfer"})

    assert "bank transfer" in browser.get(address).content.decode()
    assert "has failed" not in browser.get("/staff/").content.decode()


@pytest.mark.parametrize("failed", ["", "x", "999999"])
def test_what_is_none_of_the_orders_is_not_found(refunded, registrar, browse, failed):
    address = f"/staff/orders/{refunded.pk}/settle/"

    assert browse(registrar).post(address, {"failed": failed, "reason": "x"}).status_code == 404


def test_the_candidate_reads_that_the_money_has_not_arrived(
    refunded, stripe, tell, alice, chen, browse, clock, now
):
    tell(stripe.refund(stripe.latest, amount=0))
    tell(stripe.fail_refund(stripe.latest)[0])
    address, words = f"/enrolment/orders/{refunded.pk}/", "The refund has not reached you."

    assert words in browse(alice).get(address).content.decode()
    settle(refunded, chen, now)
    assert words not in browse(alice).get(address).content.decode()
