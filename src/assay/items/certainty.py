"""How far a measure over a hidden set may lie from its true value."""

from __future__ import annotations

import math

from assay.items.spec import MetricName


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
