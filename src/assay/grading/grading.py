"""From a model file to a verdict."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

from assay.grading import scoring
from assay.grading.sandbox.runner import Runner
from assay.items.contract import Contract, Limits
from assay.items.spec import MetricYaml
from assay.items.variant import Split


@dataclass(frozen=True, kw_only=True)
class GradeOutcome:
    """What grading found. The value is for staff only: a candidate sees points."""

    points: int  # 0 to 5
    value: float  # of the item's metric, on the hidden labels


def grade(
    runner: Runner,
    file: Path,
    *,
    contract: Contract,
    limits: Limits,
    metric: MetricYaml,
    split: Split,
    cancel: threading.Event | None = None,
) -> GradeOutcome:
    """Return what the model in `file` earns on `split`.

    The labels stay in this process; the sandbox sees the inputs only.

    Args:
        runner: Runs the model.
        file: The model file.
        contract: What goes in and what must come out.
        limits: What the model may cost.
        metric: The measure and its cuts.
        split: The samples.
        cancel: Set from another thread, it stops the model at once.

    Raises:
        Refusal: The file is not graded, for a reason its author can mend.
        Cancelled: `cancel` was set.
        GradingFault: Something else failed; another try may succeed.
        OSError: The file cannot be opened.
    """
    predictions = runner.predict(file, split.inputs, contract, limits, cancel)
    value = scoring.measure(metric.name, split.labels, predictions, split.baseline)
    return GradeOutcome(points=scoring.points(metric, value), value=value)
