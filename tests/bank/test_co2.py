from __future__ import annotations

import io
import itertools

import numpy as np
import pandas as pd
import pytest

from assay.grading.scoring import measure, points

KEY = "series/co2"


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


def training_pairs(source, variant):
    table = pd.read_csv(io.BytesIO(variant.files["stations.csv"]), index_col="week")
    table = table.interpolate(limit_direction="both")
    series = [table[name].to_numpy() for name in table]
    length = source.WINDOW + source.HORIZON
    cut = np.concatenate([np.lib.stride_tricks.sliding_window_view(s, length) for s in series])
    return cut[:, : source.WINDOW], cut[:, source.WINDOW :]


def test_the_eras_lie_after_the_training_and_apart(source):
    assert source.ERAS[0] == source.TRAIN
    assert all(end == begin for (_, end), (begin, _) in itertools.pairwise(source.ERAS))


def test_no_era_of_a_station_is_both_hidden_and_sealed(source):
    for station in range(source.STATIONS):
        hidden, sealed = source.eras_of(station, 0), source.eras_of(station, 1)

        assert sorted(hidden + sealed) == sorted(source.LATER)
        assert not set(hidden) & set(sealed)


def test_the_naive_forecast_is_exact_where_every_year_adds_the_same(source):
    week = np.arange(source.WINDOW + source.HORIZON)
    series = 330 + 0.03 * week + 3 * np.sin(2 * np.pi * week / source.YEAR)

    forecast = source.naive(series[None, : source.WINDOW])

    np.testing.assert_allclose(forecast[0], series[source.WINDOW :], atol=1e-9)


def test_gaps_are_filled_on_a_straight_line_and_held_at_the_ends(source):
    gaps = np.array([np.nan, 1, np.nan, np.nan, 4, np.nan])

    np.testing.assert_allclose(source.filled(gaps), [1, 1, 2, 3, 4, 4])


@pytest.mark.parametrize("seed", [0, 1])
def test_the_rule_itself_earns_three_points(item, seed):
    hidden = item.draw(seed).hidden

    assert earned(item, hidden, hidden.baseline) == 3


@pytest.mark.parametrize("seed", [0, 1])
def test_repeating_the_last_week_earns_a_point_at_the_most(item, seed):
    hidden = item.draw(seed).hidden

    assert earned(item, hidden, np.repeat(hidden.inputs["window"][:, -1], 13, axis=1)) <= 1


@pytest.mark.parametrize("seed", range(6))
def test_a_linear_forecast_of_the_moves_earns_all_points(item, source, seed):
    variant = item.draw(seed)
    windows, following = training_pairs(source, variant)
    moves, answers = windows - windows[:, -1:], following - windows[:, -1:]
    ridge = moves.T @ moves + 100 * np.eye(source.WINDOW)
    weights = np.linalg.solve(ridge, moves.T @ answers)
    asked = variant.hidden.inputs["window"][:, :, 0].astype(float)

    forecast = (asked - asked[:, -1:]) @ weights + asked[:, -1:]

    assert earned(item, variant.hidden, forecast) == 5
