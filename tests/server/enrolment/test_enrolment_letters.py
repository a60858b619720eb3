"""Mails at each step, in the candidate's language, each once."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from assay.server import queue
from assay.server.enrolment.services import identity, payments, reminders, sweeping, vouchers
from assay.server.exams.services import sittings

DAY = timedelta(days=1)
MOMENT = timedelta(seconds=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def reminded(letters):
    """The subjects of the reminders that go out at a time: `reminded(at)`."""

    def act(at):
        before = len(letters())
        reminders.send_due(at)
        return [mail.subject for mail in letters()[before:]]

    return act


@pytest.fixture(autouse=True)
def _clock(clock):
    """Reminders say how many days are left now."""


def test_who_registers_gets_a_mail(order, letters, now):
    registration = order(exam="small").registration

    (mail,) = letters()
    assert mail.to == ["alice@example.org"]
    assert mail.subject == "Registered: Small exam"
    assert "Dear Alice Example," in mail.body
    assert "2026-08-29 10:00 UTC" in mail.body
    assert f"http://testserver/registrations/{registration.pk}/" in mail.body


def test_who_has_to_send_a_document_hears_so(order, letters):
    registration = order(exam="guarded").registration

    (mail,) = letters()
    assert "identity document" in mail.body
    assert f"http://testserver/enrolment/identity/{registration.pk}/" in mail.body


def test_who_pays_gets_a_receipt(order, stripe, tell, letters, now):
    batch = vouchers.create_batch(name="20 %", count=1, per_cent=20, now=now)
    placed = order(voucher=batch.vouchers.get().code)
    payments.begin(placed.pk, now)
    tell(stripe.pay(stripe.latest))

    receipt, registered = letters()
    assert receipt.subject == f"Receipt {placed.number}: Paid exam"
    assert "Fee: $100.00" in receipt.body
    assert "Amount paid: $80.00" in receipt.body
    assert "Alice Example <alice@example.org>" in receipt.body
    assert registered.subject == "Registered: Paid exam"


def test_a_mail_has_the_same_words_as_text_and_as_html(order, letters):
    order(exam="small")

    (mail,) = letters()
    html = mail.alternatives[0][0]
    for paragraph in mail.body.split("\n\n")[:3]:
        assert paragraph.strip() in html.replace("&quot;", '"')


def test_what_a_candidate_wrote_is_no_html(order, alice, letters, picture, chen, now):
    alice.name = "<b>Alice</b>"
    alice.save()
    order(exam="small")

    (mail,) = letters()
    assert "<b>Alice</b>" not in mail.alternatives[0][0]
    assert "<b>Alice</b>" in mail.body


def test_the_identity_check_is_accompanied(order, alice, chen, picture, letters, now):
    registration = order(exam="guarded").registration

    def send():
        return identity.submit(alice, registration.pk, document=picture(), photo=picture(), now=now)

    identity.refuse(send().pk, by=chen, reason="100 % dark", now=now)
    identity.approve(send().pk, by=chen, now=now)

    subjects = [mail.subject.partition(":")[0] for mail in letters()]
    assert subjects == [
        "Registered",
        "Document and photo received",
        "Please send other pictures",
        "Document and photo received",
        "Identity confirmed",
    ]
    assert "100 % dark" in letters()[2].body


def test_every_letter_is_in_the_candidates_language(
    order, bob, chen, picture, letters, stripe, tell, now, register
):
    registration = order(bob, exam="guarded").registration

    def send():
        return identity.submit(bob, registration.pk, document=picture(), photo=picture(), now=now)

    identity.refuse(send().pk, by=chen, reason="太暗", now=now)
    send()
    identity.drop_old(now + 30 * DAY)
    identity.approve(send().pk, by=chen, now=now)
    bob.name = "另一个人"
    bob.save()
    payments.begin(order(bob).pk, now)
    tell(stripe.pay(stripe.latest))
    tell(stripe.refund(stripe.latest))
    reminders.send_due(registration.valid_until - DAY)
    reminders.send_due(registration.valid_until)

    kinds = {mail.subject.partition("：")[0] for mail in letters()}
    assert len(kinds) >= 8
    for mail in letters():
        text = f"{mail.subject} {mail.body}".replace("bob@example.org", "")
        text = re.sub(r"http\S+|UTC|US|Assay at testserver|\b[0-9A-F]{8}\b", "", text)
        assert re.findall(r"[A-Za-z]{3,}", text) == [], mail.subject


def test_it_reminds_30_7_and_1_days_before_and_says_when_it_is_over(order, reminded, clock, now):
    until = order(exam="small").registration.valid_until

    said = []
    for day in range(200):
        clock.at = now + day * DAY
        said += [(clock.at - until, subject) for subject in reminded(clock.at)]

    assert said == [
        (-30 * DAY, "30 days left: Small exam"),
        (-7 * DAY, "7 days left: Small exam"),
        (-1 * DAY, "1 day left: Small exam"),
        (0 * DAY, "Registration expired: Small exam"),
    ]


def test_each_reminder_goes_out_once(order, reminded, now):
    until = order(exam="small").registration.valid_until

    assert len(reminded(until - 30 * DAY)) == 1
    assert reminded(until - 30 * DAY) == []
    assert reminded(until - 29 * DAY) == []


def test_a_moment_before_it_is_not_due(order, reminded, now):
    until = order(exam="small").registration.valid_until

    assert reminded(until - 30 * DAY - MOMENT) == []


def test_after_a_long_silence_there_is_one_reminder_and_not_three(order, reminded, clock):
    until = order(exam="small").registration.valid_until
    clock.at = until - DAY / 2

    assert reminded(clock.at) == ["1 day left: Small exam"]


def test_what_has_long_been_over_is_let_rest(order, reminded):
    until = order(exam="small").registration.valid_until

    assert reminded(until + 7 * DAY) == []


def test_whose_clock_was_started_is_not_reminded(running_sitting, alice, reminded, now):
    until = running_sitting(alice, "small").registration.valid_until

    assert reminded(until - 7 * DAY) == []
    assert reminded(until) == []


def test_who_has_opened_and_not_started_is_reminded(register, alice, reminded, now):
    registration = register(alice)
    sittings.open_sitting(registration, now)

    assert len(reminded(registration.valid_until - 7 * DAY)) == 1


def test_a_short_registration_has_no_reminder_of_days_that_it_never_had(
    register, alice, reminded, now
):
    registration = register(alice)
    registration.valid_until = now + 5 * DAY
    registration.save()

    assert reminded(now) == []
    assert len(reminded(now + 4 * DAY)) == 1


def test_practice_is_not_reminded_of(register, alice, reminded):
    until = register(alice, "rehearsal").valid_until

    assert reminded(until - DAY) == []
    assert reminded(until) == []


def test_who_was_paid_back_is_not_reminded(order, stripe, tell, reminded, now):
    placed = order()
    payments.begin(placed.pk, now)
    tell(stripe.pay(stripe.latest))
    tell(stripe.refund(stripe.latest))

    assert reminded(now + DAY) == []
    assert reminded(now + 150 * DAY) == []


def test_the_sweep_does_all_of_it(order, letters, now, monkeypatch):
    registration = order(exam="small").registration
    unpaid = order()

    sweeping.sweep(registration.valid_until - DAY)

    unpaid.refresh_from_db()
    assert unpaid.state == "cancelled"
    assert "left" in letters()[-1].subject


def test_a_chore_that_breaks_keeps_no_other_from_being_done(order, letters, monkeypatch, caplog):
    registration = order(exam="small").registration

    def broken(now):
        raise RuntimeError("no room")

    monkeypatch.setattr(identity, "drop_old", broken)
    sweeping.sweep(registration.valid_until - DAY)

    assert "left" in letters()[-1].subject
    assert "broken failed" in caplog.text


def test_the_sweep_runs_by_itself_every_ten_minutes():
    found = [
        task
        for (name, _), task in app.periodic_registry.periodic_tasks.items()
        if name == "enrolment.sweep"
    ]

    assert [task.cron for task in found] == ["*/10 * * * *"]
    assert found[0].task.queue == queue.MAIL


def test_a_mail_server_that_is_down_loses_no_letter(order):
    order(exam="small")

    job = ProcrastinateJob.objects.get(task_name="enrolment.send_letter")
    assert app.tasks["enrolment.send_letter"].retry_strategy is not None
    assert job.queue_name == queue.MAIL
