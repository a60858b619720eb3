from __future__ import annotations

import io
import itertools

import numpy as np
import pandas as pd
import pytest

from assay.grading.scoring import measure, points

KEY = "series/bike_hire"


@pytest.fixture
def source(source_of):
    return source_of(KEY)


@pytest.fixture
def record(source, data_mirror):
    return source.washington(data_mirror / "bike_sharing" / "hour.csv")


@pytest.fixture
def item(open_bank, data_mirror):
    return open_bank.items[KEY]


def earned(item, split, predictions):
    value = measure(
        item.spec.metric.name, split.labels, predictions.astype("float32"), split.baseline
    )
    return points(item.spec.metric, value)


def test_hours_that_the_file_lacks_have_no_hires(record):
    assert len(record["members"]) == 731 * 24
    assert ((record["members"] + record["guests"]) == 0).sum() == 731 * 24 - 17_379
    assert (record["members"] + record["guests"]).sum() == 3_292_679


def test_the_calendar_is_that_of_the_file(source, record):
    day = pd.date_range("2011-01-01", periods=731 * 24, freq="h")

    assert np.array_equal(record["weekday"], day.day_of_week)
    assert np.array_equal(record["hour"], day.hour)
    assert record["holiday"][day == "2012-12-25"] == 1


def test_the_weather_has_no_gaps_and_no_broken_hygrometer(record):
    assert 2 < record["humidity"].min() < record["humidity"].max() <= 100
    assert -8 <= record["temperature"].min() < 0
    assert 35 < record["temperature"].max() <= 39
    assert {*record["sky"].tolist()} == {1, 2, 3, 4}


def test_the_districts_hires_add_up_to_the_real_ones(source, record):
    hires = source.districts(np.random.default_rng(1), record)

    assert np.array_equal(hires.sum(axis=0), record["members"] + record["guests"])


def test_some_districts_are_to_live_in_and_some_to_work_in(source, record):
    hires = source.districts(np.random.default_rng(1), record)
    hour = record["hour"]

    ratio = hires[:, hour == 8].sum(axis=1) / hires[:, hour == 17].sum(axis=1)

    assert ratio.max() > 3 * ratio.min()


def test_hidden_and_sealed_months_lie_after_the_training_and_apart(source):
    months = [source.TRAIN, *source.LATER]

    assert all(end <= begin for (_, end), (begin, _) in itertools.pairwise(months))
    assert months[-1][1] == 731
    for district in range(source.DISTRICTS):
        hidden, sealed = ({*source.LATER[(district + turn) % 2 :: 2]} for turn in (0, 1))
        assert hidden | sealed == {*source.LATER}
        assert not hidden & sealed


def test_the_storm_is_in_no_set(source):
    first = np.datetime64("2011-01-01")
    days = [first + d for begin, end in source.LATER for d in range(begin, end)]

    assert not {np.datetime64("2012-10-29"), np.datetime64("2012-10-30")} & {*days}


def test_windows_are_cut_where_they_begin(source):
    hires, around = np.arange(400).reshape(2, 200), np.arange(200.0)[:, None]

    split = source.windows(hires, around, [(1, 3)])

    assert split.inputs["past"][0, [0, -1]].tolist() == [[203, 3], [370, 170]]
    assert split.inputs["ahead"][0, [0, -1], 0].tolist() == [171, 194]
    assert split.labels[0, [0, -1]].tolist() == [371, 394]
    assert split.baseline[0, [0, -1]].tolist() == [203, 226]


@pytest.mark.parametrize("seed", [0, 1])
def test_the_file_tells_what_the_model_sees(item, source, seed):
    variant = item.draw(seed)
    table = pd.read_csv(io.BytesIO(variant.files["hires.csv"]), index_col="time")
    names = [name for name in table if not name.startswith("district_")]

    seen = variant.train["past"][0]

    assert table.index[0] == "2011-01-01 00:00"
    assert table.index[-1] == "2012-06-30 23:00"
    assert variant.texts["en"]["order"] == ", ".join(f"`{name}`" for name in names)
    np.testing.assert_allclose(seen, table[["district_1", *names]][: source.PAST], rtol=1e-5)


@pytest.mark.parametrize("seed", [0, 1])
def test_the_rule_itself_earns_three_points(item, seed):
    hidden = item.draw(seed).hidden

    assert earned(item, hidden, hidden.baseline) == 3


@pytest.mark.parametrize("seed", [0, 1])
def test_what_does_not_look_ahead_earns_two_points_at_the_most(item, seed):
    hidden = item.draw(seed).hidden
    week = hidden.inputs["past"][:, :, 0]

    assert earned(item, hidden, np.repeat(week.mean(axis=1, keepdims=True), 24, axis=1)) == 0
    assert earned(item, hidden, week[:, -24:]) == 2
