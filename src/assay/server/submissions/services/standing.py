"""How a sitting stands: best points and tries per slot, weighted total, passed or not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from assay.items.blueprint import BlueprintYaml
from assay.server.exams.models import Sitting
from assay.server.submissions.models import Submission
from assay.wire import TOP_POINTS, SubmissionState


@dataclass(frozen=True, kw_only=True)
class SlotStanding:
    """One slot so far."""

    best: int | None = None  # points; None before the first graded submission
    tries: int = 0  # submissions so far


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A sitting so far."""

    slots: Mapping[str, SlotStanding]  # in the order of the blueprint
    total: float  # weighted, per cent
    passed: bool


def judge(plan: BlueprintYaml, best: Mapping[str, int | None]) -> tuple[float, bool]:
    """Return the weighted total in per cent, and whether it passes.

    `total = Σ weight · points / 5`. It is computed in decimals: a total of exactly
    the pass mark passes.

    Args:
        plan: The blueprint.
        best: Points by slot; None or a missing slot counts 0.
    """
    weighted = sum(slot.weight * (best.get(slot.name) or 0) for slot in plan.slots)
    total = Decimal(weighted) / TOP_POINTS
    return float(total), total >= Decimal(str(plan.pass_mark))


def standing(sitting: Sitting) -> Standing:
    """Return how a sitting stands, from its submissions."""
    return standing_of(sitting.plan, submissions_of(sitting))


def submissions_of(sitting: Sitting) -> list[Submission]:
    """Return a sitting's submissions, by slot and number."""
    return list(
        Submission.objects.filter(task__sitting=sitting)
        .select_related("task")
        .order_by("task__slot", "number")
    )


def best_submissions(submissions: list[Submission]) -> list[Submission]:
    """Return the submission that earned a slot's best points first, for each slot."""
    best: dict[str, Submission] = {}
    for submission in submissions:
        if submission.points is None:
            continue
        known = best.get(submission.task.slot)
        if known is None or known.points is None or submission.points > known.points:
            best[submission.task.slot] = submission
    return list(best.values())


def may_pass(sitting: Sitting, submissions: list[Submission]) -> bool:
    """Return whether submissions that failed by our fault could turn a fail into a pass.

    Each of them is taken for 5 points.
    """
    best: dict[str, int | None] = {s.task.slot: s.points for s in best_submissions(submissions)}
    if judge(sitting.plan, best)[1]:
        return False
    failed = {s.task.slot for s in submissions if s.state == SubmissionState.FAILED}
    return judge(sitting.plan, best | dict.fromkeys(failed, TOP_POINTS))[1]


def standing_of(plan: BlueprintYaml, submissions: list[Submission]) -> Standing:
    """Return how a sitting with these submissions stands."""
    tries: dict[str, int] = defaultdict(int)
    for submission in submissions:
        tries[submission.task.slot] += 1
    best = {s.task.slot: s.points for s in best_submissions(submissions)}
    total, passed = judge(plan, best)
    return Standing(
        slots={
            slot.name: SlotStanding(best=best.get(slot.name), tries=tries[slot.name])
            for slot in plan.slots
        },
        total=total,
        passed=passed,
    )
