"""How certain a mark is: the standard error of a task's measure, at the cut for full points.

At the cut and not at the value that was measured: the value is nobody's but staff's,
since its digits would let a candidate climb the hidden set.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from assay.items.certainty import standard_error
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


@functools.lru_cache(maxsize=_KEPT)
def _samples(hidden_labels: str) -> int:
    from assay.items.store import load_labels  # noqa: PLC0415 - brings NumPy, for this only

    labels, _ = load_labels(store().read(hidden_labels))
    return len(labels)
