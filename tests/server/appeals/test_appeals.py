"""A candidate appeals, an examiner has it graded again and answers, the candidate hears of it."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from assay.server.accounts import personal
from assay.server.accounts.models import OutgoingMail
from assay.server.appeals import services
from assay.server.appeals.errors import (
    AppealAnswered,
    AppealFiled,
    AppealNotScored,
    AppealTermOver,
    AppealTooLong,
    NoAppealText,
    NoSlotChosen,
    ProposalsOpen,
    ResultNotFinal,
)
from assay.server.appeals.models import Appeal, AppealState
from assay.server.exams.errors import SittingNotFound
from assay.server.exams.models import Sitting
from assay.server.staff.models import AuditEntry
from assay.server.submissions import judging
from assay.server.submissions.errors import NoReasonGiven
from assay.server.submissions.models import Regrade, RegradeState
from assay.server.submissions.services import regrading

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
WORDS = "My second file was better than the mark says."


class Puppet:
    """In the place of the sandbox: predicts `factor` times the input; 2 is right."""

    def __init__(self, factor):
        self.factor = factor

    def predict(self, file, inputs, contract, limits, cancel=None):
        return np.float32(self.factor) * inputs["input"]


def file(candidate, sitting, now, slots=("Category1",), text=WORDS):
    return services.file(candidate, sitting.pk, slots=slots, text=text, now=now)


def regraded(appeal, factor, by, now):
    """Have an appeal's submissions graded again with a model that is right (2) or not."""
    for asked in services.score(appeal.pk, by=by, now=now):
        judging.judge_again(asked.pk, Puppet(factor))


def answer(appeal, by, now, *, granted, reason="We have looked at it."):
    return services.answer(appeal.pk, granted=granted, reason=reason, by=by, now=now)


def actions():
    found = AuditEntry.objects.filter(action__startswith="appeal.").order_by("id")
    return list(found.values_list("action", flat=True))


# Filing ----------------------------------------------------------------------------------------


def test_an_appeal_is_filed_and_everybody_hears_of_it(finished, alice, now):
    appeal = file(alice, finished(alice), now, slots=["Category2", "Category1", "nonsense"])

    assert appeal.slots == ["Category1", "Category2"]
    assert list(services.waiting()) == [appeal]
    assert actions() == ["appeal.file"]
    mail = OutgoingMail.objects.get()
    assert (mail.to, WORDS in mail.text) == ("alice@example.org", True)
    (job,) = ProcrastinateJob.objects.filter(task_name="accounts.send_staff_mail")
    assert str(appeal.pk) in job.args["text"]


def test_there_is_one_for_each_sitting(finished, alice, now):
    sitting = finished(alice)
    file(alice, sitting, now)

    with pytest.raises(AppealFiled):
        file(alice, sitting, now)


def test_the_term_ends(finished, alice, now, settings):
    sitting = finished(alice)
    end = now + timedelta(days=settings.APPEAL_DAYS)
    assert services.stance(sitting, end - DAY).may_file

    with pytest.raises(AppealTermOver):
        file(alice, sitting, end)
    assert not services.stance(sitting, end).may_file


def test_the_term_is_a_setting(finished, alice, now, settings):
    settings.APPEAL_DAYS = 3

    assert services.stance(finished(alice), now).until == now + 3 * DAY


@pytest.mark.parametrize(
    ("slots", "text", "error"),
    [
        ([], WORDS, NoSlotChosen),
        (["Category9"], WORDS, NoSlotChosen),
        (["Category1"], " \0 ", NoAppealText),
        (["Category1"], "x" * 4001, AppealTooLong),
    ],
)
def test_it_says_what_is_missing(finished, alice, now, slots, text, error):
    with pytest.raises(error):
        file(alice, finished(alice), now, slots=slots, text=text)


def test_a_result_must_be_final(running_sitting, alice, now):
    with pytest.raises(ResultNotFinal):
        file(alice, running_sitting(alice), now)


def test_nobody_appeals_for_somebody_else(finished, alice, bob, now):
    with pytest.raises(SittingNotFound):
        file(bob, finished(alice), now)


# Answering -------------------------------------------------------------------------------------


def test_it_is_graded_again_before_it_is_answered(finished, alice, chen, now):
    appeal = file(alice, finished(alice), now)
    with pytest.raises(AppealNotScored):
        answer(appeal, chen, now, granted=False)
    (asked,) = services.score(appeal.pk, by=chen, now=now)

    with pytest.raises(AppealNotScored):
        answer(appeal, chen, now, granted=False)
    assert asked.submission.task.slot == "Category1"


def test_what_is_granted_corrects_the_marks_with_one_mail(finished, alice, chen, now):
    sitting = finished(alice)
    appeal = file(alice, sitting, now, slots=["Category1", "Category2"])
    OutgoingMail.objects.all().delete()
    regraded(appeal, 2.0, chen, now)

    answer(appeal, chen, now, granted=True, reason="A cut was wrong.")

    appeal.refresh_from_db()
    sitting.refresh_from_db()
    assert (appeal.state, appeal.answered_by) == (AppealState.GRANTED, chen)
    assert appeal.changes == [["Category1", 1, 1, 5], ["Category2", 1, 1, 5]]
    assert (sitting.total, sitting.passed) == (100.0, True)
    mail = OutgoingMail.objects.get()
    for said in ("is granted", "A cut was wrong.", "1/5 → 5/5", "certificate is issued"):
        assert said in mail.text
    assert actions() == ["appeal.file", "appeal.score", "appeal.grant"]


