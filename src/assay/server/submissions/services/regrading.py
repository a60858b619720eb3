"""Grading a submission once more: the frozen hidden set, the engine of today, the old verdict beside.

A re-grade changes nothing. A verdict that differs is a proposal, which an examiner
applies with a reason; the candidate gets it by mail.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from assay.errors import Refusal
from assay.server import queue
from assay.server.accounts.models import User
from assay.server.exams.announcing import announce, sitting_key, submission_key
from assay.server.exams.errors import SittingVoid
from assay.server.exams.models import Sitting
from assay.server.exams.services.sittings import locked
from assay.server.submissions import correction, grader, issuing
from assay.server.submissions.correction import Correction
from assay.server.submissions.errors import (
    NoReasonGiven,
    NothingToRegrade,
    NotRegraded,
    RegradeOutdated,
)
from assay.server.submissions.models import Regrade, RegradeState, Submission
from assay.server.submissions.services.closing import score_sealed
from assay.server.submissions.services.grading import RETRY_AFTER, TRIES
from assay.server.submissions.services.standing import standing_of, submissions_of
from assay.wire import SubmissionState

if TYPE_CHECKING:
    from assay.grading import GradeOutcome  # brings NumPy, which only graders need

HAS_VERDICT = [SubmissionState.GRADED.value, SubmissionState.REFUSED.value]
_OPEN = [RegradeState.WAITING, RegradeState.CHANGED]


# Asking ----------------------------------------------------------------------------------------


@transaction.atomic
def ask(submission_id: UUID, *, by: User | None, now: datetime) -> Regrade:
    """Have one submission graded once more.

    Raises:
        NothingToRegrade: It has no verdict, or an open re-grade.
        SittingVoid: Its sitting was annulled.
    """
    submission = Submission.objects.select_related("task__sitting").get(id=submission_id)
    if submission.task.sitting.voided_at is not None:
        raise SittingVoid
    asked = _ask([submission], by, now)
    if not asked:
        raise NothingToRegrade
    return asked[0]


@transaction.atomic
def ask_all(
    *,
    by: User | None,
    now: datetime,
    sitting_id: UUID | None = None,
    slots: Sequence[str] | None = None,
    item: str | None = None,
) -> list[Regrade]:
    """Have all submissions of a sitting, of some of its slots, or of an item graded once more.

    Equal files of a task are graded once: what is applied to one goes for all.

    Args:
        by: The member of staff; None for the command line.
        now: The current time.
        sitting_id: Only of this sitting.
        slots: Only of these slots.
        item: Only of this item, such as `text/which_language`.

    Returns:
        The re-grades; those that are open already are left alone.
    """
    wanted = Submission.objects.filter(
        state__in=HAS_VERDICT, task__sitting__voided_at__isnull=True
    ).select_related("task")
    if sitting_id is not None:
        wanted = wanted.filter(task__sitting_id=sitting_id)
    if slots is not None:
        wanted = wanted.filter(task__slot__in=slots)
    if item is not None:
        wanted = wanted.filter(task__item=item)
    return _ask(wanted.order_by("task_id", "number"), by, now)


def _ask(submissions: Iterable[Submission], by: User | None, now: datetime) -> list[Regrade]:
    found = list(submissions)
    # One at a time: two clicks must not become two re-grades.
    list(
        Submission.objects.select_for_update(of=("self",))
        .filter(id__in=[each.id for each in found])
        .order_by("id")
        .values_list("id")
    )
    open_files = set(
        Regrade.objects.filter(
            state__in=_OPEN, submission__task__in={each.task_id for each in found}
        ).values_list("submission__task_id", "submission__sha256")
    )
    asked = []
    for submission in found:
        file = (submission.task_id, submission.sha256)
        if submission.state not in HAS_VERDICT or file in open_files:
            continue
        open_files.add(file)
        regrade = Regrade.objects.create(
            submission=submission,
            asked_at=now,
            asked_by=by,
            points_before=submission.points,
            value_before=submission.metric_value,
            refusal_before=submission.refusal_code,
            version_before=submission.grader_version,
        )
        _order(regrade)
        asked.append(regrade)
    return asked


def _order(regrade: Regrade, at: datetime | None = None) -> None:
    regrade.job_id = queue.defer(
        "submissions.grade_again",
        queue=queue.GRADING,
        at=at,
        priority=queue.LOW,  # those who sit now come first
        regrade_id=str(regrade.id),
    )
    regrade.save(update_fields=["job_id"])


# Grading ---------------------------------------------------------------------------------------


def _waiting(regrade_id: UUID) -> Regrade | None:
    return (
        Regrade.objects.select_for_update(of=("self",))
        .select_related("submission__task")
        .filter(id=regrade_id, state=RegradeState.WAITING)
        .first()
    )


@transaction.atomic
def begin(regrade_id: UUID, now: datetime) -> Regrade | None:
    """Count a try at a re-grade.

    Returns:
        The re-grade; None if nothing is to be done any more.
    """
    regrade = _waiting(regrade_id)
    if regrade is None:
        return None
    regrade.tries += 1
    if regrade.tries > TRIES:  # it took its graders down
        regrade.state, regrade.finished_at = RegradeState.FAILED, now
        regrade.fault_reason = regrade.fault_reason or "the grader stopped"
    regrade.save()
    return regrade if regrade.state == RegradeState.WAITING else None


@transaction.atomic
def complete(regrade_id: UUID, verdict: GradeOutcome | Refusal, now: datetime) -> None:
    """Record what came out, and whether it is what it was."""
    regrade = _waiting(regrade_id)
    if regrade is None:
        return
    if isinstance(verdict, Refusal):
        regrade.refusal_code, regrade.refusal_params = verdict.code, verdict.params
    else:
        regrade.points, regrade.metric_value = verdict.points, verdict.value
    same = (regrade.points, regrade.refusal_code) == (regrade.points_before, regrade.refusal_before)
    regrade.state = RegradeState.SAME if same else RegradeState.CHANGED
    regrade.grader_version = grader.version()
    regrade.finished_at = now
    regrade.save()


@transaction.atomic
def fault(regrade_id: UUID, now: datetime, *, reason: str) -> None:
    """Record that a try failed by our fault; it is tried again, three times in all."""
    regrade = _waiting(regrade_id)
    if regrade is None:
        return
    regrade.fault_reason = reason
    if regrade.tries >= TRIES:
        regrade.state, regrade.finished_at = RegradeState.FAILED, now
    else:
        _order(regrade, at=now + RETRY_AFTER[regrade.tries - 1])
    regrade.save()


# Deciding --------------------------------------------------------------------------------------


def proposals() -> QuerySet[Regrade]:
    """Return the verdicts that differ and that nobody has decided on, the oldest first."""
    return (
        Regrade.objects.filter(state=RegradeState.CHANGED)
        .select_related("submission__task__sitting__registration__candidate")
        .order_by("asked_at", "submission__task", "submission__number")
    )


@transaction.atomic
def apply(
    sitting_id: UUID,
    regrade_ids: Sequence[UUID],
    *,
    by: User | None,
    reason: str,
    now: datetime,
    tell: bool = True,
) -> Correction:
    """Give submissions the verdicts that were proposed, with all that follows.

    Equal files of the same task get equal points. If the sitting is closed, its
    result is reckoned anew: a pass is certified, and the certificate of what is no
    pass any more is revoked. A certificate that stands is not changed. The candidate
    gets a mail.

    Args:
        sitting_id: The sitting.
        regrade_ids: Proposals in it.
        by: The member of staff; None for the command line.
        reason: What the candidate reads.
        now: The current time.
        tell: False: somebody else tells the candidate.

    Raises:
        NoReasonGiven: There is none.
        NotRegraded: A proposal is not open, or belongs to another sitting.
        RegradeOutdated: The verdict has changed since.
        SittingVoid: The sitting was annulled.
    """
    sitting, chosen = _chosen(sitting_id, regrade_ids, reason)
    if sitting.voided_at is not None:
        raise SittingVoid
    before = standing_of(sitting.plan, submissions_of(sitting))
    passed_before = before.passed if sitting.passed is None else sitting.passed
    for regrade in chosen:
        _give(regrade)
        _decide(regrade, RegradeState.APPLIED, by, reason, now)
    submissions = submissions_of(sitting)
    after = standing_of(sitting.plan, submissions)
    if sitting.closed_at is not None:
        sitting.total, sitting.passed = after.total, after.passed
        sitting.save(update_fields=["total", "passed"])
        if after.passed != passed_before and sitting.plan.certificate:
            (issuing.issue if after.passed else issuing.revoke)(sitting, now)
        score_sealed(submissions)
    announce(sitting_key(sitting.id), *(submission_key(r.submission_id) for r in chosen))
    done = Correction(
        sitting=sitting,
        changed=tuple(chosen),
        total_before=before.total,
        total=after.total,
        passed_before=passed_before,
        passed=after.passed,
    )
    if tell:
        correction.tell(done, reason.strip(), now)
    return done


def _give(regrade: Regrade) -> None:
    submission = regrade.submission
    now_is = (submission.points, submission.refusal_code)
    if now_is != (regrade.points_before, regrade.refusal_before):
        raise RegradeOutdated(number=submission.number, slot=submission.task.slot)
    state = SubmissionState.GRADED if regrade.points is not None else SubmissionState.REFUSED
    Submission.objects.filter(
        task=submission.task, sha256=submission.sha256, state__in=HAS_VERDICT
    ).update(
        state=state.value,
        points=regrade.points,
        metric_value=regrade.metric_value,
        sealed_value=None,
        refusal_code=regrade.refusal_code,
        refusal_params=regrade.refusal_params,
        grader_version=regrade.grader_version,
    )


@transaction.atomic
def set_aside(
    sitting_id: UUID, regrade_ids: Sequence[UUID], *, by: User | None, reason: str, now: datetime
) -> list[Regrade]:
    """Decide against proposals: the verdicts stay as they are.

    Raises:
        NoReasonGiven: There is none.
        NotRegraded: A proposal is not open, or belongs to another sitting.
    """
    _, chosen = _chosen(sitting_id, regrade_ids, reason)
    for regrade in chosen:
        _decide(regrade, RegradeState.SET_ASIDE, by, reason, now)
    return chosen


def _chosen(
    sitting_id: UUID, regrade_ids: Sequence[UUID], reason: str
) -> tuple[Sitting, list[Regrade]]:
    if not reason.strip():
        raise NoReasonGiven
    sitting = locked(sitting_id)
    chosen = list(
        Regrade.objects.select_for_update(of=("self",))
        .select_related("submission__task")
        .filter(
            id__in=regrade_ids,
            submission__task__sitting=sitting,
            state=RegradeState.CHANGED,
        )
        .order_by("submission__task__slot", "submission__number")
    )
    if not chosen or len(chosen) != len(set(regrade_ids)):
        raise NotRegraded
    return sitting, chosen


def _decide(
    regrade: Regrade, state: RegradeState, by: User | None, reason: str, now: datetime
) -> None:
    regrade.state, regrade.decision = state, reason.strip()
    regrade.decided_at, regrade.decided_by = now, by
    regrade.save()
