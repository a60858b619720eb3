"""The grading job: one attempt at one submission, from the file to its verdict."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

from django.utils import timezone

from assay.errors import PlatformFault, Refusal
from assay.grading import GradeOutcome, grade
from assay.grading.sandbox import Cancelled, GradingFault, Runner
from assay.items.store import load_inputs, load_labels
from assay.items.variant import Split
from assay.server.connections import release
from assay.server.exams.models import DrawnTask
from assay.server.storage import BlobStore, store
from assay.server.submissions.models import Submission
from assay.server.submissions.services import closing, grading, regrading

CHECK_SECONDS = 0.25  # between two looks at whether the attempt still counts

logger = logging.getLogger(__name__)


def judge(
    submission_id: UUID,
    runner: Runner,
    *,
    stopping: Callable[[], bool],
    blobs: BlobStore | None = None,
) -> None:
    """Grade a submission, if it waits for it, and record what comes out.

    Args:
        submission_id: The submission.
        runner: Runs the model.
        stopping: Whether this process is about to stop; asked now and then.
        blobs: Where the files are; the deployment's store by default.
    """
    blobs = blobs or store()
    submission = grading.claim(submission_id, timezone.now())
    if submission is None:
        return
    attempt = submission.attempt
    release()  # the model may run for a while
    try:
        with _cancelled_when_overtaken(submission_id, attempt, stopping) as cancel:
            verdict = _verdict(submission, runner, blobs, cancel)
    except Cancelled:
        # By the candidate, by another grader, or because we stop.
        grading.give_back(submission_id, attempt, timezone.now())
        return
    except Exception as error:  # whatever it is, it is not the candidate's fault
        logger.exception("Grading submission %s failed", submission_id)
        known = error if isinstance(error, PlatformFault) else PlatformFault()
        detail = error.detail if isinstance(error, GradingFault) else ""
        reason = f"{type(error).__name__}: {detail or error}"
        grading.fault(submission_id, attempt, known, timezone.now(), reason=reason)
    else:
        grading.complete(submission_id, attempt, verdict, timezone.now())
    closing.close_if_due(submission.task.sitting_id, timezone.now())


def _verdict(
    submission: Submission, runner: Runner, blobs: BlobStore, cancel: threading.Event
) -> GradeOutcome | Refusal:
    task = submission.task
    split = _split(blobs, task.hidden_inputs, task.hidden_labels)
    try:
        with blobs.local(submission.sha256) as file:
            return _grade(runner, file, task, split, cancel)
    except Refusal as refusal:
        return refusal


def judge_sealed(submission_id: UUID, runner: Runner, blobs: BlobStore | None = None) -> None:
    """Score a graded submission on the sealed set, for staff.

    Raises:
        GradingFault: It did not work out; the queue tries again.
    """
    blobs = blobs or store()
    submission = Submission.objects.select_related("task").get(id=submission_id)
    task = submission.task
    split = _split(blobs, task.sealed_inputs, task.sealed_labels)
    with blobs.local(submission.sha256) as file:
        outcome = _grade(runner, file, task, split, None)
    Submission.objects.filter(id=submission_id).update(sealed_value=outcome.value)


def judge_again(regrade_id: UUID, runner: Runner, blobs: BlobStore | None = None) -> None:
    """Grade a submission once more, beside its verdict, and record what comes out."""
    blobs = blobs or store()
    regrade = regrading.begin(regrade_id, timezone.now())
    if regrade is None:
        return
    release()  # the model may run for a while
    try:
        verdict = _verdict(regrade.submission, runner, blobs, threading.Event())
    except Exception as error:  # whatever it is, it is not the candidate's fault
        logger.exception("Re-grade %s failed", regrade_id)
        detail = error.detail if isinstance(error, GradingFault) else ""
        reason = f"{type(error).__name__}: {detail or error}"
        regrading.fault(regrade_id, timezone.now(), reason=reason)
    else:
        regrading.complete(regrade_id, verdict, timezone.now())


def _split(blobs: BlobStore, inputs: str, labels: str) -> Split:
    right, baseline = load_labels(blobs.read(labels))
    return Split(inputs=load_inputs(blobs.read(inputs)), labels=right, baseline=baseline)


def _grade(
    runner: Runner, file: Path, task: DrawnTask, split: Split, cancel: threading.Event | None
) -> GradeOutcome:
    spec = task.item_yaml
    return grade(
        runner,
        file,
        contract=spec.to_contract(),
        limits=spec.to_limits(),
        metric=spec.metric,
        split=split,
        cancel=cancel,
    )


@contextlib.contextmanager
def _cancelled_when_overtaken(
    submission_id: UUID, attempt: int, stopping: Callable[[], bool]
) -> Iterator[threading.Event]:
    """Give an event that is set as soon as the attempt does not count any more.

    It looks at the row, which is the truth, and only once grading takes longer
    than most.
    """
    cancel = threading.Event()
    done = threading.Event()

    def watch() -> None:
        try:
            while not done.wait(CHECK_SECONDS):
                if stopping() or not grading.is_claimed(submission_id, attempt):
                    cancel.set()
                    return
                release()
        finally:
            release()

    watcher = threading.Thread(target=watch, name="overtaken", daemon=True)
    watcher.start()
    try:
        yield cancel
    finally:
        done.set()
        watcher.join()
