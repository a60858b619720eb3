from __future__ import annotations

import io
import itertools

import numpy as np
import pandas as pd
import pytest

from assay.grading.scoring import measure, points

KEY = "series/metro_gates"


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


def days_of(split):
    return split.inputs["window"].reshape(-1, 14, 24)


def test_the_eras_lie_after_the_training_and_apart(source):
    eras = (source.TRAIN, *source.LATER)

    assert all(end == begin for (_, end), (begin, _) in itertools.pairwise(eras))


def test_a_profile_closes_at_night_and_has_a_mean_of_one(source):
    week = source.profile(np.random.default_rng(1), 0.5)

    assert week.mean() == pytest.approx(1)
    assert not week.reshape(7, 24)[:, 1:5].any()


def test_the_shifts_of_a_block_leave_the_level_where_it_was(source):
    factor = source.shifts(np.random.default_rng(1))

    for end in range(source.BLOCK, len(factor), source.BLOCK):
        assert factor[end - 1] == pytest.approx(1)
    assert len(np.unique(np.round(factor[: source.BLOCK], 6))) > len(source.SHIFTS) - 1


def test_moods_are_as_strong_and_as_lasting_as_it_says(source):
    moods = source.moods(np.random.default_rng(1), 50_000)

    assert moods.std() == pytest.approx(source.MOOD, rel=0.05)
    assert np.corrcoef(moods[1:], moods[:-1])[0, 1] == pytest.approx(source.PERSISTENCE, abs=0.02)


def test_the_table_has_the_hours_of_the_training_only(item, source):
    table = pd.read_csv(io.BytesIO(item.draw(0).files["gates.csv"]), index_col="hour")

    assert table.shape == (source.TRAIN[1], source.GATES)


def test_the_naive_forecast_is_the_same_hours_of_last_week(source):
    week = np.tile(np.arange(168), 3)

    forecast = source.naive(week[None, : source.WINDOW])

    np.testing.assert_array_equal(forecast[0], week[source.WINDOW :][: source.HORIZON])


@pytest.mark.parametrize("seed", [0, 1])
def test_last_week_earns_two_points_with_or_without_the_week_before(item, seed):
    hidden = item.draw(seed).hidden
    both = (days_of(hidden)[:, 0] + days_of(hidden)[:, 7]) / 2

    assert earned(item, hidden, hidden.baseline) == 2
    assert earned(item, hidden, both) == 2


@pytest.mark.parametrize("seed", [0, 1])
def test_yesterday_earns_a_point(item, seed):
    hidden = item.draw(seed).hidden

    assert earned(item, hidden, days_of(hidden)[:, 13]) == 1


@pytest.mark.parametrize("seed", range(4))
def test_last_week_at_the_level_of_the_last_day_earns_four_points_on_both_sets(item, seed):
    variant = item.draw(seed)

    for split in (variant.hidden, variant.sealed):
        days = days_of(split)
        change = days[:, 13].sum(axis=1) / days[:, 6].sum(axis=1)

        assert earned(item, split, split.baseline * change[:, None]) == 4
