"""The formulas, each with its source. Pure: NumPy in, numbers out.

An estimate of too few values is not given at all: a standard error of a handful of
values is itself no more than a guess.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Z = 1.959963984540054  # two-sided 95 %
FEWEST = 10  # values, for a share, a mean or a median
FEWEST_PAIRS = 20  # for a correlation

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A number with what is known of its precision."""

    n: int  # values that it was made from
    value: float | None = None  # None: there are too few
    error: float | None = None  # one standard error
    low: float | None = None  # of the 95 % interval
    high: float | None = None

    @property
    def percent(self) -> Estimate:
        """The same in per cent."""

        def hundredfold(number: float | None) -> float | None:
            return None if number is None else 100 * number

        return Estimate(
            n=self.n,
            value=hundredfold(self.value),
            error=hundredfold(self.error),
            low=hundredfold(self.low),
            high=hundredfold(self.high),
        )


def share(hits: int, n: int) -> Estimate:
    """Return a share, its standard error and Wilson's interval.

    `p = hits/n`, `SE = √(p(1−p)/n)`; the interval is
    `(p + z²/2n ± z√(p(1−p)/n + z²/4n²)) / (1 + z²/n)`, which stays within 0 and 1 and
    holds its 95 % for small n and for p near 0 or 1, where `p ± 2 SE` does not.

    Args:
        hits: Of the values.
        n: Values.

    Reference:
        Wilson, Probable inference, JASA 22, 1927; Brown, Cai and DasGupta, Interval
        estimation for a binomial proportion, Statistical Science 16, 2001.
    """
    if n < FEWEST:
        return Estimate(n=n)
    p = hits / n
    root = Z * math.sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))
    middle, scale = p + Z**2 / (2 * n), 1 + Z**2 / n
    return Estimate(
        n=n,
        value=p,
        error=math.sqrt(p * (1 - p) / n),
        low=max(0.0, (middle - root) / scale),
        high=min(1.0, (middle + root) / scale),
    )


def mean(values: Sequence[float]) -> Estimate:
    """Return a mean, `SE = s/√n` with `s² = Σ(x−x̄)²/(n−1)`, and `x̄ ± z SE`."""
    n = len(values)
    if n < FEWEST:
        return Estimate(n=n)
    array = np.asarray(values, dtype=np.float64)
    middle, error = float(array.mean()), float(array.std(ddof=1)) / math.sqrt(n)
    return Estimate(n=n, value=middle, error=error, low=middle - Z * error, high=middle + Z * error)


def median(values: Sequence[float]) -> Estimate:
    """Return a median, its interval between two order statistics, and its standard error.

    The interval is `[x₍c₎, x₍n−c+1₎]` with `c = max(1, ⌊(n+1)/2 − z√n/2⌋)`, whatever the
    distribution; `SE = (high − low)/2z`.

    Reference:
        McKean and Schrader, A comparison of methods for Studentizing the sample median,
        Communications in Statistics B 13, 1984.
    """
    n = len(values)
    if n < FEWEST:
        return Estimate(n=n)
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    c = max(1, math.floor((n + 1) / 2 - Z * math.sqrt(n) / 2))
    low, high = float(ordered[c - 1]), float(ordered[n - c])
    return Estimate(
        n=n, value=float(np.median(ordered)), error=(high - low) / (2 * Z), low=low, high=high
    )


def correlation(x: Sequence[float], y: Sequence[float]) -> Estimate:
    """Return Pearson's r; with x of zeros and ones it is the point-biserial correlation.

    `SE = (1−r²)/√(n−1)`; the interval is `tanh(artanh r ± z/√(n−3))`.

    Args:
        x: Such as 1 for who reached full points in a task, 0 for who did not.
        y: Such as what each of them reached in the rest of the exam.

    Returns:
        The correlation; without a value if there are few pairs, or all x or all y are equal.

    Reference:
        Lord and Novick, Statistical theories of mental test scores, 1968, 15.3
        (point-biserial); Fisher, On the probable error of a coefficient of correlation,
        Metron 1, 1921.
    """
    n = len(x)
    a, b = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if n < FEWEST_PAIRS or np.ptp(a) == 0 or np.ptp(b) == 0:
        return Estimate(n=n)
    r = float(np.clip(np.corrcoef(a, b)[0, 1], -1, 1))
    spread = Z / math.sqrt(n - 3)
    bounded = math.atanh(min(max(r, -1 + 1e-12), 1 - 1e-12))
    return Estimate(
        n=n,
        value=r,
        error=(1 - r**2) / math.sqrt(n - 1),
        low=math.tanh(bounded - spread),
        high=math.tanh(bounded + spread),
    )


