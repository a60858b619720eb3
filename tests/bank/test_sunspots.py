from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

from assay.grading.scoring import measure, points

KEY = "series/sunspots"


@pytest.fixture
def source(source_of):
    return source_of(KEY)


@pytest.fixture
def item(open_bank):
    return open_bank.items[KEY]


def earned(item, split, predictions):
    value = measure(
        item.spec.metric.name, split.labels, predictions.astype("float32"), split.baseline
    )
    return points(item.spec.metric, value)


def test_the_cycles_are_those_of_the_record(source):
    cycles = source.cycles()

    assert len(cycles) == 26
    assert all(9 <= len(cycle) <= 14 for cycle in cycles)
    assert max(cycle.max() for cycle in cycles) == 190.2  # 1957, the highest year ever seen


def test_every_survey_has_slow_and_fast_suns(source):
    for seed in range(5):
        paces = np.sort(source.evenly(np.random.default_rng(seed), *source.PACE))

        assert np.diff(paces).max() < 2 * (source.PACE[1] - source.PACE[0]) / source.SUNS


def test_no_era_of_a_sun_is_both_hidden_and_sealed(source):
    for sun in range(source.SUNS):
        hidden, sealed = source.eras_of(sun, 0), source.eras_of(sun, 1)

        assert sorted(hidden + sealed) == sorted(source.LATER)
        assert not set(hidden) & set(sealed)
    assert source.LATER[0][0] == source.TRAIN


def test_the_labels_are_the_years_that_follow(source, monkeypatch):
    monkeypatch.setattr(source, "sun", lambda rng, pace, light, years: np.arange(years) * 1.0)
    hidden = source.variant(0).hidden

    np.testing.assert_array_equal(hidden.labels[:, 0], hidden.inputs["window"][:, -1, 0] + 1)
    assert hidden.inputs["window"].min() == source.TRAIN


@pytest.mark.parametrize("seed", [0, 1])
def test_the_rule_itself_earns_two_points(item, seed):
    hidden = item.draw(seed).hidden

    assert earned(item, hidden, hidden.baseline) == 2


@pytest.mark.parametrize("seed", [0, 1])
def test_going_on_as_between_the_last_years_does_not_earn_four(item, seed):
    hidden = item.draw(seed).hidden
    last, before = hidden.inputs["window"][:, -1], hidden.inputs["window"][:, -2]

    assert earned(item, hidden, 2 * last - before) in {2, 3}


@pytest.mark.parametrize("seed", range(3))
def test_a_linear_forecast_earns_three_points(item, source, seed):
    variant = item.draw(seed)
    table = pd.read_csv(io.BytesIO(variant.files["suns.csv"]), index_col="year")
    cut = np.concatenate(
        [
            np.lib.stride_tricks.sliding_window_view(table[name].to_numpy(), source.WINDOW + 1)
            for name in table
        ]
    )
    ones = np.ones((len(cut), 1))
    weights, *_ = np.linalg.lstsq(np.hstack([cut[:, :-1], ones]), cut[:, -1:], rcond=None)
    asked = variant.hidden.inputs["window"][:, :, 0]

    forecast = np.hstack([asked, np.ones((len(asked), 1))]) @ weights

    assert earned(item, variant.hidden, forecast) == 3
