"""What the evidence must show for an item to be fair.

The rules are those of a contrasting-groups standard over programs: what competent people
would hand in earns all points on every variant, what beginners would does not come near it,
and no variant is harder than another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, median

from assay.errors import BankError
from assay.items.calibration import evidence as files
from assay.items.calibration.evidence import Evidence, RunRecord
from assay.items.errors import (
    EvidenceMissing,
    EvidenceStale,
    EvidenceThin,
    EvidenceWeak,
    ExcuseOutlived,
)
from assay.items.ladder import AT_LEAST, SKILLED, Role, ladder, role_of
from assay.items.loader import ITEM_YAML, Item
from assay.items.patience import allowed_seconds
from assay.items.sources import NAIVE_AT_MOST
from assay.items.spec import HIGHER_IS_BETTER, MetricName, MetricYaml
from assay.messages import N_, Words
from assay.wire import TOP_POINTS

SEEDS = 8  # at least
_ENOUGH = N_("Every recipe was measured on enough seeds")
SPREAD = 0.02  # that a variant's mean quality may be away from the item's
AGREEMENT = 0.95  # of models get the same points on hidden and sealed samples


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What the evidence says about one rule."""

    rule: str  # message id
    passed: bool
    expected: str
    received: str


def quality(metric: MetricYaml, value: float) -> float:
    """Return `value` on a scale on which variants can be compared, mostly 0 to 1.

    Accuracy, macro F1 and R² are such a scale. An error is taken as the share of the first
    cut's error that is gone, `1 - error / cut₁`. What does not reach the first cut counts as
    the first cut: how wrong a model is that earns nothing is an accident of its training, and
    makes no variant harder.
    """
    first = metric.cuts[0]
    if metric.name in HIGHER_IS_BETTER:
        return max(value, first)
    return max(1 - value / first, 0.0)


def deviations(item: Item, runs: Sequence[RunRecord]) -> dict[int, float]:
    """Return by seed how far the mean quality over the recipes is from that of all seeds.

    Only seeds count on which every recipe of the ladder was measured.
    """
    names = {recipe.name for recipe in ladder(item)}
    metric = item.spec.metric
    means = {
        seed: fmean(quality(metric, run.hidden.value) for run in runs if run.seed == seed)
        for seed in sorted({run.seed for run in runs})
        if {run.recipe for run in runs if run.seed == seed} == names
    }
    overall = fmean(means.values()) if means else 0.0
    return {seed: mean - overall for seed, mean in means.items()}


def agreement(runs: Sequence[RunRecord]) -> float:
    """Return the share of models that get the same points on hidden and sealed samples."""
    return fmean(run.hidden.points == run.sealed.points for run in runs) if runs else 0.0


def errors_at_cuts(item: Item, runs: Sequence[RunRecord]) -> list[float | None]:
    """Return the standard error of the metric at each cut, for 1 to 5 points.

    For accuracy it follows from the cut; for other metrics it is interpolated between the
    measured models on both sides of the cut. None: nothing was measured yet.
    """
    metric, n = item.spec.metric, item.spec.hidden_size
    if metric.name is MetricName.ACCURACY:
        return [sqrt(cut * (1 - cut) / n) for cut in metric.cuts]
    measured = sorted((run.hidden.value, run.standard_error) for run in runs)
    return [_between(measured, cut) for cut in metric.cuts]


def _between(known: Sequence[tuple[float, float]], x: float) -> float | None:
    """Return y at `x` on the line through the neighbouring of the sorted `(x, y)`."""
    below = [point for point in known if point[0] <= x][-1:]
    above = [point for point in known if point[0] > x][:1]
    if not below or not above:
        return next((y for _, y in below + above), None)
    (x0, y0), (x1, y1) = below[0], above[0]
    return y0 + (y1 - y0) * (x - x0) / (x1 - x0)


def training_seconds(runs: Sequence[RunRecord]) -> dict[str, float]:
    """Return by recipe how long it trains, at the median over its runs, in seconds.

    That is the lesser of wall clock and processor time. On a machine of its own a program
    that computes takes no longer than its threads take of the processor, and less if there
    are several; beside other work the wall clock counts that too.
    """
    times: dict[str, float] = {}
    for name in {run.recipe for run in runs}:
        own = [run for run in runs if run.recipe == name]
        processor = [run.processor_seconds for run in own if run.processor_seconds is not None]
        times[name] = median(run.seconds for run in own)
        if len(processor) == len(own):
            times[name] = min(times[name], median(processor))
    return times


def judge(item: Item, evidence: Evidence) -> list[Finding]:
    """Return what the evidence says about each rule.

    Args:
        item: The item.
        evidence: Its runs that belong to it as it is (`evidence.current`).
    """
    return [finding for rule in _RULES for finding in rule(item, evidence.runs)]


