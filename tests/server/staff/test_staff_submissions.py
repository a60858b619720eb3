"""A submission's whole story, and grading again: nothing changes before an examiner says so."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from assay.grading.sandbox import ChildCrashed
from assay.server.accounts.models import OutgoingMail
from assay.server.credentials.models import Credential
from assay.server.exams.errors import SittingVoid
from assay.server.exams.services import voiding
from assay.server.staff.models import AuditEntry
from assay.server.staff.roles import Role
from assay.server.submissions import judging
from assay.server.submissions.errors import (
    NoReasonGiven,
    NothingToRegrade,
    NotRegraded,
    RegradeOutdated,
)
from assay.server.submissions.models import Attempt, Regrade, RegradeState, Submission
from assay.server.submissions.services import grading, regrading
from assay.server.submissions.services.search import search
from assay.wire import SubmissionState

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


class Puppet:
    """In the place of the sandbox: predicts `factor` times the input; 2 is right."""

    def __init__(self, factor=2.0, error=None):
        self.factor, self.error = factor, error

    def predict(self, file, inputs, contract, limits, cancel=None):
        if self.error is not None:
            raise self.error
        return np.float32(self.factor) * inputs["input"]


@pytest.fixture
def chen(staff):
    return staff(Role.EXAMINER)


def submission_of(sitting, slot="Category1"):
    return Submission.objects.get(task__sitting=sitting, task__slot=slot)


def regrade(submission, factor, now, by=None):
    """Ask for a re-grade and have it done."""
    asked = regrading.ask(submission.id, by=by, now=now)
    judging.judge_again(asked.id, Puppet(factor))
    return Regrade.objects.get(pk=asked.pk)


def actions():
    return list(AuditEntry.objects.exclude(action="page.look").values_list("action", flat=True))


def text(answer):
    return answer.content.decode()


# The story -------------------------------------------------------------------------------------


def test_every_attempt_and_fault_is_written_down(running_sitting, submit, alice, now):
    row = submit(running_sitting(alice))
    judging.judge(row.id, Puppet(error=ChildCrashed(detail="killed by signal 9")), stopping=bool)
    grading.claim(row.id, now)
    grading.give_back(row.id, 2, now + SECOND)
    judging.judge(row.id, Puppet(), stopping=bool)

    attempts = [(each.number, each.outcome) for each in Attempt.objects.all()]
    first = Attempt.objects.get(number=1)

    assert attempts == [(1, "fault"), (2, "given_back"), (3, "verdict")]
    assert "killed by signal 9" in first.detail
    assert first.grader_version


def test_the_story_is_shown_whole(browse, chen, running_sitting, submit, alice, clock):
    row = submit(running_sitting(alice), content=b"a model")
    judging.judge(row.id, Puppet(error=ChildCrashed(detail="killed by signal 9")), stopping=bool)
    judging.judge(row.id, Puppet(2.0), stopping=bool)

    page = text(browse(chen).get(f"/staff/submissions/{row.id}/"))

    for shown in ("mymodel.h5", row.sha256, "killed by signal 9", "5/5", "Alice Example", "mae"):
        assert shown in page
    assert "as in the bank now" in page
    assert "runs now" in page


def test_a_refusal_is_shown_as_the_candidate_reads_it(
    browse, chen, running_sitting, submit, alice, clock, now
):
    from assay.grading.refusals import EmptyFile  # noqa: PLC0415

    row = submit(running_sitting(alice))
    grading.complete(row.id, grading.claim(row.id, now).attempt, EmptyFile(), now)

    page = text(browse(chen).get(f"/staff/submissions/{row.id}/"))

    assert EmptyFile.code in page
    assert "empty" in page


def test_a_sitting_is_shown_slot_by_slot(browse, staff, finished, alice, clock):
    sitting = finished(alice, 4)

    page = text(browse(staff(Role.AUDITOR)).get(f"/staff/sittings/{sitting.id}/"))

    assert page.count("4/5") == 4  # the best, and the submission, of two slots
    assert page.count(">counts<") == 2
    assert "Grade Category1 again" not in page  # an auditor only reads


def test_the_file_is_handed_out_and_that_is_written_down(
    browse, chen, running_sitting, submit, alice, clock, blobs, monkeypatch
):
    from assay.server.staff.views import submissions  # noqa: PLC0415

    monkeypatch.setattr(submissions, "store", lambda: blobs)
    row = submit(running_sitting(alice), content=b"a model")

    answer = browse(chen).get(f"/staff/submissions/{row.id}/file/")

    assert b"".join(answer.streaming_content) == b"a model"
    assert answer["Content-Type"] == "application/octet-stream"
    assert 'filename="Category1-1-mymodel.h5"' in answer["Content-Disposition"]
    assert "no-store" in answer["Cache-Control"]
    assert actions()[0] == "submission.download"


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, 2),
        ({"words": "alice"}, 1),
        ({"words": "mymodel.h5"}, 2),
        ({"words": "nobody"}, 0),
        ({"item": "series/steps"}, 1),
        ({"item": "nothing"}, 0),
        ({"state": "queued"}, 2),
        ({"state": "nonsense"}, 0),
    ],
)
def test_submissions_are_found(running_sitting, submit, alice, bob, wanted, found):
    submit(running_sitting(alice), "Category1")
    submit(running_sitting(bob), "Category2")

    assert search(**wanted).count() == found


def test_a_submission_is_found_by_its_digest_and_numbers(running_sitting, submit, alice):
    row = submit(running_sitting(alice))

    for words in (row.sha256[:12], str(row.id), str(row.task.sitting_id)):
        assert search(words=words).get() == row


# Grading again ---------------------------------------------------------------------------------


def test_a_regrade_with_the_same_verdict_changes_nothing(finished, alice, now):
    row = submission_of(finished(alice, 5))

    again = regrade(row, 2.0, now)

    assert (again.state, again.points_before, again.points) == (RegradeState.SAME, 5, 5)
    assert not regrading.proposals().exists()


def test_it_goes_through_the_queue_behind_those_who_sit(finished, alice, now):
    row = submission_of(finished(alice, 5))

    asked = regrading.ask(row.id, by=None, now=now)

    job = ProcrastinateJob.objects.get(id=asked.job_id)
    assert (job.queue_name, job.task_name) == ("grading", "submissions.grade_again")
    assert job.priority < 0


def test_a_verdict_that_differs_is_only_proposed(finished, alice, now):
    sitting = finished(alice, 5)
    row = submission_of(sitting)

    again = regrade(row, 0.0, now)

    assert (again.state, again.points) == (RegradeState.CHANGED, 1)
    row.refresh_from_db()
    sitting.refresh_from_db()
    assert (row.points, sitting.passed) == (5, True)
    assert Credential.objects.get().revoked_at is None
    assert list(regrading.proposals()) == [again]


def test_what_is_applied_can_pass_somebody_who_gets_a_certificate_and_a_mail(
    finished, alice, chen, now
):
    sitting = finished(alice, 0, 5)
    again = regrade(submission_of(sitting), 2.0, now)

    done = regrading.apply(sitting.pk, [again.pk], by=chen, reason="A cut was wrong.", now=now)

    sitting.refresh_from_db()
    assert (done.total_before, done.total, sitting.total) == (60.0, 100.0, 100.0)
    assert sitting.passed
    assert Credential.objects.get().sitting == sitting
    mail = OutgoingMail.objects.get()
    assert mail.to == "alice@example.org"
    for said in ("0/5 → 5/5", "A cut was wrong.", "passed the exam", "60.0 %", "100.0 %"):
        assert said in mail.text


def test_what_is_applied_can_cost_a_certificate_and_a_later_one_gives_it_back(
    finished, alice, chen, now
):
    sitting = finished(alice, 5)
    row = submission_of(sitting)

    regrading.apply(
        sitting.pk, [regrade(row, 0.0, now).pk], by=chen, reason="A wrong cut.", now=now
    )
    sitting.refresh_from_db()
    assert (sitting.passed, Credential.objects.get().revoked_at) == (False, now)

    regrading.apply(
        sitting.pk, [regrade(row, 2.0, now).pk], by=chen, reason="It was right.", now=now
    )
    sitting.refresh_from_db()
    assert (sitting.passed, Credential.objects.get().revoked_at) == (True, None)


def test_equal_bytes_keep_equal_points(running_sitting, submit, alice, now, chen):
    sitting = running_sitting(alice)
    first = submit(sitting, content=b"the model")
    judging.judge(first.id, Puppet(2.0), stopping=bool)
    submit(sitting, content=b"the model")
    again = regrade(first, 0.0, now)

    regrading.apply(sitting.pk, [again.pk], by=chen, reason="A wrong cut.", now=now)

    assert set(Submission.objects.values_list("points", flat=True)) == {1}


def test_nothing_is_decided_without_a_reason(finished, alice, chen, now):
    sitting = finished(alice, 5)
    again = regrade(submission_of(sitting), 0.0, now)

    for decide in (regrading.apply, regrading.set_aside):
        with pytest.raises(NoReasonGiven):
            decide(sitting.pk, [again.pk], by=chen, reason="  ", now=now)


def test_a_proposal_is_decided_once_and_only_in_its_sitting(finished, alice, bob, chen, now):
    sitting, other = finished(alice, 5), finished(bob, 5)
    again = regrade(submission_of(sitting), 0.0, now)

    with pytest.raises(NotRegraded):
        regrading.apply(other.pk, [again.pk], by=chen, reason="Wrong.", now=now)
    regrading.set_aside(sitting.pk, [again.pk], by=chen, reason="The engine is wrong.", now=now)

    again.refresh_from_db()
    assert (again.state, again.decided_by) == (RegradeState.SET_ASIDE, chen)
    assert submission_of(sitting).points == 5
    with pytest.raises(NotRegraded):
        regrading.apply(sitting.pk, [again.pk], by=chen, reason="Again.", now=now)


def test_a_verdict_that_changed_meanwhile_is_not_overwritten(finished, alice, chen, now):
    sitting = finished(alice, 5)
    row = submission_of(sitting)
    again = regrade(row, 0.0, now)
    Submission.objects.filter(pk=row.pk).update(points=3)

    with pytest.raises(RegradeOutdated):
        regrading.apply(sitting.pk, [again.pk], by=chen, reason="Wrong.", now=now)


def test_only_a_verdict_is_looked_at_again_and_once_at_a_time(running_sitting, submit, alice, now):
    row = submit(running_sitting(alice))
    with pytest.raises(NothingToRegrade):
        regrading.ask(row.id, by=None, now=now)
    judging.judge(row.id, Puppet(), stopping=bool)

    regrading.ask(row.id, by=None, now=now)

    with pytest.raises(NothingToRegrade):
        regrading.ask(row.id, by=None, now=now)


def test_what_is_void_is_left_alone(finished, alice, now):
    sitting = finished(alice, 5)
    voiding.void(sitting.registration_id, reason="Cheated.", now=now)

    with pytest.raises(SittingVoid):
        regrading.ask(submission_of(sitting).id, by=None, now=now)
    assert regrading.ask_all(sitting_id=sitting.pk, by=None, now=now) == []


def test_an_item_is_graded_again_in_all_sittings(finished, alice, bob, now):
    finished(alice, 5)
    finished(bob, 5)

    asked = regrading.ask_all(item="series/steps", by=None, now=now)

    assert len(asked) == 2
    assert {each.submission.task.item for each in asked} == {"series/steps"}
    assert regrading.ask_all(item="series/steps", by=None, now=now) == []


def test_a_regrade_is_tried_three_times(finished, alice, now):
    asked = regrading.ask(submission_of(finished(alice, 5)).id, by=None, now=now)
    states = []
    for _ in range(3):
        judging.judge_again(asked.id, Puppet(error=ChildCrashed(detail="no memory")))
        states.append(Regrade.objects.get().state)

    assert states == [RegradeState.WAITING, RegradeState.WAITING, RegradeState.FAILED]
    assert "no memory" in Regrade.objects.get().fault_reason


def test_a_file_that_takes_graders_down_is_given_up(finished, alice, now):
    asked = regrading.ask(submission_of(finished(alice, 5)).id, by=None, now=now)
    begun = [regrading.begin(asked.id, now) is not None for _ in range(4)]

    assert begun == [True, True, True, False]
    assert Regrade.objects.get().state == RegradeState.FAILED


# On the pages ----------------------------------------------------------------------------------


def test_an_examiner_asks_decides_and_all_is_written_down(
    browse, chen, finished, alice, clock, now
):
    sitting = finished(alice, 5)
    row = submission_of(sitting)
    browser = browse(chen)

    browser.post(f"/staff/sittings/{sitting.id}/regrade/", {"slot": "Category1"})
    asked = Regrade.objects.get()
    judging.judge_again(asked.id, Puppet(0.0))
    assert "Verdicts that differ" in text(browser.get(f"/staff/sittings/{sitting.id}/"))
    assert "Category1 #1" in text(browser.get("/staff/regrades/"))
    browser.post(
        f"/staff/sittings/{sitting.id}/decide/",
        {"regrade": [str(asked.id)], "decision": "apply", "reason": "A cut was wrong."},
    )

    row.refresh_from_db()
    assert row.points == 1
    assert actions()[:2] == ["regrade.apply", "regrade.all"]
    assert "A cut was wrong." in text(browser.get(f"/staff/submissions/{row.id}/"))


def test_a_page_says_why_nothing_was_decided(browse, chen, finished, alice, clock, now):
    sitting = finished(alice, 5)
    again = regrade(submission_of(sitting), 0.0, now)

    answer = browse(chen).post(
        f"/staff/sittings/{sitting.id}/decide/",
        {"regrade": [str(again.id)], "decision": "apply", "reason": ""},
        follow=True,
    )

    assert "needs a reason" in text(answer)
    assert submission_of(sitting).points == 5


def test_one_submission_or_an_item_is_graded_again(browse, chen, finished, alice, clock):
    row = submission_of(finished(alice, 5))
    browser = browse(chen)

    browser.post(f"/staff/submissions/{row.id}/regrade/")
    browser.post("/staff/regrades/item/", {"item": "series/steps"})

    assert Regrade.objects.count() == 2
    assert actions()[:2] == ["regrade.all", "submission.regrade"]
    assert browser.post("/staff/regrades/item/", {"item": "no/such"}).status_code == 404


@pytest.mark.parametrize(
    ("act", "state"),
    [("requeue", SubmissionState.QUEUED), ("give-up", SubmissionState.CANCELLED)],
)
def test_what_failed_by_our_fault_is_queued_again_or_given_up(
    browse, chen, running_sitting, submit, alice, clock, act, state
):
    row = submit(running_sitting(alice))
    for _ in range(grading.TRIES):
        judging.judge(row.id, Puppet(error=ChildCrashed(detail="lightning")), stopping=bool)
    browser = browse(chen)
    assert "Back into the queue" in text(browser.get(f"/staff/submissions/{row.id}/"))

    browser.post(f"/staff/submissions/{row.id}/regrade/", {"act": act})

    assert Submission.objects.get().state == state
    assert actions()[0] == f"submission.{act}"
