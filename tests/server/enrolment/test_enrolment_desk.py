"""The registrar's desk: vouchers, orders and refunds on the staff's pages."""

from __future__ import annotations

import csv
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillWaiting
from datetime import timedelta
from io import StringIO
from threading import Event

import pytest
from django.db import connections, transaction

from assay.server.accounts.models import User
from assay.server.enrolment import checkout, codes
from assay.server.enrolment.errors import ClockStarted, PaymentUnreachable, ReasonNeeded
from assay.server.enrolment.models import Order, OrderState, Voucher, VoucherBatch
from assay.server.enrolment.services import payments, refunds, vouchers
from assay.server.enrolment.services.search import search_orders
from assay.server.exams.errors import RegistrationExpired
from assay.server.exams.models import Registration, Sitting
from assay.server.exams.services import sittings
from assay.server.exams.services.registrations import withdraw
from assay.server.staff.models import AuditEntry
from assay.server.staff.roles import Role, give

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def chen(chen, now):
    give(chen, Role.REGISTRAR, by=None, now=now)
    return chen


@pytest.fixture
def auditor(db, now):
    dana = User.objects.create_user("dana@example.org", name="Dana", joined_at=now)
    give(dana, Role.AUDITOR, by=None, now=now)
    return dana


def actions():
    return list(AuditEntry.objects.exclude(action="page.look").values_list("action", flat=True))


@pytest.fixture
def batch(chen, now):
    return vouchers.create_batch(
        name="Class of 2026", count=2, uses=2, exam="paid", by=chen, now=now
    )


@pytest.fixture
def paid(order, stripe, tell, now):
    """Alice's order, which is paid."""
    ordered = order()
    payments.begin(ordered.pk, now)
    tell(stripe.pay(stripe.latest))
    return Order.objects.get(pk=ordered.pk)


# Vouchers --------------------------------------------------------------------------------------


def test_a_batch_is_made(browse, chen, clock):
    typed = {"name": " Prize ", "count": "3", "uses": "2", "per_cent": "50", "exam": "paid"}
    answer = browse(chen).post("/staff/vouchers/make/", typed | {"last_day": "2026-12-31"})

    made = VoucherBatch.objects.get()
    assert answer["location"] == f"/staff/vouchers/{made.pk}/"
    assert (made.name, made.vouchers.count(), made.uses, made.per_cent) == ("Prize", 3, 2, 50)
    assert f"{made.expires_at:%Y-%m-%d %H:%M}" == "2026-12-31 23:59"
    assert made.created_by == chen
    assert "vouchers.create" in actions()


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"name": " "}, "needs a name"),
        ({"count": "0"}, "a number from 1 to 10000 was expected"),
        ({"count": "many"}, "a number from 1 to 10000 was expected"),
        ({"per_cent": "101"}, "a number from 1 to 100 was expected"),
        ({"uses": "1.5"}, "a number from 1 to 1000000 was expected"),
        ({"last_day": "tomorrow"}, "is not a day"),
        ({"last_day": "2020-01-01"}, "would have expired"),
        ({"exam": "nothing"}, "There is no exam nothing"),
    ],
)
def test_a_batch_that_makes_no_sense_is_not_made(browse, chen, clock, changed, told):
    typed = {"name": "Prize", "count": "3", "uses": "2", "per_cent": "50", "exam": ""}
    answer = browse(chen).post("/staff/vouchers/make/", typed | changed)

    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert not VoucherBatch.objects.exists()


def test_the_list_says_how_often_a_batch_was_used(browse, chen, batch, order, clock):
    order(voucher=batch.vouchers.first().code)
    vouchers.block(batch.vouchers.last().pk, by=chen, now=batch.created_at)

    text = browse(chen).get("/staff/vouchers/").content.decode()

    assert "1 / 4" in text
    assert "(1 off)" in text


def test_only_who_makes_vouchers_sees_the_codes(browse, chen, auditor, batch, clock):
    code = codes.shown(batch.vouchers.first().code)
    address = f"/staff/vouchers/{batch.pk}/"

    assert code in browse(chen).get(address).content.decode()
    read = browse(auditor).get(address).content.decode()
    assert code not in read
    assert f"{code[:4]}-••••-••••" in read


def test_a_batch_is_exported_and_that_is_written_down(browse, chen, batch, clock):
    answer = browse(chen).get(f"/staff/vouchers/{batch.pk}/export/")

    rows = list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))
    assert answer["content-disposition"] == f'attachment; filename="vouchers-{batch.pk}.csv"'
    assert {row["code"] for row in rows} == {codes.shown(v.code) for v in batch.vouchers.all()}
    assert actions()[0] == "vouchers.export"


def test_a_voucher_is_found_and_switched_off(browse, chen, batch, clock):
    wanted = batch.vouchers.first()
    browser = browse(chen)

    found = browser.post("/staff/vouchers/find/", {"code": codes.shown(wanted.code).lower()})
    assert found["location"] == f"/staff/vouchers/{batch.pk}/?voucher={wanted.pk}"
    assert browser.get(found["location"]).content.decode().count("<tr>") == 2
    browser.post(f"/staff/vouchers/{batch.pk}/off/", {"voucher": str(wanted.pk)})

    assert Voucher.objects.get(pk=wanted.pk).blocked_at is not None
    assert Voucher.objects.filter(blocked_at__isnull=True).count() == 1
    assert actions()[0] == "vouchers.block"


def test_a_typing_error_is_told(browse, chen, batch, clock):
    told = browse(chen).post("/staff/vouchers/find/", {"code": "7KQM"}, follow=True)

    assert "There is a typing error in the voucher 7KQM." in told.content.decode()


