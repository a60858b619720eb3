"""Orders: who may register, and that a registration is made exactly once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from assay.errors import AssayError, NotFound
from assay.server.enrolment.errors import AlreadyRegistered, OrderClosed, RegisterLater
from assay.server.enrolment.models import OrderState
from assay.server.enrolment.services import catalogue, orders
from assay.server.exams.errors import UnknownExam
from assay.server.exams.models import Registration
from assay.server.exams.services import registrations, sittings
from assay.server.submissions.services import closing

DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def fail(running_sitting):
    """Have a candidate sit an exam and hand in nothing: `fail(alice, at)`."""

    def act(candidate, at, exam="small"):
        sitting = running_sitting(candidate, exam, at)
        sittings.end(sitting.pk, at)
        assert closing.close_if_due(sitting.pk, at)
        return sitting

    return act


def test_a_free_exam_is_registered_for_at_once(order, alice, now):
    complete = order(exam="small")

    assert complete.state == OrderState.COMPLETE
    assert complete.registration.candidate == alice
    assert complete.registration.valid_until == now + 180 * DAY
    assert complete.registration.cleared_at == now


def test_an_exam_with_a_fee_waits_for_it(order):
    waiting = order(exam="paid")

    assert waiting.state == OrderState.OPEN
    assert waiting.registration is None


def test_an_exam_that_asks_for_identity_is_not_cleared(order):
    assert order(exam="guarded").registration.cleared_at is None


def test_the_price_is_that_of_the_day_of_the_order(order, fuller_bank, monkeypatch, now):
    waiting = order(exam="paid")
    from assay.server.exams.bank import blueprint  # noqa: PLC0415

    dearer = blueprint("paid").model_copy(update={"fee": blueprint("yen").fee})
    monkeypatch.setattr(orders, "blueprint", lambda _: dearer)

    assert order(exam="paid", at=now + DAY) == waiting
    assert str(orders.order_of(waiting.candidate, waiting.pk).price) == "$100.00"


def test_it_refuses_an_exam_that_there_is_not(order):
    with pytest.raises(UnknownExam):
        order(exam="nonesuch")


def test_who_is_registered_is_not_registered_again(order):
    order(exam="small")

    with pytest.raises(AlreadyRegistered):
        order(exam="small")


def test_who_is_registered_for_one_exam_can_register_for_another(order):
    order(exam="small")

    assert order(exam="guarded").state == OrderState.COMPLETE


def test_an_expired_registration_does_not_stand_in_the_way(order, now):
    order(exam="small")

    assert order(exam="small", at=now + 180 * DAY).state == OrderState.COMPLETE


def test_a_second_order_is_the_first_one(order):
    assert order(exam="paid") == order(exam="paid")


def test_after_a_failure_it_says_from_when(fail, order, alice, now):
    fail(alice, now)

    with pytest.raises(RegisterLater, match=f"{now + 14 * DAY:%Y-%m-%d}"):
        order(exam="small", at=now + 14 * DAY - timedelta(microseconds=1))
    assert order(exam="small", at=now + 14 * DAY).state == OrderState.COMPLETE


def test_the_catalogue_knows_the_wait(fail, alice, now):
    fail(alice, now)

    standing = catalogue.availability(alice, "small", now + DAY)

    assert standing.wait_until == now + 14 * DAY
    assert standing.failures == 1
    assert not standing.can_register


def test_a_failure_of_another_exam_does_not_stand_in_the_way(fail, order, alice, now):
    fail(alice, now, exam="rehearsal")

    assert order(exam="small").state == OrderState.COMPLETE


def test_while_the_clock_runs_nobody_registers_again(running_sitting, order, alice):
    running_sitting(alice, "small")

    with pytest.raises(AlreadyRegistered):
        order(exam="small")


@pytest.mark.django_db(transaction=True)
def test_many_clicks_make_one_registration(alice, now):
    def click(_):
        try:
            return orders.place(alice, "small", now).state
        except AssayError as error:
            return error.code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(click, range(4)))

    assert outcomes == [*["already_registered"] * 3, "complete"]
    assert Registration.objects.count() == 1


def test_an_open_order_can_be_cancelled_and_ordered_anew(order, now):
    first = order()

    cancelled = orders.cancel(first.pk, now)

    assert cancelled.state == OrderState.CANCELLED
    assert order().pk != first.pk


def test_a_complete_order_cannot_be_cancelled(order, now):
    complete = order(exam="small")

    with pytest.raises(OrderClosed):
        orders.cancel(complete.pk, now)


def test_an_order_that_nobody_pays_is_cancelled_after_two_days(order, now):
    waiting = order()

    assert orders.cancel_unpaid(now + 2 * DAY - timedelta(microseconds=1)) == []
    assert orders.cancel_unpaid(now + 2 * DAY) == [waiting.pk]


def test_bob_does_not_find_alices_order(order, bob):
    with pytest.raises(NotFound):
        orders.order_of(bob, order().pk)


def test_a_registration_that_was_not_used_can_be_withdrawn(register, alice, now):
    registration = register(alice)

    assert registrations.withdraw(registration, now)
    assert registrations.eligibility(registration, now).obstacle is not None


def test_a_registration_whose_clock_runs_cannot_be_withdrawn(running_sitting, alice, now):
    registration = running_sitting(alice).registration

    assert not registrations.withdraw(registration, now)
    assert registrations.eligibility(registration, now).obstacle is None
