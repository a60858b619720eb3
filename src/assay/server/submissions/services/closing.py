"""Closing a sitting: the result becomes final, the candidate hears of it, a pass is certified."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from assay.server import queue
from assay.server.exams.announcing import announce, sitting_key, submission_key
from assay.server.exams.eligibility import wait_ends_at
from assay.server.exams.errors import SittingStands, SittingStillRuns, stamp
from assay.server.exams.models import Sitting
from assay.server.exams.phases import phase
from assay.server.exams.services.registrations import failures
from assay.server.exams.services.sittings import locked, not_running, reopen
from assay.server.submissions import issuing
from assay.server.submissions.errors import SubmissionInProgress
from assay.server.submissions.models import UNFINISHED, Submission
from assay.server.submissions.services import grading
from assay.server.submissions.services.standing import (
    Standing,
    best_submissions,
    may_pass,
    standing,
    standing_of,
    submissions_of,
)
from assay.wire import CredentialRef, Phase, SubmissionState

# An upload whose last byte came with the last second of the grace still has to be stored.
STORING = timedelta(seconds=3)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The result of a sitting, as it stands or for good."""

    sitting: Sitting
    final: bool
    standing: Standing
    ended_at: datetime
    retake_from: datetime | None  # when failed
    credential: CredentialRef | None  # when passed


def close_due_sittings(now: datetime) -> list[UUID]:
    """Close all sittings that are over and whose submissions are final.

    Called every second; nobody has to be connected for a sitting to end. Any
    number of processes may do it at once.

    Returns:
        The sittings that were closed.
    """
    closed = []
    for sitting in _over(Sitting.objects.to_close(now), now):
        try:
            if close_if_due(sitting.id, now):
                closed.append(sitting.id)
        except Exception:  # one broken sitting must not keep the others open
            logger.exception("Sitting %s could not be closed", sitting.id)
    return closed


def _over(sittings: QuerySet[Sitting], now: datetime) -> list[Sitting]:
    """Return those of `sittings` that wait to be closed."""
    found = sittings.select_related("registration").prefetch_related("stops")
    return [sitting for sitting in found if phase(sitting.times, now) is Phase.CLOSING]


def close_if_due(sitting_id: UUID, now: datetime) -> bool:
    """Close a sitting if it is over and nothing of it is open any more.

    Returns:
        Whether this call closed it.
    """
    if not _over(Sitting.objects.to_close(now).filter(id=sitting_id), now):
        return False
    with transaction.atomic():
        sitting = locked(sitting_id)
        submissions = submissions_of(sitting)
        if not _is_due(sitting, submissions, now):
            return False
        outcome = standing_of(sitting.plan, submissions)
        sitting.closed_at = now
        sitting.total = outcome.total
        sitting.passed = outcome.passed
        sitting.save(update_fields=["closed_at", "total", "passed"])
        if outcome.passed and sitting.plan.certificate:
            issuing.issue(sitting, now)
        queue.defer("submissions.send_result", queue=queue.MAIL, sitting_id=str(sitting.id))
        score_sealed(submissions)
        announce(sitting_key(sitting.id))
    return True


def score_sealed(submissions: list[Submission]) -> None:
    """Have those that count scored on the sealed set, where that was not done yet.

    Args:
        submissions: All of one sitting.
    """
    for submission in best_submissions(submissions):
        if submission.sealed_value is None:
            queue.defer(
                "submissions.score_sealed",
                queue=queue.GRADING,
                priority=queue.LOW,
                submission_id=str(submission.id),
            )


def _is_due(sitting: Sitting, submissions: list[Submission], now: datetime) -> bool:
    if phase(sitting.times, now) is not Phase.CLOSING:
        return False
    if any(submission.state in UNFINISHED for submission in submissions):
        return False
    # What failed by our fault must not decide against the candidate: staff look at it first.
    # In practice nobody does, and nothing hangs on it.
    if sitting.plan.certificate and may_pass(sitting, submissions):
        return False
    deadline = sitting.times.deadline
    by_clock = deadline is not None and sitting.times.over_at == deadline
    grace = timedelta(seconds=sitting.plan.upload_grace_seconds)
    return not by_clock or (deadline is not None and now >= deadline + grace + STORING)


def outcome_of(sitting: Sitting, now: datetime) -> Outcome:
    """Return the result of a sitting that is over.

    Raises:
        SittingStillRuns: It is not over.
        NotAllowed: It was never started, or it was annulled.
    """
    current = phase(sitting.times, now)
    over_at = sitting.times.over_at
    if current is Phase.PAUSED:
        raise SittingStands
    if current is Phase.RUNNING and over_at is not None:
        raise SittingStillRuns(deadline=stamp(over_at))
    if over_at is None or current not in {Phase.CLOSING, Phase.CLOSED}:
        raise not_running(sitting, current)
    final = current is Phase.CLOSED
    return Outcome(
        sitting=sitting,
        final=final,
        standing=standing(sitting),
        ended_at=over_at,
        retake_from=_retake_from(sitting) if final and not sitting.passed else None,
        credential=issuing.reference(sitting) if final and sitting.passed else None,
    )


def _retake_from(sitting: Sitting) -> datetime | None:
    candidate = sitting.registration.candidate_id
    others = Sitting.objects.owned_by(candidate).select_related("registration")
    plan = sitting.plan
    up_to_here = [s for s in others if s.closed_at and s.opened_at <= sitting.opened_at]
    return wait_ends_at(failures(up_to_here, str(plan.uuid)), plan.retake_waits)


@transaction.atomic
def regrade(submission_id: UUID, now: datetime) -> Submission:
    """Have a submission that failed by our fault graded again; for staff.

    If the sitting was closed without it, it is opened for that time, and the
    candidate gets the corrected result.

    Raises:
        SubmissionInProgress: The slot has an unfinished submission.
    """
    submission = Submission.objects.select_related("task").get(id=submission_id)
    sitting = locked(submission.task.sitting_id)
    submission.refresh_from_db()
    if submission.state != SubmissionState.FAILED:
        return submission
    unfinished = Submission.objects.filter(task=submission.task, state__in=UNFINISHED).first()
    if unfinished is not None:
        raise SubmissionInProgress(
            slot=submission.task.slot, number=unfinished.number, file_name=unfinished.file_name
        )
    submission.state = SubmissionState.QUEUED
    submission.faults = 0
    submission.finished_at = None
    submission.save()
    grading.order(submission)
    if phase(sitting.times, now) is Phase.CLOSED:
        reopen(sitting)
    announce(submission_key(submission.id), sitting_key(sitting.id))
    return submission


@transaction.atomic
def write_off(submission_id: UUID, now: datetime) -> Submission:
    """Give up a submission that failed by our fault, so that its sitting can close; for staff."""
    submission = Submission.objects.select_related("task").get(id=submission_id)
    locked(submission.task.sitting_id)
    submission.refresh_from_db()
    if submission.state == SubmissionState.FAILED:
        submission.state = SubmissionState.CANCELLED
        submission.finished_at = now
        submission.save()
    return submission
