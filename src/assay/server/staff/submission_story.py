"""All that staff see of one submission, and of what a sitting's slots have got."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from assay.errors import Rendered
from assay.grading.refusals import REFUSALS
from assay.items.spec import HIGHER_IS_BETTER, ItemYaml
from assay.server.exams.bank import bank
from assay.server.exams.models import DrawnTask, Sitting
from assay.server.language import active_language
from assay.server.staff.models import AuditEntry
from assay.server.submissions import grader
from assay.server.submissions.models import (
    Attempt,
    AttemptOutcome,
    Regrade,
    RegradeState,
    Submission,
)
from assay.server.submissions.services.standing import SlotStanding, standing_of, submissions_of
from assay.wire import SubmissionState

STATES: Mapping[str, tuple[Promise, str]] = {  # words, and the colour of the badge
    SubmissionState.QUEUED: (pgettext_lazy("state of a submission", "waiting"), "info"),
    SubmissionState.GRADING: (pgettext_lazy("state of a submission", "being graded"), "info"),
    SubmissionState.GRADED: (pgettext_lazy("state of a submission", "graded"), "good"),
    SubmissionState.REFUSED: (pgettext_lazy("state of a submission", "refused"), "bad"),
    SubmissionState.CANCELLED: (pgettext_lazy("state of a submission", "cancelled"), ""),
    SubmissionState.FAILED: (pgettext_lazy("state of a submission", "failed by our fault"), "warn"),
}
OUTCOMES: Mapping[str, Promise] = {
    "": pgettext_lazy("end of a grading attempt", "under way"),
    AttemptOutcome.VERDICT: pgettext_lazy("end of a grading attempt", "verdict"),
    AttemptOutcome.FAULT: pgettext_lazy("end of a grading attempt", "fault"),
    AttemptOutcome.GIVEN_BACK: pgettext_lazy("end of a grading attempt", "given back"),
    AttemptOutcome.OVERTAKEN: pgettext_lazy("end of a grading attempt", "cancelled"),
}
REGRADES: Mapping[str, tuple[Promise, str]] = {
    RegradeState.WAITING: (pgettext_lazy("state of a re-grade", "waiting"), "info"),
    RegradeState.SAME: (pgettext_lazy("state of a re-grade", "same verdict"), "good"),
    RegradeState.CHANGED: (pgettext_lazy("state of a re-grade", "differs: to be decided"), "warn"),
    RegradeState.FAILED: (pgettext_lazy("state of a re-grade", "failed by our fault"), "bad"),
    RegradeState.APPLIED: (pgettext_lazy("state of a re-grade", "applied"), "gold"),
    RegradeState.SET_ASIDE: (pgettext_lazy("state of a re-grade", "set aside"), ""),
}
_LINES = 50  # of the audit log
_DIGITS = 12  # of a digest, as shown


@dataclass(frozen=True, kw_only=True)
class Line:
    """One submission in a list."""

    row: Submission
    state: Promise
    tone: str
    counts: bool  # whether it earned the slot's points


@dataclass(frozen=True, kw_only=True)
class RegradeLine:
    """One re-grade: before, after, and what became of it."""

    row: Regrade
    state: Promise
    tone: str

    @property
    def is_proposal(self) -> bool:
        """Whether somebody has to decide."""
        return self.row.state == RegradeState.CHANGED


@dataclass(frozen=True, kw_only=True)
class SlotStory:
    """A slot of a sitting with all its submissions."""

    name: str
    task: DrawnTask
    title: str
    standing: SlotStanding
    lines: list[Line]
    may_regrade: bool


@dataclass(frozen=True, kw_only=True)
class SittingStory:
    """A sitting by its slots."""

    slots: list[SlotStory]
    regrades: list[RegradeLine]
    proposals: list[RegradeLine]


@dataclass(frozen=True, kw_only=True)
class SubmissionStory:
    """A submission and all that happened to it."""

    line: Line
    refusal: Rendered | None
    attempts: list[tuple[Attempt, Promise]]
    regrades: list[RegradeLine]
    equals: list[Submission]  # other submissions of the same bytes for the same task
    metric: str
    cuts: str
    sign: str  # between the measure and a cut that it reaches
    same_engine: bool  # whether the verdict is of the grading code that runs now
    item_digest: str  # of item.yaml as it was at the draw
    item_is_current: bool
    entries: list[AuditEntry]


def lines_of(submissions: list[Submission], best: Mapping[str, int | None]) -> list[Line]:
    """Return submissions of one sitting with their states in words.

    Args:
        submissions: In the order of their numbers.
        best: The best points of each slot.
    """
    counted: set[str] = set()
    found = []
    for each in submissions:
        slot = each.task.slot
        counts = each.points is not None and each.points == best.get(slot) and slot not in counted
        counted |= {slot} if counts else set()
        state, tone = STATES[each.state]
        found.append(Line(row=each, state=state, tone=tone, counts=counts))
    return found


def regrade_lines(regrades: QuerySet[Regrade]) -> list[RegradeLine]:
    """Return re-grades with their states in words."""
    rows = regrades.select_related("submission__task", "asked_by", "decided_by")
    return [
        RegradeLine(row=each, state=REGRADES[each.state][0], tone=REGRADES[each.state][1])
        for each in rows
    ]


def sitting_story(sitting: Sitting) -> SittingStory:
    """Return a sitting's history, slot by slot."""
    submissions = submissions_of(sitting)
    standing = standing_of(sitting.plan, submissions)
    lines = lines_of(submissions, {name: each.best for name, each in standing.slots.items()})
    tasks = {task.slot: task for task in sitting.tasks.all()}
    asked = Regrade.objects.filter(submission__task__sitting=sitting)
    regrades = regrade_lines(
        asked.order_by("-asked_at", "submission__task__slot", "submission__number")
    )
    return SittingStory(
        slots=[
            SlotStory(
                name=name,
                task=tasks[name],
                title=tasks[name].item_yaml.title.in_language(active_language()),
                standing=stands,
                lines=(own := [line for line in lines if line.row.task.slot == name]),
                may_regrade=any(line.row.finished_at and line.row.grader_version for line in own),
            )
            for name, stands in standing.slots.items()
            if name in tasks
        ],
        regrades=regrades,
        proposals=[each for each in regrades if each.is_proposal],
    )


