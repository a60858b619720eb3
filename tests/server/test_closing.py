"""The end of a sitting: result, mail, certificate."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from procrastinate.contrib.django.models import ProcrastinateJob

from assay.errors import PlatformFault
from assay.server.exams.errors import SittingNotStarted, SittingStillRuns
from assay.server.exams.models import Sitting
from assay.server.exams.services import sittings
from assay.server.submissions import issuing
from assay.server.submissions.errors import SubmissionInProgress
from assay.server.submissions.mail import send_result
from assay.server.submissions.models import Submission
from assay.server.submissions.services import closing, grading, standing
from assay.wire import CredentialRef, SubmissionState

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
OVER = HOUR + timedelta(seconds=10) + closing.STORING  # deadline, grace, storing


class Registrar:
    """In the place of the credentials app: remembers what it was asked to issue."""

    def __init__(self):
        self.issued = []

    def issue(self, sitting, now):
        self.issued.append((sitting.pk, now))

    def reference(self, sitting):
        known = sitting.pk in [pk for pk, _ in self.issued]
        return CredentialRef(id="1", url="http://testserver/verify/1") if known else None


@pytest.fixture(autouse=True)
def registrar(monkeypatch):
    registrar = Registrar()
    monkeypatch.setattr(issuing, "_registered", [registrar])
    return registrar


@pytest.fixture
def sitting(running_sitting, alice):
    return running_sitting(alice)


@pytest.fixture
def passed(sitting, mark, now):
    """A sitting that was passed and ended."""
    mark(sitting, "Category1", points=5)
    mark(sitting, "Category2", points=5)
    sittings.end(sitting.pk, now)
    return sitting


def close(sitting, now):
    closed = closing.close_if_due(sitting.pk, now)
    sitting.refresh_from_db()
    return closed


def mails(sitting):
    return ProcrastinateJob.objects.filter(
        task_name="submissions.send_result", args={"sitting_id": str(sitting.pk)}
    )


def fail_for_good(submission, now):
    for _ in range(3):
        claimed = grading.claim(submission.id, now)
        grading.fault(submission.id, claimed.attempt, PlatformFault(), now, reason="lightning")


# When.


def test_a_running_sitting_is_not_closed(sitting, now):
    assert closing.close_due_sittings(now + HOUR - TICK) == []


def test_the_clock_closes_a_sitting_once_nothing_can_arrive_any_more(sitting, now):
    assert closing.close_due_sittings(now + OVER - TICK) == []
    assert closing.close_due_sittings(now + OVER) == [sitting.pk]


def test_nothing_is_waited_for_when_the_candidate_has_ended(sitting, now):
    sittings.end(sitting.pk, now + HOUR / 2)

    assert closing.close_due_sittings(now + HOUR / 2) == [sitting.pk]


def test_it_closes_only_once(sitting, now):
    closing.close_due_sittings(now + OVER)

    assert closing.close_due_sittings(now + OVER) == []
    assert mails(sitting).count() == 1


def test_it_waits_for_submissions_that_came_in_time(sitting, submit, outcome, now):
    submission = submit(sitting, at=now + HOUR)
    assert closing.close_due_sittings(now + OVER) == []

    claimed = grading.claim(submission.id, now + OVER)
    grading.complete(submission.id, claimed.attempt, outcome(5), now + OVER)

    assert closing.close_due_sittings(now + OVER) == [sitting.pk]


def test_an_annulled_sitting_is_not_closed(sitting, now):
    Sitting.objects.update(voided_at=now)

    assert closing.close_due_sittings(now + OVER) == []


def test_a_broken_sitting_does_not_keep_others_open(sitting, running_sitting, bob, now):
    other = running_sitting(bob)
    Sitting.objects.filter(pk=sitting.pk).update(blueprint={"nonsense": True})

    assert closing.close_due_sittings(now + OVER) == [other.pk]


# What.


def test_the_result_is_the_weighted_total_of_the_best_points(sitting, mark, now):
    for points in (3, 5, 1):
        mark(sitting, "Category1", points=points)
    mark(sitting, "Category2", points=4)

    close(sitting, now + OVER)

    assert sitting.total == 40 + 60 * 4 / 5
    assert sitting.passed is False


def test_exactly_the_pass_mark_passes(sitting, mark, now):
    blueprint = Sitting.objects.get().blueprint
    blueprint["pass_mark"] = 88.0
    Sitting.objects.update(blueprint=blueprint)
    mark(sitting, "Category1", points=5)
    mark(sitting, "Category2", points=4)

    close(sitting, now + OVER)

    assert (sitting.total, sitting.passed) == (88.0, True)


def test_what_was_not_graded_counts_nothing(sitting, now):
    close(sitting, now + OVER)

    assert (sitting.total, sitting.passed) == (0.0, False)


def test_a_pass_is_certified(passed, registrar, now):
    close(passed, now)

    assert registrar.issued == [(passed.pk, now)]


def test_a_fail_is_not_certified(sitting, registrar, now):
    close(sitting, now + OVER)

    assert registrar.issued == []


def test_a_rehearsal_is_not_certified(running_sitting, mark, alice, registrar, now):
    sitting = running_sitting(alice, "rehearsal")
    for slot in ("Category1", "Category2"):
        mark(sitting, slot, points=5)

    close(sitting, now + OVER)

    assert sitting.passed
    assert registrar.issued == []


def test_a_sitting_is_not_closed_without_its_certificate(passed, registrar, now, monkeypatch):
    def issue(sitting, now):
        raise OSError("no room for the key")

    monkeypatch.setattr(registrar, "issue", issue)
    assert closing.close_due_sittings(now) == []

    passed.refresh_from_db()
    assert passed.closed_at is None
    assert not mails(passed).exists()


def test_the_best_submission_of_each_slot_is_scored_on_the_sealed_set(sitting, mark, now):
    mark(sitting, "Category1", points=3)
    first_best = mark(sitting, "Category1", points=4)
    mark(sitting, "Category1", points=4)
    only = mark(sitting, "Category2", points=1)

    close(sitting, now + OVER)

    scored = ProcrastinateJob.objects.filter(task_name="submissions.score_sealed")
    assert {job.args["submission_id"] for job in scored} == {str(first_best.id), str(only.id)}
    assert all(job.priority < 0 for job in scored)  # after what candidates wait for


# What failed by our fault.


def test_our_fault_does_not_fail_a_candidate(sitting, mark, submit, now):
    mark(sitting, "Category1", points=5)
    fail_for_good(submit(sitting, "Category2"), now)

    assert closing.close_due_sittings(now + OVER) == []


def test_our_fault_that_decides_nothing_keeps_nobody_waiting(sitting, submit, now):
    fail_for_good(submit(sitting, "Category1"), now)  # 40 % would not be enough

    assert closing.close_due_sittings(now + OVER) == [sitting.pk]


def test_our_fault_does_not_delay_a_pass(sitting, mark, submit, now):
    mark(sitting, "Category1", points=5)
    mark(sitting, "Category2", points=5)
    fail_for_good(submit(sitting, "Category2"), now)

    assert closing.close_due_sittings(now + OVER) == [sitting.pk]


def test_nobody_waits_for_staff_in_a_rehearsal(running_sitting, mark, submit, alice, now):
    sitting = running_sitting(alice, "rehearsal")
    mark(sitting, "Category1", points=5)
    fail_for_good(submit(sitting, "Category2"), now)

    assert closing.close_due_sittings(now + OVER) == [sitting.pk]


def test_staff_have_it_graded_again(sitting, mark, submit, outcome, now):
    mark(sitting, "Category1", points=5)
    submission = submit(sitting, "Category2")
    fail_for_good(submission, now)

    closing.regrade(submission.id, now + DAY)
    claimed = grading.claim(submission.id, now + DAY)
    grading.complete(submission.id, claimed.attempt, outcome(5), now + DAY)

    assert closing.close_due_sittings(now + DAY) == [sitting.pk]
    assert Sitting.objects.get().passed


def test_staff_give_it_up(sitting, mark, submit, now):
    mark(sitting, "Category1", points=5)
    submission = submit(sitting, "Category2")
    fail_for_good(submission, now)

    closing.write_off(submission.id, now + DAY)

    assert closing.close_due_sittings(now + DAY) == [sitting.pk]
    assert Sitting.objects.get().passed is False


def test_grading_again_after_the_end_corrects_the_result(sitting, submit, outcome, now):
    submission = submit(sitting, "Category1")
    fail_for_good(submission, now)
    close(sitting, now + OVER)

    closing.regrade(submission.id, now + DAY)
    claimed = grading.claim(submission.id, now + DAY)
    grading.complete(submission.id, claimed.attempt, outcome(5), now + DAY)
    close(sitting, now + DAY)

    assert sitting.total == 40
    assert mails(sitting).count() == 2


def test_only_what_failed_by_our_fault_is_graded_again(sitting, mark, now):
    submission = mark(sitting, "Category1", points=3)

    assert closing.regrade(submission.id, now).state == SubmissionState.GRADED


def test_it_is_not_graded_again_beside_another(sitting, submit, now):
    failed = submit(sitting, content=b"one")
    fail_for_good(failed, now)
    submit(sitting, content=b"two")

    with pytest.raises(SubmissionInProgress):
        closing.regrade(failed.id, now)


# The outcome as it is shown.


def test_there_is_no_result_before_the_end(sitting, now):
    with pytest.raises(SittingStillRuns, match="11:00 UTC"):
        closing.outcome_of(sitting, now)


def test_there_is_no_result_without_a_start(ready_sitting, alice, now):
    sitting = ready_sitting(alice)

    with pytest.raises(SittingNotStarted):
        closing.outcome_of(sitting, now)


def test_the_result_is_not_final_while_something_is_graded(sitting, mark, submit, now):
    mark(sitting, "Category1", points=5)
    submit(sitting, "Category2", at=now + HOUR)

    outcome = closing.outcome_of(sitting, now + OVER)

    assert not outcome.final
    assert outcome.standing.total == 40
    assert outcome.retake_from is None


def test_a_fail_says_when_to_come_back(sitting, now):
    close(sitting, now + OVER)

    outcome = closing.outcome_of(sitting, now + OVER)

    assert outcome.final
    assert outcome.retake_from == now + HOUR + 14 * DAY


def test_a_pass_says_where_the_certificate_is(passed, now):
    close(passed, now)

    outcome = closing.outcome_of(passed, now)

    assert outcome.credential == CredentialRef(id="1", url="http://testserver/verify/1")
    assert outcome.retake_from is None


def test_tries_count_every_submission(sitting, mark, submit, now):
    mark(sitting, "Category1", points=3)
    grading.cancel(submit(sitting, "Category1").id, now)

    assert standing.standing(sitting).slots["Category1"].tries == 2


# The mail.


def test_a_pass_is_mailed_with_the_certificate(passed, now):
    close(passed, now)

    send_result(passed.pk, now)

    (message,) = mail.outbox
    assert message.to == ["alice@example.org"]
    assert message.subject == "Passed: Small exam"
    assert "Category2, Steps: 5/5 points (weight 60 %)" in message.body
    assert "Total: 100 %. To pass: 90 %." in message.body
    assert "http://testserver/verify/1" in message.body


def test_a_fail_is_mailed_with_the_date_of_the_next_try(sitting, now):
    close(sitting, now + OVER)

    send_result(sitting.pk, now + OVER)

    (message,) = mail.outbox
    assert message.subject == "Result: Small exam"
    assert "from 2026-03-16 11:00 UTC" in message.body
    assert "verify" not in message.body


def test_the_mail_says_what_to_study_and_how_certain_the_marks_are(sitting, mark, blobs, now):
    mark(sitting, "Category1", points=3)
    mark(sitting, "Category2", points=5)
    close(sitting, now + OVER)

    send_result(sitting.pk, now + OVER)

    (message,) = mail.outbox
    (page,) = message.alternatives
    for text in (message.body, page.content):
        study, _, certainty = text.partition("How certain the marks are")
        assert "What to study next" in study
        assert "4 of 5 points" in study  # the same skill was asked for twice
        assert "mean absolute error ≤ 0.1" in certainty
        assert "± 0.0" in certainty
        assert "200" in certainty


def test_full_points_leave_nothing_to_study(passed, now):
    close(passed, now)

    send_result(passed.pk, now)

    assert "Nothing is left of these tasks" in mail.outbox[0].body


def test_the_mail_has_a_page_too(passed, now):
    close(passed, now)

    send_result(passed.pk, now)

    (page,) = mail.outbox[0].alternatives
    assert page.mimetype == "text/html"
    assert '<a href="http://testserver/verify/1">' in page.content


def test_a_name_is_not_taken_for_markup(passed, alice, now):
    alice.name = "<b>Alice</b> & Co."
    alice.save()
    close(passed, now)

    send_result(passed.pk, now)

    assert "Dear <b>Alice</b> & Co.," in mail.outbox[0].body
    assert "&lt;b&gt;Alice&lt;/b&gt; &amp; Co." in mail.outbox[0].alternatives[0].content


def test_the_mail_names_the_exam_in_the_candidates_language(running_sitting, bob, now):
    sitting = running_sitting(bob)
    close(sitting, now + OVER)

    send_result(sitting.pk, now + OVER)

    assert "小考试" in mail.outbox[0].subject
    assert "台阶" in mail.outbox[0].body


def test_no_mail_is_sent_for_a_result_that_was_opened_again(sitting, submit, now):
    submission = submit(sitting, "Category1")
    fail_for_good(submission, now)
    close(sitting, now + OVER)
    closing.regrade(submission.id, now + OVER)

    send_result(sitting.pk, now + OVER)

    assert mail.outbox == []
    assert Submission.objects.get().state == SubmissionState.QUEUED
