"""From closed sittings to the figures of an exam and of its items."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assay.items.certainty import standard_error
from assay.items.spec import HIGHER_IS_BETTER
from assay.server.staff.statistics.formulas import (
    Estimate,
    alpha,
    consistency,
    correlation,
    difference,
    mean,
    median,
    pass_probability,
    points_distribution,
    share,
)
from assay.server.staff.statistics.runs import Run, SlotRun
from assay.wire import TOP_POINTS

MINUTE = 60.0
LOW_DISCRIMINATION = 0.2  # below it an item hardly tells the strong from the weak (Ebel, 1965)
_UNSURE = (0.05, 0.95)  # a chance to pass between them is no certain decision
_ERRORS = 2  # standard errors, before anything is flagged


@dataclass(frozen=True, kw_only=True)
class ItemReport:
    """How one item has done in an exam."""

    item: str
    slots: tuple[str, ...]
    drawn: int  # sittings that had it
    untried: int  # of them without a submission
    points: tuple[int, ...]  # sittings by best points, 0 to 5
    full: Estimate  # difficulty: the share that reached 5/5
    average: Estimate  # best points
    discrimination: Estimate  # 5/5 against the rest of the total
    tries: Estimate  # median, of those that tried
    refused: Estimate  # the share of submissions that were refused
    minutes_to_full: Estimate  # median, of those that reached it
    tries_to_full: Estimate  # median, of those that reached it
    drop: Estimate  # hidden minus sealed set, in standard errors of a measure; mean
    same_points: Estimate  # the share that the sealed set gives the same points
    hard: bool  # differs from the other items of its slot beyond two standard errors: harder
    easy: bool  # or easier
    weak: bool  # hardly discriminates, beyond two standard errors
    probed: bool  # the sealed set is worse, beyond two standard errors


@dataclass(frozen=True, kw_only=True)
class ExamReport:
    """How an exam has done."""

    sittings: int
    passed: Estimate
    total: Estimate
    totals: tuple[float, ...]
    pass_mark: float | None  # per cent; of the latest sitting
    minutes: Estimate  # median, from Start to the end
    reliability: Estimate
    certain: Estimate  # the chance that another hidden set leads to the decision that was made
    consistent: Estimate  # the chance that two hidden sets lead to the same decision
    unsure: int  # sittings whose decision could well have been another
    items: tuple[ItemReport, ...]


def report(runs: Sequence[Run]) -> ExamReport:
    """Return the figures of an exam.

    Args:
        runs: Its closed sittings.
    """
    chances = [chance(run) for run in runs]
    by_item: dict[str, list[tuple[Run, SlotRun]]] = defaultdict(list)
    for run in runs:
        for slot in run.slots:
            by_item[slot.item].append((run, slot))
    width = len(runs[-1].slots) if runs else 0
    complete = [run for run in runs if len(run.slots) == width]
    parts = [[s.weight * s.points / TOP_POINTS for s in run.slots] for run in complete]
    return ExamReport(
        sittings=len(runs),
        passed=share(sum(run.passed for run in runs), len(runs)),
        total=mean([run.total for run in runs]),
        totals=tuple(run.total for run in runs),
        pass_mark=runs[-1].pass_mark if runs else None,
        minutes=median([run.seconds / MINUTE for run in runs]),
        reliability=alpha(np.asarray(parts, dtype=np.float64).reshape(len(parts), width)),
        certain=mean([p if run.passed else 1 - p for run, p in zip(runs, chances, strict=True)]),
        consistent=mean([consistency(p) for p in chances]),
        unsure=sum(_UNSURE[0] < p < _UNSURE[1] for p in chances),
        items=tuple(_item(name, found, by_item) for name, found in sorted(by_item.items())),
    )


def chance(run: Run) -> float:
    """Return how likely a sitting passes with other hidden sets of the same size.

    What was measured is taken for the truth, and the tries that led to it are not
    looked at, so the chance of somebody near a cut who tried often is put too high.
    """
    slots = []
    for slot in run.slots:
        if slot.value is None:
            chances = np.eye(TOP_POINTS + 1)[0]
        else:
            chances = points_distribution(
                slot.value,
                standard_error(slot.metric.name, slot.value, slot.samples),
                slot.metric.cuts,
                higher_is_better=slot.metric.name in HIGHER_IS_BETTER,
            )
        slots.append((slot.weight, chances))
    return pass_probability(slots, run.pass_mark)


def _item(
    name: str,
    found: list[tuple[Run, SlotRun]],
    by_item: dict[str, list[tuple[Run, SlotRun]]],
) -> ItemReport:
    own = [slot for _, slot in found]
    tried = [slot for slot in own if slot.tries]
    slots = sorted({slot.slot for slot in own})
    full = _full(own)
    discrimination = correlation(
        [float(slot.points == TOP_POINTS) for slot in own],
        [run.total - slot.weight * slot.points / TOP_POINTS for run, slot in found],
    )
    pairs = [
        (slot, value, slot.sealed)
        for slot in own
        if (value := slot.value) is not None and slot.sealed is not None
    ]
    drop = mean([_drop(slot, value, sealed) for slot, value, sealed in pairs])
    others = [
        slot
        for other, rows in by_item.items()
        if other != name
        for _, slot in rows
        if slot.slot in slots
    ]
    apart = difference(full, _full(others))
    return ItemReport(
        item=name,
        slots=tuple(slots),
        drawn=len(own),
        untried=len(own) - len(tried),
        points=tuple(sum(slot.points == p for slot in own) for p in range(TOP_POINTS + 1)),
        full=full,
        average=mean([slot.points for slot in own]),
        discrimination=discrimination,
        tries=median([slot.tries for slot in tried]),
        refused=share(sum(slot.refused for slot in own), sum(slot.tries for slot in own)),
        minutes_to_full=median([s.seconds_to_top / MINUTE for s in own if s.seconds_to_top]),
        tries_to_full=median([s.tries_to_top for s in own if s.tries_to_top]),
        drop=drop,
        same_points=share(
            sum(slot.metric.points(sealed) == slot.points for slot, _, sealed in pairs),
            len(pairs),
        ),
        hard=apart is not None and apart[0] < -_ERRORS * apart[1],
        easy=apart is not None and apart[0] > _ERRORS * apart[1],
        weak=_below(discrimination, LOW_DISCRIMINATION),
        probed=drop.value is not None and drop.value > _ERRORS * (drop.error or 0.0) > 0,
    )


def _full(slots: Sequence[SlotRun]) -> Estimate:
    return share(sum(slot.points == TOP_POINTS for slot in slots), len(slots))


def _drop(slot: SlotRun, value: float, sealed: float) -> float:
    """Return by how many standard errors of one measure the sealed set is worse.

    Since both sets are samples, ±1.4 is what chance alone brings.
    """
    worse = value - sealed if slot.metric.name in HIGHER_IS_BETTER else sealed - value
    error = standard_error(slot.metric.name, value, slot.samples)
    return worse / error if error > 0 else 0.0


def _below(estimate: Estimate, line: float) -> bool:
    if estimate.value is None or estimate.error is None:
        return False
    return estimate.value + _ERRORS * estimate.error < line
