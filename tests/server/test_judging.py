"""The grading job, with a runner that answers as it is told to."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from assay.grading.refusals import EmptyFile
from assay.grading.sandbox import Cancelled, ChildCrashed, DeadlineExceeded
from assay.server.submissions import grader, judging
from assay.server.submissions.models import Submission
from assay.server.submissions.services import grading
from assay.wire import SubmissionState


class Puppet:
    """In the place of the sandbox's runner: predicts `factor` times the input.

    Args:
        factor: 2 is right for the hidden set of these tests.
        error: Raised instead.
        busy: How long a prediction takes; it stops early when it is cancelled.
    """

    def __init__(self, factor=2.0, error=None, busy=0.0):
        self.factor, self.error, self.busy = factor, error, busy
        self.files, self.began = [], threading.Event()

    def predict(self, file, inputs, contract, limits, cancel=None):
        self.files.append(file.read_bytes())
        self.began.set()
        if self.error is not None:
            raise self.error
        if cancel is not None and cancel.wait(self.busy):
            raise Cancelled
        return np.float32(self.factor) * inputs["input"]


def judge(submission, runner, *, stopping=lambda: False):
    judging.judge(submission.id, runner, stopping=stopping)
    return Submission.objects.get(pk=submission.pk)


@pytest.fixture
def submission(running_sitting, submit, alice):
    return submit(running_sitting(alice), content=b"the model")


def test_a_right_model_earns_five_points(submission):
    runner = Puppet(factor=2.0)

    graded = judge(submission, runner)

    assert (graded.state, graded.points) == (SubmissionState.GRADED, 5)
    assert graded.metric_value == pytest.approx(0)
    assert runner.files == [b"the model"]


def test_a_poor_model_earns_few_points(submission):
    assert judge(submission, Puppet(factor=1.0)).points == 2  # a mean error of 0.5


def test_what_the_candidate_can_mend_is_refused(submission):
    refused = judge(submission, Puppet(error=EmptyFile(size=9)))

    assert (refused.state, refused.refusal_code) == (SubmissionState.REFUSED, "empty_file")


@pytest.mark.parametrize("error", [ChildCrashed("signal 11"), OSError("disk"), ValueError("bug")])
def test_our_fault_is_tried_again_and_is_no_refusal(submission, error):
    again = judge(submission, Puppet(error=error))

    assert (again.state, again.faults) == (SubmissionState.QUEUED, 1)
    assert type(error).__name__ in again.fault_reason


def test_a_fault_keeps_what_the_candidate_may_know(submission):
    again = judge(submission, Puppet(error=DeadlineExceeded("slow", seconds=10)))

    assert (again.fault_code, again.fault_params) == ("deadline_exceeded", {"seconds": 10})


def test_a_lost_file_is_our_fault(submission, blobs):
    for path in blobs.folder.rglob(submission.sha256):
        path.unlink()

    assert judge(submission, Puppet()).faults == 1


def test_a_final_submission_is_left_alone(submission, now):
    grading.cancel(submission.id, now)
    runner = Puppet()

    judge(submission, runner)

    assert runner.files == []


@pytest.fixture
def judge_in_background():
    """Judge in a thread, as a grader does; the thread is waited for."""
    threads = []

    def act(submission, runner, **options):
        from django.db import connection  # noqa: PLC0415

        def run():
            try:
                judge(submission, runner, **options)
            finally:
                connection.close()

        thread = threading.Thread(target=run)
        thread.start()
        threads.append(thread)
        assert runner.began.wait(10)
        return thread

    yield act

    for thread in threads:
        thread.join(30)


@pytest.mark.django_db(transaction=True)
def test_cancelling_stops_a_grading_within_a_second(submission, judge_in_background, now):
    thread = judge_in_background(submission, Puppet(busy=20))

    began = time.monotonic()
    grading.cancel(submission.id, now)
    thread.join(10)

    assert time.monotonic() - began < 1
    assert Submission.objects.get().state == SubmissionState.CANCELLED


@pytest.mark.django_db(transaction=True)
def test_a_grading_that_another_grader_took_over_stops(submission, judge_in_background, now):
    thread = judge_in_background(submission, Puppet(busy=20))

    Submission.objects.update(attempt=2)
    thread.join(5)

    assert not thread.is_alive()
    assert Submission.objects.get().state == SubmissionState.GRADING  # the other's


@pytest.mark.django_db(transaction=True)
def test_a_grader_that_stops_gives_its_work_back(submission, judge_in_background):
    stop = threading.Event()
    thread = judge_in_background(submission, Puppet(busy=20), stopping=stop.is_set)

    stop.set()
    thread.join(5)

    again = Submission.objects.get()
    assert (again.state, again.faults) == (SubmissionState.QUEUED, 0)
    assert again.job_id != submission.job_id


def test_the_last_verdict_closes_a_sitting_that_was_ended(submission, now, monkeypatch):
    from assay.server.exams.services import sittings  # noqa: PLC0415

    monkeypatch.setattr(judging.timezone, "now", lambda: now)
    sittings.end(submission.task.sitting_id, now)

    judge(submission, Puppet())

    submission.task.sitting.refresh_from_db()
    assert submission.task.sitting.closed_at == now


def test_the_sealed_set_is_scored_for_staff(submission):
    judge(submission, Puppet())

    judging.judge_sealed(submission.id, Puppet())

    submission.refresh_from_db()
    assert submission.sealed_value == pytest.approx(0.15)
    assert submission.points == 5


def test_a_process_without_a_runner_says_so(monkeypatch):
    monkeypatch.setattr(grader, "_runners", [])

    with pytest.raises(grader.NoRunner):
        grader.get_runner()


@pytest.mark.django_db(transaction=True)
def test_a_worker_grades_what_is_queued(submission, monkeypatch):
    from asgiref.sync import async_to_sync  # noqa: PLC0415
    from procrastinate.contrib.django import app  # noqa: PLC0415

    from assay.server import queue  # noqa: PLC0415

    monkeypatch.setattr(grader, "_runners", [Puppet()])
    worker_app = app.with_connector(app.connector.get_worker_connector())

    async def work():
        async with worker_app.open_async():
            await worker_app.run_worker_async(
                queues=[queue.GRADING], wait=False, install_signal_handlers=False
            )

    async_to_sync(work)()

    assert Submission.objects.get().points == 5
    assert not ProcrastinateJob.objects.filter(pk=submission.job_id).exists()
