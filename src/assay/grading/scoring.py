"""From predictions to points: the metrics, and the cuts that earn points.

Arithmetic is float64, and every sum is correctly rounded (`math.fsum`), so that
a metric depends on the predictions alone: not on the order of the samples, the
number of threads or the machine.

`n` is the number of samples, `*shape` the output's shape.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from assay.items.spec import MetricName, MetricYaml
from assay.items.variant import Array

Floats = npt.NDArray[np.float64]

_THRESHOLD = 0.5  # of a probability: above it is the positive class


def measure(
    metric: MetricName, labels: Array, predictions: Array, baseline: Array | None = None
) -> float:
    """Return how well `predictions` meet `labels`.

    Args:
        metric: Which measure.
        labels: `(n,)` class indices for accuracy and macro F1, else
            `(n, *shape)` values.
        predictions: `(n, classes)` or `(n, 1)` probabilities for accuracy and
            macro F1, else `(n, *shape)` values.
        baseline: `(n, *shape)`, the naive forecast, for the MAE ratio.

    Returns:
        The metric: a share, or a number in the unit of the output.

    Raises:
        ValueError: The item is at fault: shapes differ, or the metric is not
            defined for these labels.
    """
    match metric:
        case MetricName.ACCURACY:
            return accuracy(labels, predictions)
        case MetricName.MACRO_F1:
            return macro_f1(labels, predictions)
        case MetricName.MAE:
            return mean_absolute_error(labels, predictions)
        case MetricName.RMSE:
            return root_mean_squared_error(labels, predictions)
        case MetricName.MAE_RATIO:
            if baseline is None:
                raise ValueError("the MAE ratio needs a baseline")
            return mae_ratio(labels, predictions, baseline)
        case MetricName.R2:
            return r2(labels, predictions)


def points(metric: MetricYaml, value: float) -> int:
    """Return how many of the metric's five cuts `value` reaches; a cut itself counts.

    Args:
        metric: The measure and its cuts.
        value: What was measured; not a number reaches nothing.
    """
    return metric.points(value)


def accuracy(labels: Array, predictions: Array) -> float:
    """Return the share of samples whose class is the predicted one.

    Args:
        labels: `(n,)` class indices.
        predictions: `(n, classes)`: the largest number wins, the first of equal
            ones; or `(n, 1)`: class 1 above one half.
    """
    expected, chosen = _classes(labels, predictions)
    return float(np.count_nonzero(expected == chosen)) / expected.size


def macro_f1(labels: Array, predictions: Array) -> float:
    """Return the mean over the classes of `F1 = 2·tp / (2·tp + fp + fn)`.

    The classes are those that occur among the labels or the predictions.

    Args:
        labels: As for `accuracy`.
        predictions: As for `accuracy`.
    """
    expected, chosen = _classes(labels, predictions)
    scores = []
    for label in np.union1d(expected, chosen):
        hits = np.count_nonzero((expected == label) & (chosen == label))
        size = np.count_nonzero(expected == label) + np.count_nonzero(chosen == label)
        scores.append(2.0 * float(hits) / float(size))
    return math.fsum(scores) / len(scores)


def mean_absolute_error(labels: Array, predictions: Array) -> float:
    """Return the mean of `|label - prediction|` over all numbers, in their unit."""
    expected, received = _values(labels, predictions)
    return _mean(np.abs(expected - received))


def root_mean_squared_error(labels: Array, predictions: Array) -> float:
    """Return the root of the mean of `(label - prediction)²`, in their unit."""
    expected, received = _values(labels, predictions)
    return math.sqrt(_mean(np.square(expected - received)))


def mae_ratio(labels: Array, predictions: Array, baseline: Array) -> float:
    """Return the mean absolute error as a share of the naive forecast's.

    Raises:
        ValueError: The naive forecast is perfect, so that there is no ratio.
    """
    naive = mean_absolute_error(labels, baseline)
    if naive == 0:
        raise ValueError("the baseline makes no error")
    return mean_absolute_error(labels, predictions) / naive


def r2(labels: Array, predictions: Array) -> float:
    """Return the coefficient of determination, `1 - Σ(y - p)² / Σ(y - ȳ)²`.

    With several outputs both sums go over all of them, and ȳ is each output's
    own mean.

    Raises:
        ValueError: The labels are all equal.
    """
    expected, received = _values(labels, predictions)
    table = expected.reshape(len(expected), -1)
    means = np.array([_mean(column) for column in table.T])
    spread = _sum(np.square(table - means))
    if spread == 0:
        raise ValueError("the labels are all equal")
    return 1.0 - _sum(np.square(expected - received)) / spread


def _classes(labels: Array, predictions: Array) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    expected = labels.reshape(-1)
    if len(expected) == 0 or len(predictions) != len(expected):
        raise ValueError(f"{labels.shape} labels and {predictions.shape} predictions")
    table = predictions.reshape(len(predictions), -1)
    if table.shape[1] == 1:
        return expected.astype(np.int64), (
            table.reshape(-1).astype(np.float64) > _THRESHOLD
        ).astype(np.int64)
    return expected.astype(np.int64), np.argmax(table, axis=1)


def _values(labels: Array, predictions: Array) -> tuple[Floats, Floats]:
    expected, received = labels.astype(np.float64), predictions.astype(np.float64)
    if expected.size == 0 or len(expected) != len(received) or expected.size != received.size:
        raise ValueError(f"{labels.shape} labels and {predictions.shape} predictions")
    return expected, received.reshape(expected.shape)


def _sum(numbers: Floats) -> float:
    return math.fsum(numbers.ravel().tolist())


def _mean(numbers: Floats) -> float:
    return _sum(numbers) / numbers.size
