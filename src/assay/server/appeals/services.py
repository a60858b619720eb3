"""Filing an appeal, grading what it is about once more, answering it. Each is written down.

An appeal is against the marks of a sitting, or against its annulment by staff. The latter
has nothing to be graded: if it is granted, the annulment is lifted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from assay.server.accounts.models import User
from assay.server.accounts.services import tell_staff
from assay.server.appeals import letters
from assay.server.appeals.errors import (
    AppealAnswered,
    AppealFiled,
    AppealNotFound,
    AppealNotScored,
    AppealTermOver,
    AppealTooLong,
    NoAppealText,
    NoSlotChosen,
    ProposalsOpen,
    ResultNotFinal,
)
from assay.server.appeals.models import Appeal, AppealKind, AppealState
from assay.server.enrolment import auditing
from assay.server.enrolment.services import registrar
from assay.server.exams.errors import stamp
from assay.server.exams.models import Sitting
from assay.server.exams.services.sittings import locked, sitting_by_id
from assay.server.submissions import issuing
from assay.server.submissions.errors import NoReasonGiven
from assay.server.submissions.models import Regrade, RegradeState
from assay.server.submissions.services import regrading

MOST_CHARACTERS = 4000


@dataclass(frozen=True, kw_only=True)
class Stance:
    """How a candidate stands with an appeal against what became of a sitting."""

    kind: AppealKind  # what can be appealed against now
    appeal: Appeal | None  # against that
    until: datetime | None  # the end of the term; None while there is nothing to appeal against
    may_file: bool
    others: tuple[Appeal, ...]  # against what was before, the latest first


def term_of(sitting: Sitting) -> datetime | None:
    """Return until when an appeal against a sitting's result or annulment can be filed.

    Returns:
        The end of the term, which begins when the result is final, or when the sitting was
        annulled; None if neither is the case.
    """
    began_at = sitting.voided_at or sitting.closed_at
    return None if began_at is None else began_at + timedelta(days=settings.APPEAL_DAYS)


def stance(sitting: Sitting, now: datetime) -> Stance:
    """Return whether an appeal was filed against a sitting's result or annulment, or can be."""
    appeal = _against(sitting).first()
    others = Appeal.objects.filter(sitting=sitting).order_by("-filed_at")
    until = term_of(sitting)
    return Stance(
        kind=_kind(sitting),
        appeal=appeal,
        until=until,
        may_file=appeal is None and until is not None and now < until,
        others=tuple(each for each in others if each != appeal),
    )


def _kind(sitting: Sitting) -> AppealKind:
    return AppealKind.MARKS if sitting.voided_at is None else AppealKind.ANNULMENT


def _against(sitting: Sitting) -> QuerySet[Appeal]:
    """Return the appeal against what became of a sitting; not one against what was before."""
    found = Appeal.objects.filter(sitting=sitting, kind=_kind(sitting))
    return found if sitting.voided_at is None else found.filter(filed_at__gte=sitting.voided_at)


@transaction.atomic
def file(
    candidate: User, sitting_id: UUID, *, slots: Sequence[str], text: str, now: datetime
) -> Appeal:
    """Take in an appeal; the candidate gets a mail, and staff are told.

    Args:
        candidate: Whose sitting it is.
        sitting_id: The sitting; if it was annulled, the appeal is against that.
        slots: What it is about; of no matter against an annulment.
        text: What the candidate says.
        now: The current time.

    Raises:
        SittingNotFound: There is none, or it is somebody else's.
        ResultNotFinal: Its result is not final, and it was not annulled.
        AppealTermOver: The term is over.
        AppealFiled: There is one already.
        NoSlotChosen: No slot of the exam is named.
        NoAppealText: The text is empty.
        AppealTooLong: The text is too long.
    """
    sitting_by_id(candidate, sitting_id)
    sitting = locked(sitting_id)
    until = term_of(sitting)
    if until is None:
        raise ResultNotFinal
    if _against(sitting).exists():
        raise AppealFiled
    if now >= until:
        raise AppealTermOver(until=stamp(until))
    kind = _kind(sitting)
    about_marks = kind is AppealKind.MARKS
    chosen = [slot.name for slot in sitting.plan.slots if about_marks and slot.name in slots]
    if about_marks and not chosen:
        raise NoSlotChosen
    text = text.replace("\0", "").strip()
    if not text:
        raise NoAppealText
    if len(text) > MOST_CHARACTERS:
        raise AppealTooLong(received=len(text), most=MOST_CHARACTERS)
    appeal = Appeal.objects.create(
        sitting=sitting, kind=kind, filed_at=now, slots=chosen, text=text
    )
    about = ", ".join(chosen) if about_marks else "the annulment"
    _record("file", appeal, candidate, now, about=about)
    letters.filed(appeal, now)
    tell_staff(
        f"An appeal waits: {appeal.id}",
        f"About {about} of sitting {sitting.id}:\n{settings.URL}/staff/appeals/{appeal.id}/\n",
    )
    return appeal


