"""A submission's life from the queue to its verdict."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from assay.errors import PlatformFault
from assay.grading.refusals import EmptyFile
from assay.server import queue
from assay.server.submissions.models import Submission
from assay.server.submissions.services import grading
from assay.wire import SubmissionState

MINUTE = timedelta(minutes=1)


@pytest.fixture
def submission(running_sitting, submit, alice):
    return submit(running_sitting(alice))


def fresh(submission):
    return Submission.objects.get(pk=submission.pk)


def fail(submission, attempt, now):
    return grading.fault(submission.id, attempt, PlatformFault(), now, reason="lightning")


def test_a_claim_gives_an_attempt_number(submission, now):
    claimed = grading.claim(submission.id, now)

    assert claimed is not None
    assert (claimed.attempt, claimed.state) == (1, SubmissionState.GRADING)


def test_a_claimed_submission_is_not_claimed_again(submission, now):
    grading.claim(submission.id, now)

    assert grading.claim(submission.id, now) is None


def test_a_final_submission_is_not_claimed(submission, now):
    grading.cancel(submission.id, now)

    assert grading.claim(submission.id, now) is None


def test_completing_records_points_and_the_private_value(submission, outcome, now):
    grading.claim(submission.id, now)

    assert grading.complete(submission.id, 1, outcome(4), now)

    graded = fresh(submission)
    assert (graded.state, graded.points, graded.metric_value) == (SubmissionState.GRADED, 4, 0.1)


def test_completing_records_a_refusal(submission, now):
    grading.claim(submission.id, now)

    grading.complete(submission.id, 1, EmptyFile(size=3), now)

    refused = fresh(submission)
    assert refused.state == SubmissionState.REFUSED
    assert (refused.refusal_code, refused.refusal_params) == ("empty_file", {"size": 3})


def test_a_second_verdict_of_the_same_attempt_changes_nothing(submission, outcome, now):
    grading.claim(submission.id, now)
    grading.complete(submission.id, 1, outcome(4), now)

    assert not grading.complete(submission.id, 1, outcome(5), now)
    assert fresh(submission).points == 4


def test_the_verdict_of_an_earlier_attempt_changes_nothing(submission, outcome, now):
    grading.claim(submission.id, now)
    fail(submission, 1, now)
    grading.claim(submission.id, now)

    assert not grading.complete(submission.id, 1, outcome(5), now)
    assert fresh(submission).state == SubmissionState.GRADING


def test_a_verdict_for_a_cancelled_submission_changes_nothing(submission, outcome, now):
    grading.claim(submission.id, now)
    grading.cancel(submission.id, now)

    assert not grading.complete(submission.id, 1, outcome(5), now)
    assert fresh(submission).state == SubmissionState.CANCELLED


def test_a_fault_is_tried_again_by_another_job(submission, now):
    grading.claim(submission.id, now)

    assert fail(submission, 1, now)

    again = fresh(submission)
    assert (again.state, again.faults) == (SubmissionState.QUEUED, 1)
    assert again.job_id != submission.job_id
    assert ProcrastinateJob.objects.get(pk=again.job_id).scheduled_at > now


def test_after_three_faults_it_has_failed_and_staff_are_told(submission, now):
    for attempt in (1, 2, 3):
        grading.claim(submission.id, now)
        fail(submission, attempt, now)

    failed = fresh(submission)
    assert failed.state == SubmissionState.FAILED
    assert failed.points is None
    (word,) = ProcrastinateJob.objects.filter(task_name="accounts.send_staff_mail")
    assert str(submission.id) in word.args["subject"]
    assert "lightning" in word.args["text"]


def test_giving_back_counts_no_fault(submission, now):
    grading.claim(submission.id, now)

    assert grading.give_back(submission.id, 1, now)

    again = fresh(submission)
    assert (again.state, again.faults) == (SubmissionState.QUEUED, 0)
    assert queue.live([again.job_id], now) == {again.job_id}


def test_a_queued_submission_is_cancelled_with_its_job(submission, now):
    cancelled = grading.cancel(submission.id, now)

    assert cancelled.state == SubmissionState.CANCELLED
    assert not ProcrastinateJob.objects.filter(pk=submission.job_id).exists()


def test_cancelling_frees_the_slot(submission, submit, now):
    grading.cancel(submission.id, now)

    assert submit(submission.task.sitting, content=b"another").number == 2


def test_cancelling_what_is_graded_changes_nothing(submission, outcome, now):
    grading.claim(submission.id, now)
    grading.complete(submission.id, 1, outcome(4), now)

    assert grading.cancel(submission.id, now).points == 4


# The sweeper.


def worker(heartbeat):
    """A worker whose last sign of life was at `heartbeat`; returns its number."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s) RETURNING id",
            [heartbeat],
        )
        return cursor.fetchone()[0]


