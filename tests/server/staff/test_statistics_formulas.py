"""The formulas of the statistics against values that are known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from assay.server.staff.statistics.formulas import (
    FEWEST,
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


@pytest.mark.parametrize(("n", "error"), [(20, 0.10), (100, 0.046), (500, 0.020)])
def test_the_error_of_a_share_is_the_published_one(n, error):
    assert share(round(0.7 * n), n).error == pytest.approx(error, abs=0.003)


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [  # Newcombe, Statistics in Medicine 17, 1998, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_of_a_share_is_wilsons(hits, n, low, high):
    found = share(hits, n)

    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(("n", "error"), [(20, 0.21), (100, 0.091), (500, 0.041)])
def test_the_error_of_a_correlation_is_the_published_one(n, error):
    x = np.arange(n, dtype=float)
    noise = np.where(np.arange(n) % 2, 1.0, -1.0) * np.sqrt(np.arange(n) + 1)
    noise -= np.polyval(np.polyfit(x, noise, 1), x)  # uncorrelated with x
    y = 0.3 * (x - x.mean()) / x.std() + math.sqrt(1 - 0.3**2) * noise / noise.std()

    found = correlation(list(x), list(y))

    assert found.value == pytest.approx(0.3)
    assert found.error == pytest.approx(error, abs=0.002)


def test_the_interval_of_a_correlation_is_fishers():
    x, y = [0.0] * 10 + [1.0] * 10, [0.0, 1.0] * 5 + [1.0] * 8 + [0.0] * 2
    found = correlation(x, y)

    z, spread = math.atanh(found.value), 1.959964 / math.sqrt(17)
    assert (found.low, found.high) == pytest.approx((math.tanh(z - spread), math.tanh(z + spread)))


def test_the_point_biserial_correlation_is_a_difference_of_means():
    rng = np.random.default_rng(7)
    hit = rng.integers(0, 2, 60).astype(float)
    rest = 50 + 12 * hit + rng.normal(0, 10, 60)
    p = hit.mean()
    expected = (rest[hit == 1].mean() - rest[hit == 0].mean()) / rest.std() * math.sqrt(p * (1 - p))

    assert correlation(list(hit), list(rest)).value == pytest.approx(expected)


def test_a_mean_has_the_usual_error():
    found = mean([2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0, 5.0, 5.0])

    assert found.value == 5.0
    assert found.error == pytest.approx(math.sqrt(32 / 9 / 10))


def test_the_interval_of_a_median_lies_on_order_statistics():
    found = median([float(x) for x in range(1, 26)])

    # n = 25: c = ⌊13 − 1.96·5/2⌋ = 8
    assert (found.value, found.low, found.high) == (13.0, 8.0, 18.0)
    assert found.error == pytest.approx(10 / 3.919928)


def test_the_interval_of_a_median_holds_what_it_says():
    rng = np.random.default_rng(3)
    held = 0
    for _ in range(400):
        found = median(list(rng.exponential(1.0, 60)))
        held += found.low <= math.log(2) <= found.high

    assert held / 400 == pytest.approx(0.95, abs=0.03)


def test_alpha_of_parallel_parts_is_spearman_brown():
    rng = np.random.default_rng(1)
    ability = rng.normal(0, 1, (200_000, 1))
    scores = ability + rng.normal(0, 1, (200_000, 5))  # correlation .5 between any two

    assert alpha(scores).value == pytest.approx(5 * 0.5 / (1 + 4 * 0.5), abs=0.005)


def test_the_error_of_alpha_is_its_spread_over_samples():
    rng = np.random.default_rng(2)
    found = [alpha(rng.normal(0, 1, (100, 1)) + rng.normal(0, 1, (100, 5))) for _ in range(300)]
    spread = np.std([each.value for each in found])

    assert np.mean([each.error for each in found]) == pytest.approx(spread, rel=0.15)


@pytest.mark.parametrize(
    "found",
    [
        share(9, 9),
        mean([1.0] * 9),
        median([1.0] * 9),
        correlation([0.0, 1.0] * 9, [1.0, 0.0] * 9),
        correlation([1.0] * 30, list(range(30))),
        alpha(np.ones((30, 5))),
        alpha(np.eye(5)),
    ],
)
def test_too_few_values_are_no_estimate(found):
    assert found == Estimate(n=found.n)


def test_per_cent_are_a_hundredfold():
    assert share(5, FEWEST).percent.value == 50.0
    assert share(1, 2).percent.value is None


CUTS = [0.5, 0.6, 0.7, 0.8, 0.9]


def test_points_spread_round_what_was_measured():
    at_the_cut = points_distribution(0.9, 0.01, CUTS, higher_is_better=True)
    sure = points_distribution(0.75, 0.0, CUTS, higher_is_better=True)
    lower = points_distribution(0.1, 0.01, [0.5, 0.4, 0.3, 0.2, 0.1], higher_is_better=False)

    assert list(at_the_cut) == pytest.approx([0, 0, 0, 0, 0.5, 0.5], abs=1e-9)
    assert list(sure) == [0, 0, 0, 1, 0, 0]
    assert list(lower) == pytest.approx([0, 0, 0, 0, 0.5, 0.5], abs=1e-9)


def test_two_standard_errors_are_a_chance_of_two_per_cent():
    beyond = points_distribution(0.88, 0.01, CUTS, higher_is_better=True)[5]

    assert beyond == pytest.approx(0.02275, abs=1e-4)


def test_the_chance_to_pass_is_that_of_the_total():
    five, coin = np.eye(6)[5], np.array([0, 0, 0, 0, 0.5, 0.5])

    assert pass_probability([(40, five), (60, coin)], 90) == pytest.approx(0.5)
    assert pass_probability([(40, coin), (60, coin)], 90) == pytest.approx(0.5)  # 92 % suffice
    assert pass_probability([(20, five)] * 5, 100) == pytest.approx(1.0)
    assert pass_probability([(20, coin)] * 5, 96) == pytest.approx(6 / 32)


def test_the_chance_of_the_same_decision_is_even_at_the_cut():
    assert [consistency(p) for p in (0.0, 0.5, 1.0)] == [1.0, 0.5, 1.0]


@pytest.mark.parametrize(("n", "agreement"), [(200, 0.88), (1000, 0.936), (5000, 0.971)])
def test_larger_hidden_sets_lead_to_the_same_decision_more_often(n, agreement):
    """Two draws of the hidden set, five tasks, a 90 % cut, about half passing."""
    rng = np.random.default_rng(5)
    error = math.sqrt(0.9 * 0.1 / n)
    found = []
    for _ in range(1500):
        values = np.clip(rng.normal(0.9, 0.045) + rng.normal(0, 0.02, 5), 0, 1)
        chances = [points_distribution(v, error, CUTS, higher_is_better=True) for v in values]
        found.append(consistency(pass_probability([(20, each) for each in chances], 90)))

    assert np.mean(found) == pytest.approx(agreement, abs=0.05)


def test_a_difference_has_the_error_of_both():
    one, other = Estimate(n=50, value=0.7, error=0.03), Estimate(n=50, value=0.5, error=0.04)

    assert difference(one, other) == pytest.approx((0.2, 0.05))
    assert difference(one, Estimate(n=3)) is None
