"""Metrics against scikit-learn, and cuts against their definition."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as oracle

from assay.grading import scoring
from assay.items.spec import MetricName, MetricYaml

ACCURACY = MetricYaml(name=MetricName.ACCURACY, cuts=[0.5, 0.6, 0.7, 0.8, 0.9])
MAE = MetricYaml(name=MetricName.MAE, cuts=[5.0, 4.0, 3.0, 2.0, 1.0])

SEEDS = range(20)


@pytest.fixture(params=SEEDS)
def rng(request):
    return np.random.default_rng(request.param)


class TestClasses:
    def test_the_largest_number_is_the_class(self):
        predictions = np.array([[0.1, 0.9], [0.8, 0.2], [0.3, 0.7]], dtype=np.float32)

        assert scoring.accuracy(np.array([1, 0, 0]), predictions) == pytest.approx(2 / 3)

    def test_the_first_of_equal_numbers_wins(self):
        predictions = np.full((1, 3), 1 / 3, dtype=np.float32)

        assert scoring.accuracy(np.array([0]), predictions) == 1.0
        assert scoring.accuracy(np.array([1]), predictions) == 0.0

    @pytest.mark.parametrize(("probability", "label"), [(0.5, 0), (0.50001, 1), (0.49999, 0)])
    def test_a_single_probability_is_class_1_above_one_half(self, probability, label):
        predictions = np.array([[probability]], dtype=np.float32)

        assert scoring.accuracy(np.array([label]), predictions) == 1.0

    def test_labels_may_be_a_column(self):
        predictions = np.array([[0.9], [0.1]], dtype=np.float32)

        assert scoring.accuracy(np.array([[1], [0]]), predictions) == 1.0

    def test_accuracy_agrees_with_scikit_learn(self, rng):
        labels = rng.integers(0, 7, 500)
        predictions = rng.random((500, 7), dtype=np.float32)

        expected = oracle.accuracy_score(labels, predictions.argmax(axis=1))

        assert scoring.accuracy(labels, predictions) == expected

    def test_macro_f1_agrees_with_scikit_learn(self, rng):
        # Some classes do not occur at all, others only among the predictions.
        labels = rng.integers(0, 5, 200)
        predictions = rng.random((200, 9), dtype=np.float32)

        expected = oracle.f1_score(labels, predictions.argmax(axis=1), average="macro")

        assert scoring.macro_f1(labels, predictions) == pytest.approx(expected, rel=1e-12)

    def test_macro_f1_counts_a_rare_class_as_much_as_a_common_one(self):
        labels = np.array([0] * 98 + [1] * 2)
        always_zero = np.tile(np.array([[0.9, 0.1]], dtype=np.float32), (100, 1))

        assert scoring.accuracy(labels, always_zero) == 0.98
        assert scoring.macro_f1(labels, always_zero) == pytest.approx(98 * 2 / (100 + 98) / 2)


class TestValues:
    def test_mean_absolute_error_agrees_with_scikit_learn(self, rng):
        labels = rng.normal(size=(300, 4))
        predictions = rng.normal(size=(300, 4)).astype(np.float32)

        expected = oracle.mean_absolute_error(labels, predictions)

        assert scoring.mean_absolute_error(labels, predictions) == pytest.approx(expected)

    def test_root_mean_squared_error_agrees_with_scikit_learn(self, rng):
        labels = rng.normal(size=(300, 1))
        predictions = rng.normal(size=(300, 1)).astype(np.float32)

        expected = oracle.root_mean_squared_error(labels, predictions)

        assert scoring.root_mean_squared_error(labels, predictions) == pytest.approx(expected)

    def test_r2_agrees_with_scikit_learn(self, rng):
        labels = rng.normal(size=(300, 3)) * [1, 10, 100]
        predictions = (labels + rng.normal(size=(300, 3))).astype(np.float32)

        expected = oracle.r2_score(labels, predictions, multioutput="variance_weighted")

        assert scoring.r2(labels, predictions) == pytest.approx(expected)

    def test_the_naive_forecast_itself_has_the_ratio_one(self, rng):
        labels = rng.normal(size=(100, 24, 7))
        baseline = rng.normal(size=(100, 24, 7)).astype(np.float32)

        assert scoring.mae_ratio(labels, baseline, baseline) == 1.0

    def test_a_forecast_half_as_wrong_has_the_ratio_one_half(self):
        labels, baseline = np.zeros((4, 1)), np.full((4, 1), 2.0)

        assert scoring.mae_ratio(labels, baseline / 2, baseline) == 0.5

    def test_labels_without_the_unit_axis_meet_predictions_with_it(self):
        labels, predictions = np.array([1.0, 2.0, 3.0]), np.array([[1.0], [2.0], [5.0]])

        assert scoring.mean_absolute_error(labels, predictions) == pytest.approx(2 / 3)

    def test_the_order_of_the_samples_does_not_change_the_last_digit(self, rng):
        labels = rng.normal(size=(5000, 1)) * 1e6
        predictions = rng.normal(size=(5000, 1)).astype(np.float32)
        shuffled = rng.permutation(5000)

        one = scoring.mean_absolute_error(labels, predictions)
        other = scoring.mean_absolute_error(labels[shuffled], predictions[shuffled])

        assert one == other

    def test_float32_predictions_are_summed_in_float64(self):
        labels = np.zeros((1_000_000, 1), dtype=np.float32)
        predictions = np.full((1_000_000, 1), 0.1, dtype=np.float32)

        expected = float(np.float32(0.1))

        assert scoring.mean_absolute_error(labels, predictions) == pytest.approx(
            expected, rel=1e-15
        )


class TestMeasure:
    @pytest.mark.parametrize("name", list(MetricName))
    def test_every_metric_of_the_item_format_is_known(self, name):
        classes = name in {MetricName.ACCURACY, MetricName.MACRO_F1}
        labels = np.array([0, 1, 1, 0]) if classes else np.array([[0.0], [1.0], [1.0], [0.0]])
        perfect = np.array([[0.0], [1.0], [1.0], [0.0]], dtype=np.float32)
        baseline = np.full((4, 1), 0.5)

        value = scoring.measure(name, labels, perfect, baseline)

        assert value == (1.0 if classes or name is MetricName.R2 else 0.0)

    def test_a_ratio_without_a_baseline_is_the_items_fault(self):
        with pytest.raises(ValueError, match="baseline"):
            scoring.measure(MetricName.MAE_RATIO, np.zeros((2, 1)), np.zeros((2, 1)))

    def test_a_perfect_baseline_is_the_items_fault(self):
        with pytest.raises(ValueError, match="no error"):
            scoring.mae_ratio(np.zeros((2, 1)), np.ones((2, 1)), np.zeros((2, 1)))

    def test_labels_that_are_all_equal_have_no_r2(self):
        with pytest.raises(ValueError, match="equal"):
            scoring.r2(np.ones((5, 1)), np.zeros((5, 1)))

    @pytest.mark.parametrize("name", list(MetricName))
    def test_too_few_predictions_are_never_scored(self, name):
        with pytest.raises(ValueError, match="labels and"):
            scoring.measure(name, np.arange(4), np.ones((3, 1)), np.zeros(4))

    @pytest.mark.parametrize("name", list(MetricName))
    def test_no_samples_are_never_scored(self, name):
        with pytest.raises(ValueError, match="labels and"):
            scoring.measure(name, np.empty(0), np.empty((0, 1)), np.empty(0))


class TestPoints:
    @pytest.mark.parametrize(
        ("value", "points"),
        [(0.0, 0), (0.4999, 0), (0.5, 1), (0.65, 2), (0.7, 3), (0.8, 4), (0.9, 5), (1.0, 5)],
    )
    def test_a_share_earns_a_point_for_each_cut_that_it_reaches(self, value, points):
        assert scoring.points(ACCURACY, value) == points

    @pytest.mark.parametrize(
        ("value", "points"),
        [(9.0, 0), (5.0001, 0), (5.0, 1), (3.5, 2), (3.0, 3), (2.0, 4), (1.0, 5), (0.0, 5)],
    )
    def test_an_error_earns_a_point_for_each_cut_that_it_stays_within(self, value, points):
        assert scoring.points(MAE, value) == points

    def test_not_a_number_earns_nothing(self):
        assert scoring.points(ACCURACY, math.nan) == 0
        assert scoring.points(MAE, math.nan) == 0

    @given(st.floats(0, 1), st.floats(0, 1))
    def test_a_better_value_never_earns_less(self, one, other):
        worse, better = sorted([one, other])

        assert scoring.points(ACCURACY, worse) <= scoring.points(ACCURACY, better)
        assert scoring.points(MAE, worse * 6) >= scoring.points(MAE, better * 6)