def waiting() -> QuerySet[Appeal]:
    """Return the appeals that nobody has answered, the oldest first."""
    return Appeal.objects.filter(state=AppealState.WAITING).order_by("filed_at", "id")


@transaction.atomic
def score(appeal_id: UUID, *, by: User, now: datetime) -> list[Regrade]:
    """Have all submissions of the slots that an appeal is about graded once more.

    Raises:
        AppealNotFound: There is none.
        AppealAnswered: It has been answered.
    """
    appeal = _open(appeal_id)
    asked = regrading.ask_all(sitting_id=appeal.sitting_id, slots=appeal.slots, by=by, now=now)
    # Those that somebody had asked for before, and that are still open, belong to it too.
    appeal.regrades.add(*asked, *_undecided(appeal))
    appeal.scored = appeal.regrades.count()
    appeal.save(update_fields=["scored"])
    _record("score", appeal, by, now, count=len(asked))
    return asked


@transaction.atomic
def answer(appeal_id: UUID, *, granted: bool, reason: str, by: User, now: datetime) -> Appeal:
    """Answer an appeal and tell the candidate.

    If it is granted, the verdicts that came out differently are applied, or the annulment
    is lifted.

    Args:
        appeal_id: The appeal.
        granted: Whether the candidate is right.
        reason: What the candidate reads, in the candidate's language.
        by: The member of staff.
        now: The current time.

    Raises:
        AppealNotFound: There is none.
        AppealAnswered: It has been answered.
        AppealNotScored: Its submissions were not all graded once more.
        ProposalsOpen: It is refused, and a verdict that differs is not decided on.
        NoReasonGiven: There is none.
        SittingVoid: The sitting was annulled, so its marks cannot be changed.
    """
    reason = reason.strip()
    if not reason:
        raise NoReasonGiven
    appeal = _open(appeal_id)
    if not is_scored(appeal):
        raise AppealNotScored
    if granted and appeal.kind == AppealKind.ANNULMENT:
        _lift_annulment(appeal, by=by, reason=reason, now=now)
    proposed = [each for each in _undecided(appeal) if each.state == RegradeState.CHANGED]
    if proposed and not granted:
        raise ProposalsOpen
    correction = None
    if proposed:
        correction = regrading.apply(
            appeal.sitting_id,
            [each.id for each in proposed],
            by=by,
            reason=reason,
            now=now,
            tell=False,
        )
        appeal.changes = [
            [
                each.submission.task.slot,
                each.submission.number,
                each.points_before,
                each.points,
            ]
            for each in correction.changed
        ]
    appeal.state = AppealState.GRANTED if granted else AppealState.REFUSED
    appeal.answer, appeal.answered_at, appeal.answered_by = reason, now, by
    appeal.save()
    act = "grant" if granted else "refuse"
    _record(act, appeal, by, now, reason=reason, marks=len(appeal.changes))
    letters.answered(appeal, correction, now)
    return appeal


def _lift_annulment(appeal: Appeal, *, by: User, reason: str, now: datetime) -> None:
    registrar.reinstate(appeal.sitting.registration_id, by=by, reason=reason, now=now)
    appeal.sitting.refresh_from_db()
    if appeal.sitting.passed and appeal.sitting.plan.certificate:
        issuing.issue(appeal.sitting, now)


def is_scored(appeal: Appeal) -> bool:
    """Return whether all that the appeal is about was graded once more, if anything is to be."""
    if appeal.kind == AppealKind.ANNULMENT:
        return True
    return appeal.scored is not None and not any(
        each.state == RegradeState.WAITING for each in _undecided(appeal)
    )


def _undecided(appeal: Appeal) -> list[Regrade]:
    return list(
        Regrade.objects.filter(
            submission__task__sitting=appeal.sitting_id,
            submission__task__slot__in=appeal.slots,
            state__in=[RegradeState.WAITING, RegradeState.CHANGED],
        )
    )


def _open(appeal_id: UUID) -> Appeal:
    """Return an appeal that waits, and keep everybody else away from it and its sitting."""
    known = Appeal.objects.filter(pk=appeal_id).values_list("sitting_id", flat=True).first()
    if known is None:
        raise AppealNotFound
    locked(known)
    appeal = Appeal.objects.select_related("sitting__registration__candidate").get(pk=appeal_id)
    if appeal.state != AppealState.WAITING:
        raise AppealAnswered
    return appeal


def _record(act: str, appeal: Appeal, by: User, now: datetime, **more: str | int) -> None:
    auditing.record(f"appeal.{act}", by=by, subject=f"appeal {appeal.pk}", now=now, **more)
