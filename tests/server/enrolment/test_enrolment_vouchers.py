"""Vouchers: what a batch is, and when a code is taken."""

from __future__ import annotations

import csv
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from assay.errors import AssayError
from assay.messages import Language
from assay.server.enrolment import codes
from assay.server.enrolment.errors import (
    MistypedVoucher,
    NotADay,
    UnknownBatch,
    UnknownVoucher,
    VoucherBlocked,
    VoucherExpired,
    VoucherForAnotherExam,
    VoucherUsedUp,
)
from assay.server.enrolment.models import OrderState, Voucher
from assay.server.enrolment.services import orders, vouchers
from assay.server.enrolment.services.vouchers import UnusableBatch
from assay.server.exams.errors import UnknownExam
from assay.server.exams.models import Registration

DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def batch(now):
    """Make vouchers: `batch(per_cent=20)`."""

    def act(**how):
        return vouchers.create_batch(**{"name": "Class of 2026", "count": 1, "now": now} | how)

    return act


def code_of(batch):
    return codes.shown(batch.vouchers.first().code)


def test_a_batch_has_so_many_different_codes(batch):
    made = batch(count=500).vouchers.values_list("code", flat=True)

    assert len(set(made)) == 500
    assert all(codes.is_well_formed(code) for code in made)


@pytest.mark.parametrize(
    "how", [{"count": 0}, {"count": 10_001}, {"per_cent": 0}, {"per_cent": 101}, {"uses": 0}]
)
def test_it_refuses_numbers_that_make_no_sense(batch, how):
    with pytest.raises(vouchers.UnusableBatch):
        batch(**how)


def test_it_refuses_a_batch_that_has_expired(batch, now):
    with pytest.raises(vouchers.BatchExpired):
        batch(expires_at=now)


def test_it_refuses_a_batch_for_an_exam_that_there_is_not(batch):
    with pytest.raises(UnknownExam):
        batch(exam="nonesuch")


def test_making_a_batch_is_written_down_without_its_codes(batch, chen, audited):
    made = batch(by=chen)

    assert audited == [("vouchers.create", f"voucher batch {made.pk}")]


def test_a_full_voucher_registers_at_once(order, batch, alice):
    complete = order(voucher=code_of(batch()))

    assert complete.state == OrderState.COMPLETE
    assert complete.price.amount == 0
    assert complete.registration == Registration.objects.get(candidate=alice)


def test_a_part_is_taken_off_and_the_rest_is_to_be_paid(order, batch):
    waiting = order(voucher=code_of(batch(per_cent=20)))

    assert waiting.state == OrderState.OPEN
    assert waiting.price.amount == 8000


def test_small_letters_and_missing_dashes_are_fine(order, batch):
    typed = code_of(batch()).lower().replace("-", " ")

    assert order(voucher=typed).state == OrderState.COMPLETE


def test_a_typing_error_is_told_from_an_unknown_code(order, batch, now):
    code = code_of(batch())
    wrong = ("A" if code[0] != "A" else "B") + code[1:]
    unknown = codes.shown(codes.new_code())

    with pytest.raises(MistypedVoucher, match="typing error"):
        order(voucher=wrong)
    with pytest.raises(UnknownVoucher, match="no voucher"):
        order(voucher=unknown)


def test_an_error_leaves_no_order_behind(order, alice):
    with pytest.raises(MistypedVoucher):
        order(voucher="?")

    assert not alice.orders.exists()


def test_it_is_good_until_its_last_moment(order, batch, now, alice, bob):
    code = code_of(batch(uses=2, expires_at=now + DAY))

    assert order(alice, at=now + DAY - timedelta(microseconds=1), voucher=code).price.amount == 0
    with pytest.raises(VoucherExpired):
        order(bob, at=now + DAY, voucher=code)


def test_it_can_be_bound_to_an_exam(order, batch):
    code = code_of(batch(exam="yen"))

    with pytest.raises(VoucherForAnotherExam, match="Exam in yen"):
        order(exam="paid", voucher=code)
    assert order(exam="yen", voucher=code).state == OrderState.COMPLETE


