"""The life of a submission from the queue to its verdict.

A grader claims a submission and gets an attempt number; only the verdict of the
last attempt counts, and only while the submission is being graded. So a grader
that was taken for dead and comes back changes nothing, and no submission gets
two marks.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import transaction

from assay.errors import PlatformFault, Refusal
from assay.server import queue
from assay.server.accounts.services import tell_staff
from assay.server.exams.announcing import announce, sitting_key, submission_key
from assay.server.exams.services import preparation
from assay.server.submissions import grader
from assay.server.submissions.models import UNFINISHED, Attempt, AttemptOutcome, Submission
from assay.wire import SubmissionState

if TYPE_CHECKING:
    from assay.grading import GradeOutcome  # brings NumPy, which only graders need

TRIES = 3
# Before the second and the third try: what is short now may not be short then.
RETRY_AFTER = (timedelta(seconds=1), timedelta(seconds=10))

logger = logging.getLogger(__name__)


def order(submission: Submission, at: datetime | None = None) -> None:
    """Queue the job that grades `submission`, in the running transaction."""
    submission.job_id = queue.defer(
        "submissions.grade_submission",
        queue=queue.GRADING,
        at=at,
        submission_id=str(submission.id),
    )
    submission.save(update_fields=["job_id"])


def _locked(submission_id: UUID) -> Submission:
    return (
        Submission.objects.select_for_update(of=("self",))
        .select_related("task")
        .get(id=submission_id)
    )


def _announce(submission: Submission) -> None:
    announce(submission_key(submission.id), sitting_key(submission.task.sitting_id))


@transaction.atomic
def claim(submission_id: UUID, now: datetime) -> Submission | None:
    """Take a submission for grading.

    Returns:
        The submission with its new attempt number; None if there is nothing to do,
        because it was cancelled, is final, or is in another grader's hands.
    """
    submission = _locked(submission_id)
    if submission.state != SubmissionState.QUEUED:
        return None
    submission.state = SubmissionState.GRADING
    submission.attempt += 1
    submission.claimed_at = now
    submission.save(update_fields=["state", "attempt", "claimed_at"])
    Attempt.objects.create(
        submission=submission,
        number=submission.attempt,
        began_at=now,
        grader_version=grader.version(),
    )
    _announce(submission)
    return submission


def is_claimed(submission_id: UUID, attempt: int) -> bool:
    """Return whether an attempt is still the one that counts."""
    return Submission.objects.filter(
        id=submission_id, attempt=attempt, state=SubmissionState.GRADING
    ).exists()


def _note_end(
    submission: Submission, outcome: AttemptOutcome, now: datetime, code: str = "", detail: str = ""
) -> None:
    """Write down how the attempt that counts ended."""
    submission.attempts.filter(number=submission.attempt, ended_at__isnull=True).update(
        ended_at=now, outcome=outcome, fault_code=code, detail=detail
    )


def _claimed(submission_id: UUID, attempt: int) -> Submission | None:
    submission = _locked(submission_id)
    if submission.state != SubmissionState.GRADING or submission.attempt != attempt:
        logger.info("Attempt %d at submission %s does not count any more", attempt, submission_id)
        return None
    return submission


@transaction.atomic
def complete(
    submission_id: UUID, attempt: int, verdict: GradeOutcome | Refusal, now: datetime
) -> bool:
    """Record the verdict of an attempt, once.

    Args:
        submission_id: The submission.
        attempt: As `claim` gave it.
        verdict: Points, or why the file is not graded.
        now: The current time.

    Returns:
        False if the attempt does not count any more; nothing is changed then.
    """
    submission = _claimed(submission_id, attempt)
    if submission is None:
        return False
    if isinstance(verdict, Refusal):
        submission.state = SubmissionState.REFUSED
        submission.refusal_code = verdict.code
        submission.refusal_params = verdict.params
    else:
        submission.state = SubmissionState.GRADED
        submission.points = verdict.points
        submission.metric_value = verdict.value
    submission.grader_version = grader.version()
    submission.finished_at = now
    submission.save()
    _note_end(submission, AttemptOutcome.VERDICT, now)
    _announce(submission)
    return True


@transaction.atomic
def fault(
    submission_id: UUID,
    attempt: int,
    error: PlatformFault,
    now: datetime,
    *,
    reason: str,
    retry_at: datetime | None = None,
) -> bool:
    """Record that an attempt failed by our fault.

    It is tried again; after three tries staff are told.

    Args:
        submission_id: The submission.
        attempt: As `claim` gave it.
        error: What the candidate may know of it.
        now: The current time.
        reason: What staff may know of it.
        retry_at: When to try again; a while after `now` by default.

    Returns:
        False if the attempt does not count any more; nothing is changed then.
    """
    submission = _claimed(submission_id, attempt)
    if submission is None:
        return False
    submission.faults += 1
    submission.fault_code = error.code
    submission.fault_params = error.params
    submission.fault_reason = reason
    _note_end(submission, AttemptOutcome.FAULT, now, error.code, reason)
    logger.error("Attempt %d at submission %s failed: %s", attempt, submission_id, reason)
    if submission.faults < TRIES:
        submission.state = SubmissionState.QUEUED
        submission.save()
        order(submission, at=retry_at or now + RETRY_AFTER[submission.faults - 1])
    else:
        submission.state = SubmissionState.FAILED
        submission.finished_at = now
        submission.save()
        _tell_staff(submission)
    _announce(submission)
    return True


def _tell_staff(submission: Submission) -> None:
    task = submission.task
    tell_staff(
        f"Submission {submission.id} could not be graded",
        f"Sitting {task.sitting_id}, {task.slot} ({task.item}), submission {submission.number}, "
        f"file {submission.sha256}: {TRIES} attempts failed.\n\n{submission.fault_reason}\n\n"
        f"When the reason is mended: {settings.URL}/staff/submissions/{submission.id}/\n"
        f"or: python -m assay.server manage regrade {submission.id}\n",
    )


@transaction.atomic
def give_back(submission_id: UUID, attempt: int, now: datetime) -> bool:
    """Queue a claimed submission again, because its grader stops; it is nobody's fault.

    Args:
        submission_id: The submission.
        attempt: As `claim` gave it.
        now: The current time.

    Returns:
        False if the attempt does not count any more; nothing is changed then.
    """
    submission = _claimed(submission_id, attempt)
    if submission is None:
        return False
    submission.state = SubmissionState.QUEUED
    submission.save()
    _note_end(submission, AttemptOutcome.GIVEN_BACK, now)
    order(submission)
    _announce(submission)
    return True


@transaction.atomic
def cancel(submission_id: UUID, now: datetime) -> Submission:
    """Cancel an unfinished submission; one that is final stays as it is.

    A grader that is at work on it sees it within a second and stops.
    """
    submission = _locked(submission_id)
    if SubmissionState(submission.state).is_final:
        return submission
    queue.withdraw(submission.job_id)
    submission.state = SubmissionState.CANCELLED
    submission.finished_at = now
    submission.save()
    _note_end(submission, AttemptOutcome.OVERTAKEN, now)
    _announce(submission)
    return submission


def sweep(now: datetime, stale_after: timedelta = queue.STALE_AFTER) -> int:
    """Find work that nobody is at and queue it again.

    The rows are the truth and the queue follows them: an unfinished submission
    without a live job lost it to a crash. Any number of processes may sweep at once.

    Args:
        now: The current time.
        stale_after: How long after its last sign of life a worker counts as dead;
            zero when it is known that none is alive.

    Returns:
        How many submissions and preparations were queued again.
    """
    found = list(Submission.objects.filter(state__in=UNFINISHED))
    live = queue.live((s.job_id for s in found if s.job_id), now, stale_after)
    lost = [submission for submission in found if submission.job_id not in live]
    swept = sum(_recover(submission, now) for submission in lost)
    return swept + preparation.sweep(now, stale_after)


@transaction.atomic
def _recover(seen: Submission, now: datetime) -> bool:
    submission = _locked(seen.id)
    if (submission.state, submission.job_id) != (seen.state, seen.job_id):
        return False  # it has moved on since we looked
    if submission.state == SubmissionState.GRADING:
        # Counted, so that a file that takes its grader down cannot do so for ever.
        return fault(
            submission.id,
            submission.attempt,
            PlatformFault(),
            now,
            reason="the grader stopped",
            retry_at=now,
        )
    order(submission)
    return True
