"""How certain a measured value is, and the points that follow from it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from assay.items.spec import HIGHER_IS_BETTER, MetricName, MetricYaml
from assay.items.variant import Array

# (metric, labels, predictions, baseline) → value
Measure = Callable[[MetricName, Array, Array, Array | None], float]

RESAMPLES = 100  # of the bootstrap: the error itself is known to 7 %
_SEED = 0  # of the bootstrap: the same models give the same evidence


def standard_error(
    metric: MetricName,
    labels: Array,
    predictions: Array,
    baseline: Array | None,
    *,
    measure: Measure,
) -> float:
    """Return the standard error of the metric for samples that are independent.

    Args:
        metric: Which measure. For accuracy it is binomial, `√(p·(1 - p) / n)`; for all others
            the standard deviation over resampled sets (bootstrap).
        labels: As in `Split`.
        predictions: As the model gave them, `(n, *output shape)`.
        baseline: As in `Split`.
        measure: The metrics themselves.
    """
    value, n = measure(metric, labels, predictions, baseline), len(labels)
    if metric is MetricName.ACCURACY:
        return math.sqrt(value * (1 - value) / n)
    rng = np.random.default_rng(_SEED)
    values = []
    for _ in range(RESAMPLES):
        chosen = rng.integers(0, n, n)
        part = None if baseline is None else baseline[chosen]
        values.append(measure(metric, labels[chosen], predictions[chosen], part))
    return float(np.std(values, ddof=1))


def same_points(metric: MetricYaml, values: Sequence[float], error: float) -> float:
    """Return the probability that two sets of samples give one model the same points.

    Taken as normal: `Σ P(k points)²` for the mean of `values` and the standard `error`.

    Args:
        metric: With the cuts.
        values: Of the model on as many sets.
        error: The standard error of each.
    """
    mean = sum(values) / len(values)
    sign = 1 if metric.name in HIGHER_IS_BETTER else -1
    if error <= 0 or not math.isfinite(mean):
        return 1.0
    above = [_normal(sign * (mean - cut) / error) for cut in metric.cuts]
    edges = [1.0, *above, 0.0]
    return sum((one - other) ** 2 for one, other in pairwise(edges))


def _normal(z: float) -> float:
    return 0.5 * (1 + math.erf(z / math.sqrt(2)))