def test_it_says_the_other_exam_in_the_candidates_language(order, batch, bob):
    with pytest.raises(VoucherForAnotherExam) as caught:
        order(bob, voucher=code_of(batch(exam="yen")))

    assert caught.value.params["exam"] == "日元考试"


def test_it_is_good_for_so_many_orders(order, batch, alice, bob):
    code = code_of(batch(uses=1))
    order(alice, voucher=code)

    with pytest.raises(VoucherUsedUp):
        order(bob, voucher=code)


def test_an_order_that_is_cancelled_gives_its_use_back(order, batch, alice, bob, now):
    code = code_of(batch(per_cent=20))
    orders.cancel(order(alice, voucher=code).pk, now)

    assert order(bob, voucher=code).price.amount == 8000


def test_staff_can_withdraw_it(order, batch, chen, now, audited):
    made = batch()
    vouchers.block(made.vouchers.get().pk, by=chen, now=now)

    with pytest.raises(VoucherBlocked):
        order(voucher=code_of(made))
    assert audited[-1][0] == "vouchers.block"


@pytest.mark.django_db(transaction=True)
def test_of_many_who_use_the_last_use_at_once_one_gets_it(batch, now):
    from assay.server.accounts.services import register_candidate  # noqa: PLC0415

    code = code_of(batch(uses=1))
    crowd = [
        register_candidate(
            f"candidate{i}@example.org", name="One of Many", language=Language.ENGLISH, now=now
        )
        for i in range(4)
    ]

    def use(candidate):
        try:
            return orders.place(candidate, "paid", now, voucher=code).state
        except AssayError as error:
            return error.code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(use, crowd))

    assert outcomes == ["complete", *["voucher_used_up"] * 3]
    assert Registration.objects.count() == 1


def test_the_list_for_staff_says_how_often_each_was_used(order, batch):
    made = batch(name="=Class", count=2, uses=3, exam="paid")
    order(voucher=code_of(made))
    file = StringIO()

    assert vouchers.write_csv(Voucher.objects.all(), file) == 2

    rows = list(csv.DictReader(StringIO(file.getvalue())))
    assert [row["used"] for row in rows] == ["1", "0"]
    assert rows[0]["code"] == code_of(made)
    assert rows[0]["uses"] == "3"
    assert rows[0]["batch"] == "'=Class"  # a spreadsheet would take it for a formula


def run(*arguments):
    out = StringIO()
    call_command(*arguments, stdout=out)
    return list(csv.DictReader(StringIO(out.getvalue())))


def test_the_command_makes_a_batch_and_prints_it():
    rows = run(
        "create_vouchers", "Early birds", "--count=3", "--percent=20", "--expires=2099-01-31"
    )

    assert len(rows) == 3
    assert all(codes.is_well_formed(codes.plain(row["code"])) for row in rows)
    assert {row["per_cent"] for row in rows} == {"20"}
    assert {row["expires_at"][:10] for row in rows} == {"2099-01-31"}


def test_the_command_says_what_is_wrong():
    with pytest.raises(UnusableBatch, match="count must be from 1 to 10000, received 0"):
        run("create_vouchers", "Nobody", "--count=0")


def test_vouchers_can_be_printed_again_by_batch(batch):
    batch(name="One")
    batch(name="Two", count=2)

    assert len(run("export_vouchers")) == 3
    assert len(run("export_vouchers", "--batch=Two")) == 2
    with pytest.raises(UnknownBatch) as unknown:
        run("export_vouchers", "--batch=Three")

    told = unknown.value.render(Language.ENGLISH)
    assert told.message == "There is no batch of vouchers “Three”."
    assert told.remedy == "Those that there are: One, Two"


def test_a_last_day_must_be_a_day():
    with pytest.raises(NotADay, match="tomorrow"):
        run("create_vouchers", "Nobody", "--count=1", "--expires=tomorrow")