def alpha(scores: Floats) -> Estimate:
    """Return Cronbach's α of what the categories add to the total, with its standard error.

    `α = k/(k−1) · (1 − tr V / j'Vj)`, V the covariance of the k parts, j a vector of ones;
    `SE = √(Q/n)`, `Q = 2k²/((k−1)²(j'Vj)³) · [j'Vj·(tr V² + tr²V) − 2·tr V·(j'V²j)]`.

    Args:
        scores: `(n, k)`: what each category added to each total.

    Reference:
        Cronbach, Coefficient alpha, Psychometrika 16, 1951; Duhachek and Iacobucci,
        Alpha's standard error, Journal of Applied Psychology 89, 2004.
    """
    n, k = scores.shape
    if n < FEWEST_PAIRS or k < 2:  # noqa: PLR2004 - one part has no consistency
        return Estimate(n=n)
    v = np.cov(scores, rowvar=False)
    total, trace = float(v.sum()), float(np.trace(v))
    if total <= 0:
        return Estimate(n=n)
    value = k / (k - 1) * (1 - trace / total)
    square = v @ v
    inner = total * (float(np.trace(square)) + trace**2) - 2 * trace * float(square.sum())
    error = math.sqrt(max(2 * k**2 / ((k - 1) ** 2 * total**3) * inner, 0.0) / n)
    return Estimate(
        n=n, value=value, error=error, low=value - Z * error, high=min(1.0, value + Z * error)
    )


def points_distribution(
    value: float, error: float, cuts: Sequence[float], *, higher_is_better: bool
) -> Floats:
    """Return how likely 0 to 5 points are with another hidden set of the same size.

    The measure is taken for normal round the value that was measured:
    `P(points ≥ i) = Φ((value − cut_i)/SE)`, with the sign turned where lower is better.

    Args:
        value: What was measured.
        error: Its standard error.
        cuts: For 1 to 5 points.
        higher_is_better: Whether a higher measure is the better one.

    Returns:
        Six probabilities.
    """
    sign = 1 if higher_is_better else -1
    distances = [sign * (value - cut) for cut in cuts]
    at_least = [1.0, *(_reached(distance, error) for distance in distances), 0.0]
    chances: Floats = -np.diff(np.asarray(at_least, dtype=np.float64))
    return chances


def _reached(distance: float, error: float) -> float:
    if error <= 0 or not math.isfinite(error):
        return float(distance >= 0)
    return 0.5 * math.erfc(-distance / error / math.sqrt(2))


def pass_probability(slots: Sequence[tuple[int, Floats]], pass_mark: float) -> float:
    """Return how likely the weighted total reaches the pass mark.

    The distribution of `Σ weight · points` is the convolution of those of the categories,
    whose hidden sets are independent.

    Args:
        slots: Of each category its weight in per cent, and how likely 0 to 5 points are.
        pass_mark: Per cent.
    """
    total = np.ones(1)
    for weight, chances in slots:
        part = np.zeros(weight * (len(chances) - 1) + 1)
        part[:: max(weight, 1)][: len(chances)] = chances if weight else [1.0]
        total = np.convolve(total, part)
    needed = math.ceil(pass_mark * 5 - 1e-9)
    return float(min(total[needed:].sum(), 1.0))


def consistency(probability: float) -> float:
    """Return how likely two hidden sets lead to the same decision: `p² + (1−p)²`.

    Args:
        probability: Of a pass, with one hidden set.

    Reference:
        Subkoviak, Estimating reliability from a single administration of a mastery test,
        Journal of Educational Measurement 13, 1976. He pulls each score towards the
        mean of the group first; this does not, since the error of a measure is known
        from the size of its hidden set.
    """
    return probability**2 + (1 - probability) ** 2


def difference(one: Estimate, other: Estimate) -> tuple[float, float] | None:
    """Return the difference of two independent estimates, and its standard error.

    `SE = √(SE₁² + SE₂²)`.

    Returns:
        None if one of them has no value.
    """
    if one.value is None or other.value is None or one.error is None or other.error is None:
        return None
    return one.value - other.value, math.hypot(one.error, other.error)
