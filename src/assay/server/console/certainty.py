"""How certain a mark is: the standard error of a task's measure, at the cut for full points.

At the cut and not at the value that was measured: the value is nobody's but staff's,
since its digits would let a candidate climb the hidden set.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

from assay.items.spec import MetricName
from assay.server.exams.models import DrawnTask
from assay.server.storage import store

_KEPT = 1024  # numbers of samples


@dataclass(frozen=True, kw_only=True)
class Certainty:
    """How certain a task's marks are."""

    samples: int  # of the hidden set
    metric: MetricName
    cut: float  # for full points
    error: float  # one standard error of the measure at that cut, in its unit


def certainty_of(task: DrawnTask) -> Certainty:
    """Return how certain the marks of a prepared task are."""
    metric = task.item_yaml.metric
    cut = metric.cuts[-1]
    samples = _samples(task.hidden_labels)
    return Certainty(
        samples=samples,
        metric=metric.name,
        cut=cut,
        error=standard_error(metric.name, cut, samples),
    )


def standard_error(metric: MetricName, value: float, samples: int) -> float:
    """Return one standard error of a measure over independent samples.

    Args:
        metric: Which measure.
        value: Its true value.
        samples: Of the hidden set; 1 or more.

    Returns:
        Exact for accuracy, `√(p(1−p)/n)`. For the others a large-sample value: F1 is
        taken for a share; absolute errors for exponential ones, whose deviation is
        their mean, `m/√n`; errors under a root for normal ones, `s/√(2n)`; and for
        R², `2√R²(1−R²)/√n`.

    Reference:
        Cohen, Cohen, West and Aiken, Applied Multiple Regression, 3rd edition, 3.6.3
        (R²); Ahn and Fessler, Standard errors of mean, variance, and standard
        deviation estimators, 2003 (deviations).
    """
    root = math.sqrt(samples)
    match metric:
        case MetricName.ACCURACY | MetricName.MACRO_F1:
            return math.sqrt(max(value * (1 - value), 0.0)) / root
        case MetricName.MAE | MetricName.MAE_RATIO:
            return abs(value) / root
        case MetricName.RMSE:
            return abs(value) / math.sqrt(2 * samples)
        case MetricName.R2:
            return 2 * math.sqrt(max(value, 0.0)) * (1 - value) / root


@functools.lru_cache(maxsize=_KEPT)
def _samples(hidden_labels: str) -> int:
    from assay.items.store import load_labels  # noqa: PLC0415 - brings NumPy, for this page only

    labels, _ = load_labels(store().read(hidden_labels))
    return len(labels)
