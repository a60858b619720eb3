"""A candidate appeals against the annulment of a sitting; if that is granted, it is lifted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from assay.server.accounts.models import OutgoingMail
from assay.server.appeals import services
from assay.server.appeals.errors import AppealFiled, AppealTermOver, NoAppealText
from assay.server.appeals.models import Appeal, AppealKind, AppealState
from assay.server.enrolment.services import registrar
from assay.server.enrolment.tasks import send_letter
from assay.server.exams.models import Registration, Sitting
from assay.server.exams.phases import phase
from assay.server.exams.services import clock as clocks
from assay.server.exams.services import sittings
from assay.server.staff.models import AuditEntry
from assay.wire import Phase

pytestmark = pytest.mark.django_db
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
WHY, WORDS = "The same file came from two candidates.", "We had the same notebook from the course."


@pytest.fixture
def annul(chen, now):
    def act(sitting, at=now):
        registrar.void(sitting.registration_id, by=chen, reason=WHY, now=at)
        return Sitting.objects.get(pk=sitting.pk)

    return act


@pytest.fixture
def appealed(annul, alice, now):
    """File an appeal against the annulment of a sitting."""

    def act(sitting, at=now):
        annul(sitting, at)
        return services.file(alice, sitting.pk, slots=[], text=WORDS, now=at)

    return act


def grant(appeal, chen, now, *, granted=True):
    services.answer(appeal.pk, granted=granted, reason="We have heard both.", by=chen, now=now)
    return Sitting.objects.get(pk=appeal.sitting_id)


# Filing ----------------------------------------------------------------------------------------


def test_it_is_about_no_category_and_everybody_hears_of_it(appealed, finished, alice):
    appeal = appealed(finished(alice))

    assert (appeal.kind, appeal.slots) == (AppealKind.ANNULMENT, [])
    mail = OutgoingMail.objects.get()
    assert "against the annulment of your exam has come in" in mail.text
    assert WORDS in mail.text
    (job,) = ProcrastinateJob.objects.filter(task_name="accounts.send_staff_mail")
    assert "About the annulment of sitting" in job.args["text"]


def test_a_sitting_that_ran_can_be_appealed_for_too(appealed, running_sitting, alice):
    assert appealed(running_sitting(alice)).state == AppealState.WAITING


def test_the_term_begins_with_the_annulment(annul, finished, alice, now, settings):
    sitting = annul(finished(alice), now + 10 * DAY)
    end = now + timedelta(days=10 + settings.APPEAL_DAYS)
    assert services.stance(sitting, end - DAY).may_file

    with pytest.raises(AppealTermOver):
        services.file(alice, sitting.pk, slots=[], text=WORDS, now=end)


def test_it_needs_words_and_is_filed_once(annul, finished, alice, now):
    sitting = annul(finished(alice))
    with pytest.raises(NoAppealText):
        services.file(alice, sitting.pk, slots=[], text=" ", now=now)
    services.file(alice, sitting.pk, slots=[], text=WORDS, now=now)

    with pytest.raises(AppealFiled):
        services.file(alice, sitting.pk, slots=[], text=WORDS, now=now)


def test_an_appeal_against_marks_does_not_use_it_up(annul, finished, alice, now):
    sitting = finished(alice)
    about_marks = services.file(alice, sitting.pk, slots=["Category1"], text=WORDS, now=now)
    stance = services.stance(annul(sitting), now)

    assert (stance.kind, stance.appeal, stance.may_file) == (AppealKind.ANNULMENT, None, True)
    assert stance.others == (about_marks,)


# Answering -------------------------------------------------------------------------------------


def test_granted_it_makes_result_and_certificate_good_again(appealed, finished, alice, chen, now):
    sitting = finished(alice, points=5)
    appeal = appealed(sitting)
    sitting.credential.refresh_from_db()
    assert sitting.credential.revoked_at is not None
    OutgoingMail.objects.all().delete()

    lifted = grant(appeal, chen, now)

    assert (phase(lifted.times, now), lifted.passed) == (Phase.CLOSED, True)
    assert lifted.credential.revoked_at is None
    assert lifted.registration.void_reason == ""
    mail = OutgoingMail.objects.get()
    for said in ("is granted", "We have heard both.", "counts", str(lifted.credential.pk)):
        assert said in mail.text


def test_granted_it_makes_no_pass_of_what_was_none(appealed, finished, alice, chen, now):
    lifted = grant(appealed(finished(alice)), chen, now)

    assert lifted.passed is False
    assert not hasattr(lifted, "credential")


def test_a_clock_that_ran_stands_until_staff_let_it_go_on(
    appealed, running_sitting, alice, chen, now
):
    sitting = running_sitting(alice)
    left = sitting.times.remaining(now + 10 * MINUTE)
    lifted = grant(appealed(sitting, now + 10 * MINUTE), chen, now + 5 * DAY)

    assert phase(lifted.times, now + 5 * DAY) is Phase.PAUSED
    assert "agree when it goes on" in OutgoingMail.objects.latest("pk").text
    clocks.resume_clock([lifted], now + 6 * DAY)
    again = Sitting.objects.get(pk=sitting.pk).times
    assert phase(again, now + 6 * DAY) is Phase.RUNNING
    assert again.remaining(now + 6 * DAY) == left


def test_what_was_over_is_closed_and_does_not_run_again(
    appealed, running_sitting, alice, chen, now
):
    sitting = running_sitting(alice)
    sittings.end(sitting.pk, now + MINUTE)
    lifted = grant(appealed(sitting, now + 2 * MINUTE), chen, now + DAY)

    assert phase(lifted.times, now + DAY) is Phase.CLOSING


def test_what_was_not_started_can_be_started(appealed, ready_sitting, alice, chen, now):
    lifted = grant(appealed(ready_sitting(alice)), chen, now + DAY)

    assert phase(lifted.times, now + DAY) is Phase.READY
    assert "registration is good until" in OutgoingMail.objects.latest("pk").text


def test_refused_it_leaves_the_annulment(appealed, finished, alice, chen, now):
    still = grant(appealed(finished(alice, points=5)), chen, now, granted=False)

    assert phase(still.times, now) is Phase.VOID
    assert still.credential.revoked_at is not None
    assert "The annulment stays." in OutgoingMail.objects.latest("pk").text


def test_what_is_annulled_once_more_can_be_appealed_for_once_more(
    appealed, finished, alice, chen, now
):
    sitting = finished(alice)
    grant(appealed(sitting), chen, now)

    assert appealed(sitting, now + DAY).state == AppealState.WAITING
    assert Appeal.objects.count() == 2


def test_all_of_it_is_in_the_audit_log(appealed, finished, alice, chen, now):
    grant(appealed(finished(alice)), chen, now)

    found = AuditEntry.objects.exclude(action="role.give").order_by("id")
    assert list(found.values_list("action", flat=True)) == [
        "registration.void",
        "appeal.file",
        "registration.reinstate",
        "appeal.grant",
    ]


# Pages and mails -------------------------------------------------------------------------------


def test_the_letter_of_the_annulment_says_how_to_appeal(annul, finished, alice, mailoutbox, now):
    sitting = annul(finished(alice))
    for job in ProcrastinateJob.objects.filter(task_name="enrolment.send_letter"):
        send_letter(**job.args)

    (letter,) = mailoutbox
    assert "you can appeal against it until 2026-04-01" in letter.body
    assert f"/sittings/{sitting.pk}/" in letter.body


def test_the_candidate_files_from_the_page_of_the_sitting_and_sees_the_answer(
    browse, annul, finished, alice, chen, clock, now
):
    sitting = annul(finished(alice, points=5))
    browser, address = browse(alice), f"/sittings/{sitting.pk}/appeal/"

    assert f"/sittings/{sitting.pk}/" in browser.get("/registrations/").content.decode()
    assert address in browser.get(f"/sittings/{sitting.pk}/").content.decode()
    form = browser.get(address).content.decode()
    assert WHY in form
    assert 'name="slot"' not in form
    browser.post(address, {"text": WORDS})
    assert "waits for its answer" in browser.get(address).content.decode()

    grant(Appeal.objects.get(), chen, now)

    shown = browser.get(address).content.decode()
    for said in ("We have heard both.", "The annulment is lifted.", WORDS):
        assert said in shown
    assert address in browser.get(f"/sittings/{sitting.pk}/result/").content.decode()


def test_the_answer_stays_to_be_read_of_a_sitting_that_goes_on(
    browse, appealed, running_sitting, alice, chen, clock, now
):
    appeal = appealed(running_sitting(alice))
    grant(appeal, chen, now)

    shown = browse(alice).get(f"/sittings/{appeal.sitting_id}/appeal/").content.decode()

    assert "We have heard both." in shown
    assert "<textarea" not in shown


def test_an_examiner_sees_the_annulment_and_answers(browse, appealed, finished, alice, chen, clock):
    appeal = appealed(finished(alice))
    browser, address = browse(chen), f"/staff/appeals/{appeal.pk}/"

    assert "the annulment" in browser.get("/staff/appeals/").content.decode()
    shown = browser.get(address).content.decode()
    for said in (WORDS, WHY, "registration.void", "lifts the annulment"):
        assert said in shown
    assert "score/" not in shown
    browser.post(f"{address}answer/", {"decision": "grant", "reason": "We have heard both."})

    assert Registration.objects.get(pk=appeal.sitting.registration_id).voided_at is None
    assert "registration.reinstate" in browser.get(address).content.decode()


def test_everybody_can_read_how_appeals_work(browse, settings):
    settings.APPEAL_DAYS = 14

    said = browse().get("/appeals/").content.decode()

    assert "within 14 days" in said
    assert "My exam was annulled" in said