def submission_story(submission: Submission) -> SubmissionStory:
    """Return all that staff see of a submission.

    Args:
        submission: With its task and sitting.
    """
    task = submission.task
    sitting = task.sitting
    submissions = submissions_of(sitting)
    standing = standing_of(sitting.plan, submissions)
    lines = lines_of(submissions, {name: each.best for name, each in standing.slots.items()})
    spec = task.item_yaml
    metric = spec.metric
    refusal = None
    if submission.refusal_code:
        error = REFUSALS[submission.refusal_code](**submission.refusal_params)
        refusal = error.render(active_language())
    item = bank().items.get(task.item)
    return SubmissionStory(
        line=next(line for line in lines if line.row.id == submission.id),
        refusal=refusal,
        attempts=[(each, OUTCOMES[each.outcome]) for each in submission.attempts.all()],
        regrades=regrade_lines(submission.regrades.all()),
        equals=[
            each
            for each in submissions
            if each.task_id == task.pk
            and each.sha256 == submission.sha256
            and each.id != submission.id
        ],
        metric=metric.name.value,
        cuts=" · ".join(f"{cut:g}" for cut in metric.cuts),
        sign="≥" if metric.name in HIGHER_IS_BETTER else "≤",
        same_engine=submission.grader_version in {"", grader.version()},
        item_digest=spec_digest(task.spec),
        item_is_current=item is not None
        and spec_digest(_dump(item.spec)) == spec_digest(task.spec),
        entries=list(
            AuditEntry.objects.filter(subject=f"submission {submission.id}").select_related("by")[
                :_LINES
            ]
        ),
    )


def _dump(spec: ItemYaml) -> dict[str, Any]:
    dumped: dict[str, Any] = spec.model_dump(mode="json", by_alias=True)
    return dumped


def spec_digest(spec: Mapping[str, Any]) -> str:
    """Return what tells two versions of an `item.yaml` apart: 12 hexadecimal digits of SHA-256."""
    text = json.dumps(spec, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]