def check_evidence(item: Item) -> list[BankError]:
    """Return what is wrong with the item's evidence: missing, stale, or against a rule.

    It may be missing where `unmeasured` of `item.yaml` says why.
    """
    name = f"{item.key}/{files.FILE}"
    try:
        found = files.read(item)
    except BankError as error:
        return [error]
    excused = item.spec.unmeasured is not None
    if found is None:
        return [] if excused else [EvidenceMissing(file=name, received=item.key)]
    if excused:
        return [ExcuseOutlived(file=f"{item.key}/{ITEM_YAML}", received=name)]
    changed = files.stale(item, found)
    if changed:
        what = changed[0] if len(changed) == 1 else ", ".join(changed)
        return [EvidenceStale(file=name, expected=what, received=item.key)]
    return [
        EvidenceThin(file=name, item=item.key, expected=SEEDS, received=finding.received)
        if finding.rule == _ENOUGH
        else EvidenceWeak(
            file=name, field=finding.rule, expected=finding.expected, received=finding.received
        )
        for finding in judge(item, files.current(item, found))
        if not finding.passed
    ]


def _the_ladder_is_whole(item: Item, runs: Sequence[RunRecord]) -> Iterator[Finding]:
    roles = [recipe.role for recipe in ladder(item)]
    yield Finding(
        rule=N_("The ladder is whole"),
        passed=all(roles.count(role) >= least for role, least in AT_LEAST.items()),
        expected=_rungs({role: f"≥ {least}" for role, least in AT_LEAST.items()}),
        received=_rungs({role: roles.count(role) for role in AT_LEAST}),
    )
    yield Finding(
        rule=_ENOUGH,
        passed=len(deviations(item, runs)) >= SEEDS,
        expected=f"≥ {SEEDS}",
        received=str(len(deviations(item, runs))),
    )


def _skilled_recipes_earn_everything(_item: Item, runs: Sequence[RunRecord]) -> Iterator[Finding]:
    points = [run.hidden.points for run in runs if role_of(run.recipe) in SKILLED]
    yield Finding(
        rule=N_("Competent recipes and the reference earn all points"),
        passed=bool(points) and min(points) == TOP_POINTS,
        expected=str(TOP_POINTS),
        received=_range(points),
    )


def _naive_recipes_do_not(item: Item, runs: Sequence[RunRecord]) -> Iterator[Finding]:
    allowed = {recipe.name: recipe.points for recipe in ladder(item)}
    naive = [run for run in runs if role_of(run.recipe) is Role.NAIVE]
    above = sorted({run.recipe for run in naive if run.hidden.points not in allowed[run.recipe]})
    points = _range([run.hidden.points for run in naive])
    yield Finding(
        rule=N_("Naive recipes stay below"),
        passed=bool(naive) and not above,
        expected=f"≤ {NAIVE_AT_MOST}, AT_MOST",
        received=Words(N_("{points} ({recipes})"), points=points, recipes=", ".join(above))
        if above
        else points,
    )


def _variants_are_alike(item: Item, runs: Sequence[RunRecord]) -> Iterator[Finding]:
    away = deviations(item, runs)
    worst = max(away, key=lambda seed: abs(away[seed]), default=None)
    yield Finding(
        rule=N_("No variant is harder than another"),
        passed=worst is not None and abs(away[worst]) <= SPREAD,
        expected=f"± {SPREAD}",
        received="-"
        if worst is None
        else Words(N_("{value} (seed {seed})"), value=f"{away[worst]:+.3f}", seed=worst),
    )


def _points_are_sure(_item: Item, runs: Sequence[RunRecord]) -> Iterator[Finding]:
    yield Finding(
        rule=N_("Hidden and sealed samples give the same points"),
        passed=agreement(runs) >= AGREEMENT,
        expected=f"≥ {AGREEMENT:.0%}",
        received=f"{agreement(runs):.0%}",
    )


def _models_do_not_travel(item: Item, runs: Sequence[RunRecord]) -> Iterator[Finding]:
    points = [run.transfer.points for run in runs if run.transfer is not None]
    explained = item.spec.transfer != "differs"
    yield Finding(
        rule=N_("A model of another variant does not earn all points, or the item says why"),
        passed=bool(points) and (explained or max(points) < TOP_POINTS),
        expected=Words(N_("explained")) if explained else f"< {TOP_POINTS}",
        received=_range(points),
    )


def _training_is_short(item: Item, runs: Sequence[RunRecord]) -> Iterator[Finding]:
    limit = allowed_seconds(item)
    times = training_seconds(runs)
    slowest = max(times, key=lambda name: times[name], default=None)
    yield Finding(
        rule=N_("Training is short"),
        passed=slowest is not None and times[slowest] <= limit,
        expected=Words(N_("≤ {seconds} s"), seconds=f"{limit:g}"),
        received="-"
        if slowest is None
        else Words(N_("{seconds} s ({recipe})"), seconds=f"{times[slowest]:.0f}", recipe=slowest),
    )


def _rungs(counts: Mapping[Role, object]) -> Words:
    return Words(
        N_("naive {naive}, fair {fair}, competent {competent}, reference {reference}"),
        **{role.value: count for role, count in counts.items()},
    )


def _range(points: Sequence[int]) -> str:
    if not points:
        return "-"
    low, high = min(points), max(points)
    return str(low) if low == high else Words(N_("{low} to {high}"), low=low, high=high)


_Rule = Callable[[Item, Sequence[RunRecord]], Iterator[Finding]]
_RULES: Sequence[_Rule] = (
    _the_ladder_is_whole,
    _skilled_recipes_earn_everything,
    _naive_recipes_do_not,
    _variants_are_alike,
    _points_are_sure,
    _models_do_not_travel,
    _training_is_short,
)