@pytest.mark.parametrize("voucher", ["", "x", "9" * 30, "٣"])
def test_only_a_voucher_of_the_batch_is_switched_off(browse, chen, batch, clock, voucher):
    answer = browse(chen).post(f"/staff/vouchers/{batch.pk}/off/", {"voucher": voucher})

    assert answer.status_code == 404


# Orders ----------------------------------------------------------------------------------------


def test_orders_are_found(order, alice, bob):
    first, second = order(alice), order(bob, "guarded")

    def found(**wanted):
        return {each.pk for each in search_orders(**wanted)}

    assert found() == {first.pk, second.pk}
    assert found(wanted="alice@") == {first.pk}
    assert found(wanted="鲍勃") == {second.pk}
    assert found(wanted=first.number) == found(wanted=str(first.pk)) == {first.pk}
    assert found(state="complete") == {second.pk}
    assert found(wanted="alice", state="complete") == set()


def test_an_order_is_shown_whole(browse, auditor, paid, clock):
    browser = browse(auditor)

    listed = browser.get("/staff/orders/").content.decode()
    shown = browser.get(f"/staff/orders/{paid.pk}/").content.decode()

    assert paid.number in listed
    assert paid.payments.get().intent in shown
    assert str(paid.registration_id) in shown
    assert "Pay back in full" not in shown  # an auditor only reads


def test_an_order_is_paid_back(browse, chen, paid, clock, letters):
    address = f"/staff/orders/{paid.pk}/"
    browser = browse(chen)
    assert "Pay back in full" in browser.get(address).content.decode()

    after = browser.post(f"{address}refund/", {"reason": "Moved abroad"}, follow=True)

    assert Order.objects.get(pk=paid.pk).state == OrderState.REFUNDED
    assert "Moved abroad" in after.content.decode()
    assert "Pay back in full" not in after.content.decode()
    assert "no longer good" in letters()[-1].body


def test_a_refund_needs_a_reason(chen, paid, now):
    with pytest.raises(ReasonNeeded):
        refunds.refund(paid.pk, by=chen, reason=" ", now=now)


def test_an_exam_that_was_started_is_paid_back_only_on_purpose(
    browse, chen, paid, prepare, clock, now
):
    sitting = prepare(sittings.open_sitting(paid.registration, now))
    sittings.start(sitting.pk, now)
    address = f"/staff/orders/{paid.pk}/refund/"
    browser = browse(chen)

    told = browser.post(address, {"reason": "Unwell"}, follow=True).content.decode()
    assert "The exam of this order was started" in told
    assert Order.objects.get(pk=paid.pk).refunded_at is None

    browser.post(address, {"reason": "Unwell", "although_started": "yes"})
    after = Order.objects.get(pk=paid.pk)
    assert (after.refunded_at, after.state) == (now, OrderState.COMPLETE)
    assert sittings.start(sitting.pk, now).sitting.started_at == now  # it goes on


def test_if_stripe_is_down_nothing_has_happened(chen, paid, stripe, now):
    stripe.is_down = True

    with pytest.raises(PaymentUnreachable):
        refunds.refund(paid.pk, by=chen, reason="Moved abroad", now=now)

    assert Registration.objects.get().valid_until > now
    assert "order.refund" not in actions()


# A refund and Start in the same moment ----------------------------------------------------------


def apart(act):
    """Run in a thread with a connection of its own."""
    try:
        return act()
    finally:
        connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_start_waits_for_a_refund_that_is_being_made(chen, paid, prepare, now, monkeypatch):
    sitting = prepare(sittings.open_sitting(paid.registration, now))
    asked, go_on = Event(), Event()
    pay_back = checkout.refund

    def slowly(intent, key):
        asked.set()
        assert go_on.wait(20)
        return pay_back(intent, key)

    monkeypatch.setattr(checkout, "refund", slowly)
    with ThreadPoolExecutor(2) as pool:
        refund = pool.submit(
            apart, lambda: refunds.refund(paid.pk, by=chen, reason="Moved abroad", now=now)
        )
        assert asked.wait(20)
        start = pool.submit(apart, lambda: sittings.start(sitting.pk, now))
        with pytest.raises(StillWaiting):
            start.result(timeout=0.5)
        go_on.set()
        refund.result(timeout=20)

        with pytest.raises(RegistrationExpired):
            start.result(timeout=20)

    assert Order.objects.get(pk=paid.pk).state == OrderState.REFUNDED
    assert Sitting.objects.get(pk=sitting.pk).started_at is None


@pytest.mark.django_db(transaction=True)
def test_a_refund_waits_for_a_start_that_was_quicker(chen, paid, prepare, stripe, now):
    sitting = prepare(sittings.open_sitting(paid.registration, now))
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            sittings.start(sitting.pk, now)
            refund = pool.submit(
                apart, lambda: refunds.refund(paid.pk, by=chen, reason="Moved abroad", now=now)
            )
            with pytest.raises(StillWaiting):
                refund.result(timeout=0.5)

        with pytest.raises(ClockStarted):
            refund.result(timeout=20)

    assert not stripe.charge_of(stripe.latest)["refunded"]
    assert Sitting.objects.get(pk=sitting.pk).started_at == now


@pytest.mark.django_db(transaction=True)
def test_start_sees_a_registration_that_was_just_taken_back(paid, prepare, now):
    sitting = prepare(sittings.open_sitting(paid.registration, now))
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            assert withdraw(paid.registration, now)
            start = pool.submit(apart, lambda: sittings.start(sitting.pk, now))
            with pytest.raises(StillWaiting):
                start.result(timeout=0.5)

        with pytest.raises(RegistrationExpired):
            start.result(timeout=20)