def hand(job_id, worker_id):
    """Give a job to a worker, as fetching it does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE id = %s",
            [worker_id, job_id],
        )


def test_sweeping_leaves_what_waits_alone(submission, now):
    assert grading.sweep(now + 60 * MINUTE) == 0
    assert fresh(submission).job_id == submission.job_id


def test_sweeping_leaves_what_is_graded_now_alone(submission, now):
    hand(submission.job_id, worker(heartbeat=now))
    grading.claim(submission.id, now)

    assert grading.sweep(now) == 0
    assert fresh(submission).state == SubmissionState.GRADING


def test_sweeping_queues_a_submission_whose_job_is_lost(submission, now):
    queue.withdraw(submission.job_id)

    assert grading.sweep(now) == 1

    again = fresh(submission)
    assert (again.state, again.faults) == (SubmissionState.QUEUED, 0)
    assert queue.live([again.job_id], now) == {again.job_id}


def test_sweeping_queues_a_submission_whose_grader_is_silent(submission, now):
    hand(submission.job_id, worker(heartbeat=now))
    grading.claim(submission.id, now)

    assert grading.sweep(now + MINUTE) == 1

    again = fresh(submission)
    assert (again.state, again.faults) == (SubmissionState.QUEUED, 1)
    assert again.job_id != submission.job_id


def test_sweeping_queues_a_submission_whose_grader_was_struck_off(submission, now):
    hand(submission.job_id, None)
    grading.claim(submission.id, now)

    assert grading.sweep(now) == 1


def test_sweeping_after_a_crash_need_not_wait_for_silence(submission, now):
    hand(submission.job_id, worker(heartbeat=now))
    grading.claim(submission.id, now)

    assert grading.sweep(now, stale_after=timedelta()) == 1


def test_sweeping_twice_queues_once(submission, now):
    queue.withdraw(submission.job_id)

    assert [grading.sweep(now), grading.sweep(now)] == [1, 0]


def test_a_grader_that_comes_back_from_the_dead_gives_no_second_mark(submission, outcome, now):
    hand(submission.job_id, worker(heartbeat=now))
    grading.claim(submission.id, now)
    grading.sweep(now + MINUTE)
    second = grading.claim(submission.id, now + MINUTE)
    assert second is not None

    late = grading.complete(submission.id, 1, outcome(2), now + MINUTE)
    right = grading.complete(submission.id, second.attempt, outcome(5), now + MINUTE)

    assert (late, right) == (False, True)
    assert fresh(submission).points == 5


def test_a_file_that_takes_its_grader_down_each_time_is_given_up(submission, now):
    for _ in range(3):
        hand(fresh(submission).job_id, None)
        grading.claim(submission.id, now)
        grading.sweep(now)

    assert fresh(submission).state == SubmissionState.FAILED


def test_final_submissions_need_no_job(submission, outcome, now):
    grading.claim(submission.id, now)
    grading.complete(submission.id, 1, outcome(4), now)
    queue.withdraw(submission.job_id)

    assert grading.sweep(now + MINUTE) == 0
