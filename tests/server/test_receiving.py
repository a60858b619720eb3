"""Taking in model files."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from assay.grading.refusals import EmptyFile, FileTooLarge
from assay.server.exams.errors import (
    SittingNotStarted,
    SittingOver,
    SittingVoid,
    UnknownSlot,
)
from assay.server.exams.models import Sitting
from assay.server.exams.services import sittings
from assay.server.submissions import grader
from assay.server.submissions.errors import SubmissionInProgress
from assay.server.submissions.models import Submission
from assay.server.submissions.services import closing, grading, receiving
from assay.wire import SubmissionState

HOUR = timedelta(hours=1)
TICK = timedelta(microseconds=1)
GRACE = timedelta(seconds=10)


@pytest.fixture
def sitting(running_sitting, alice):
    return running_sitting(alice)


def jobs():
    return ProcrastinateJob.objects.filter(task_name="submissions.grade_submission")


def test_a_submission_is_stored_and_queued(sitting, submit, blobs, now):
    submission = submit(sitting, "Category1", b"a model")

    assert submission.state == SubmissionState.QUEUED
    assert submission.number == 1
    assert submission.size == 7
    assert blobs.read(submission.sha256) == b"a model"
    assert jobs().get().args == {"submission_id": str(submission.id)}


def test_the_upload_is_moved_away(sitting, upload, blobs, now):
    received = upload(b"a model")

    receiving.receive(sitting.pk, "Category1", received, now)

    assert not received.path.exists()


@pytest.mark.django_db(transaction=True)
def test_a_rollback_leaves_neither_row_nor_job(sitting, submit):
    def submit_and_fail():
        with transaction.atomic():
            submit(sitting)
            assert Submission.objects.exists()
            assert jobs().exists()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        submit_and_fail()

    assert not Submission.objects.exists()
    assert not jobs().exists()


@pytest.mark.django_db(transaction=True)
def test_row_and_job_commit_together(sitting, submit):
    submission = submit(sitting)

    assert Submission.objects.get().job_id == jobs().get().id == submission.job_id


def test_submissions_are_numbered_within_their_slot(sitting, mark):
    numbers = [
        mark(sitting, slot, points=3).number for slot in ("Category1", "Category2", "Category1")
    ]

    assert numbers == [1, 1, 2]


def test_it_refuses_an_unknown_category(sitting, submit):
    with pytest.raises(UnknownSlot, match="Category6"):
        submit(sitting, "Category6")


def test_it_refuses_before_the_start(ready_sitting, alice, submit):
    sitting = ready_sitting(alice)

    with pytest.raises(SittingNotStarted):
        submit(sitting)


def test_it_takes_the_last_moment(sitting, submit, now):
    assert submit(sitting, at=now + HOUR - TICK).number == 1


def test_it_takes_what_arrives_within_the_grace(sitting, submit, now):
    assert submit(sitting, at=now + HOUR + GRACE).number == 1


def test_it_refuses_what_arrives_after_the_grace(sitting, submit, now):
    with pytest.raises(SittingOver, match="11:00 UTC"):
        submit(sitting, at=now + HOUR + GRACE + TICK)


def test_the_time_of_arrival_counts_and_not_that_of_storing(sitting, upload, blobs, now):
    received = upload(b"late to be stored", now + HOUR + GRACE)

    submission = receiving.receive(sitting.pk, "Category1", received, now + HOUR + 2 * GRACE)

    assert submission.arrived_at == now + HOUR + GRACE


def test_it_refuses_after_the_candidate_ended(sitting, submit, now):
    sittings.end(sitting.pk, now + HOUR / 2)

    with pytest.raises(SittingOver, match="10:30 UTC"):
        submit(sitting, at=now + HOUR / 2)


def test_what_came_in_time_counts_although_the_result_was_final(sitting, upload, blobs, now):
    closing_time = now + HOUR + 2 * GRACE
    assert closing.close_if_due(sitting.pk, closing_time)

    receiving.receive(sitting.pk, "Category1", upload(b"x", now + HOUR), closing_time)

    assert Sitting.objects.get().closed_at is None
    assert not closing.close_if_due(sitting.pk, closing_time)  # it waits for the verdict


def test_what_came_too_late_does_not_open_the_result_again(sitting, submit, now):
    closing_time = now + HOUR + 2 * GRACE
    assert closing.close_if_due(sitting.pk, closing_time)

    with pytest.raises(SittingOver):
        submit(sitting, at=closing_time)

    assert Sitting.objects.get().closed_at == closing_time


def test_it_refuses_for_an_annulled_sitting(sitting, submit, now):
    Sitting.objects.update(voided_at=now)

    with pytest.raises(SittingVoid):
        submit(sitting, at=now + TICK)


def test_it_refuses_a_file_over_the_limit(sitting, submit):
    with pytest.raises(FileTooLarge) as caught:
        submit(sitting, content=b"x" * 200_001)

    assert caught.value.params == {"size": 200_001, "limit": 200_000}
    assert not Submission.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_files_in_the_same_moment_one_is_taken(sitting, upload, blobs, now):
    def hand_in(content):
        try:
            return receiving.receive(sitting.pk, "Category1", upload(content), now).number
        except SubmissionInProgress as conflict:
            return conflict.code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(hand_in, [bytes([n]) * 9 for n in range(8)]))

    assert sorted(outcomes, key=str) == [1, *["submission_in_progress"] * 7]
    assert jobs().count() == 1


def test_a_second_file_at_once_is_a_conflict(sitting, submit):
    submit(sitting, "Category1", b"one")

    with pytest.raises(SubmissionInProgress, match=r"number 1, mymodel\.h5"):
        submit(sitting, "Category1", b"two")


def test_the_same_file_at_once_is_the_same_submission(sitting, submit):
    first = submit(sitting, "Category1", b"one")

    assert submit(sitting, "Category1", b"one") == first
    assert jobs().count() == 1


def test_two_slots_at_once_are_no_conflict(sitting, submit):
    submit(sitting, "Category1", b"one")

    assert submit(sitting, "Category2", b"two").number == 1


def test_the_database_allows_one_unfinished_submission_of_a_task(sitting, submit, now):
    submission = submit(sitting)
    twin = Submission(
        task=submission.task, number=2, file_name="x", sha256="0", size=1, arrived_at=now
    )

    with pytest.raises(IntegrityError, match="one_unfinished_submission_per_task"):
        twin.save()


def grade(submission, verdict, now):
    claimed = grading.claim(submission.id, now)
    grading.complete(submission.id, claimed.attempt, verdict, now)


def test_equal_bytes_get_equal_points_without_grading_again(sitting, submit, outcome, now):
    grade(submit(sitting, content=b"same"), outcome(4), now)

    again = [submit(sitting, content=b"same") for _ in range(10)]

    assert [s.points for s in again] == [4] * 10
    assert [s.number for s in again] == list(range(2, 12))
    assert jobs().count() == 1


def test_equal_bytes_get_the_same_refusal(sitting, submit, now):
    grade(submit(sitting, content=b""), EmptyFile(size=0), now)

    again = submit(sitting, content=b"")

    assert again.state == SubmissionState.REFUSED
    assert (again.refusal_code, again.refusal_params) == ("empty_file", {"size": 0})


def test_equal_bytes_for_another_task_are_graded(sitting, submit, outcome, now):
    grade(submit(sitting, "Category1", b"same"), outcome(4), now)

    assert submit(sitting, "Category2", b"same").state == SubmissionState.QUEUED


def test_equal_bytes_are_graded_again_by_another_grader(sitting, submit, outcome, now, monkeypatch):
    grade(submit(sitting, content=b"same"), outcome(4), now)
    monkeypatch.setattr(grader, "version", lambda: "next")

    assert submit(sitting, content=b"same").state == SubmissionState.QUEUED


def test_a_cancelled_file_is_graded_when_it_comes_again(sitting, submit, now):
    grading.cancel(submit(sitting, content=b"same").id, now)

    assert submit(sitting, content=b"same").state == SubmissionState.QUEUED


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("mymodel.h5", "mymodel.h5"),
        ("../../etc/passwd", "passwd"),
        ("C:\\models\\best.keras", "best.keras"),
        ("\x1b[31mred\x07.h5", "[31mred.h5"),
        ("模型.keras", "模型.keras"),
        ("", "model"),
        ("x" * 300 + ".h5", "x" * 252 + ".h5"),
    ],
)
def test_a_file_name_is_only_a_name(sitting, upload, blobs, now, sent, shown):
    received = upload(b"a model", name=sent)

    assert receiving.receive(sitting.pk, "Category1", received, now).file_name == shown


def test_admission_tells_the_tasks_limit(sitting, now):
    assert receiving.admitted_bytes(sitting, "Category1", now) == 200_000


def test_admission_is_refused_after_the_grace(sitting, now):
    with pytest.raises(SittingOver):
        receiving.admitted_bytes(sitting, "Category1", now + HOUR + GRACE + TICK)