def test_a_refusal_leaves_all_as_it_is(finished, alice, chen, now):
    sitting = finished(alice)
    appeal = file(alice, sitting, now)
    regraded(appeal, 0.0, chen, now)  # 1 of 5 points, as before
    OutgoingMail.objects.all().delete()

    answer(appeal, chen, now, granted=False, reason="The mark is right.")

    appeal.refresh_from_db()
    assert (appeal.state, appeal.changes) == (AppealState.REFUSED, [])
    assert "Your marks stay as they are." in OutgoingMail.objects.get().text
    assert Sitting.objects.get(pk=sitting.pk).passed is False


def test_a_refusal_does_not_pass_over_another_verdict(finished, alice, chen, now):
    sitting = finished(alice)
    appeal = file(alice, sitting, now)
    regraded(appeal, 2.0, chen, now)
    with pytest.raises(ProposalsOpen):
        answer(appeal, chen, now, granted=False)

    proposed = [each.pk for each in regrading.proposals()]
    regrading.set_aside(sitting.pk, proposed, by=chen, reason="The engine is wrong.", now=now)
    answer(appeal, chen, now, granted=False)

    assert Appeal.objects.get().state == AppealState.REFUSED


def test_a_regrade_that_runs_already_is_waited_for(finished, alice, chen, now):
    sitting = finished(alice)
    regrading.ask_all(sitting_id=sitting.pk, by=chen, now=now)
    appeal = file(alice, sitting, now)
    services.score(appeal.pk, by=chen, now=now)

    assert not services.is_scored(appeal)
    for asked in Regrade.objects.filter(state=RegradeState.WAITING):
        judging.judge_again(asked.pk, Puppet(0.0))
    appeal.refresh_from_db()
    assert services.is_scored(appeal)


def test_an_answer_needs_a_reason_and_is_given_once(finished, alice, chen, now):
    appeal = file(alice, finished(alice), now)
    regraded(appeal, 0.0, chen, now)
    with pytest.raises(NoReasonGiven):
        answer(appeal, chen, now, granted=True, reason=" ")
    answer(appeal, chen, now, granted=True)

    with pytest.raises(AppealAnswered):
        answer(appeal, chen, now, granted=False)


# Pages -----------------------------------------------------------------------------------------


def test_the_candidate_files_from_the_result_and_sees_the_answer(
    browse, finished, alice, chen, clock, now
):
    sitting = finished(alice)
    browser, address = browse(alice), f"/sittings/{sitting.pk}/appeal/"

    assert address in browser.get(f"/sittings/{sitting.pk}/result/").content.decode()
    assert "File the appeal" in browser.get(address).content.decode()
    browser.post(address, {"slot": ["Category1"], "text": WORDS})
    shown = browser.get(address).content.decode()
    assert "waits for its answer" in shown
    assert WORDS in shown

    appeal = Appeal.objects.get()
    regraded(appeal, 2.0, chen, now)
    answer(appeal, chen, now, granted=True, reason="A cut was wrong.")

    shown = browser.get(address)
    for said in ("granted", "A cut was wrong.", "1/5", "5/5"):
        assert said in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert "appeal is granted" in browser.get(f"/sittings/{sitting.pk}/result/").content.decode()


def test_what_was_typed_is_kept_with_what_is_missing(browse, finished, alice, clock):
    answered = browse(alice).post(f"/sittings/{finished(alice).pk}/appeal/", {"text": WORDS})

    assert answered.status_code == 422
    assert WORDS in answered.content.decode()
    assert "none was chosen" in answered.content.decode()


def test_it_is_nobody_elses_page(browse, finished, alice, bob, clock):
    address = f"/sittings/{finished(alice).pk}/appeal/"

    assert browse(bob).get(address).status_code == 404
    assert browse(bob).post(address, {"slot": "Category1", "text": "x"}).status_code == 404
    assert browse().get(address)["location"].startswith("/accounts/login/")


def test_there_is_no_form_before_the_result_nor_after_the_term(
    browse, running_sitting, finished, alice, bob, clock, now
):
    running, over = running_sitting(alice), finished(bob)
    clock.at = now + 31 * DAY
    late = browse(bob).get(f"/sittings/{over.pk}/appeal/").content.decode()
    assert "were possible until" in late
    assert "<textarea" not in late

    clock.at = now
    early = browse(alice).get(f"/sittings/{running.pk}/appeal/")
    assert early["location"] == f"/sittings/{running.pk}/"


def test_an_examiner_answers_on_the_pages(browse, finished, alice, chen, clock, now):
    sitting = finished(alice)
    appeal = file(alice, sitting, now)
    browser, address = browse(chen), f"/staff/appeals/{appeal.pk}/"

    assert "Alice Example" in browser.get("/staff/appeals/").content.decode()
    assert WORDS in browser.get(address).content.decode()
    browser.post(f"{address}score/")
    assert "wait until that is done" in browser.get(address).content.decode()
    for asked in Regrade.objects.all():
        judging.judge_again(asked.pk, Puppet(2.0))
    assert "applies the verdicts that differ" in browser.get(address).content.decode()
    browser.post(f"{address}answer/", {"decision": "grant", "reason": "A cut was wrong."})

    appeal.refresh_from_db()
    assert (appeal.state, appeal.answer) == (AppealState.GRANTED, "A cut was wrong.")
    assert "A cut was wrong." in browser.get(address).content.decode()


# A person's data -------------------------------------------------------------------------------


def test_the_words_are_the_persons_own(finished, alice, now):
    file(alice, finished(alice), now)

    assert personal.export_of(alice)["appeals"][0]["text"] == WORDS
    personal.erase(alice, now)

    assert Appeal.objects.get().text == ""
