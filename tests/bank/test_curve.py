from __future__ import annotations

import io

import numpy as np
import pytest

from assay.grading.scoring import measure, points

SEEDS = range(12)


@pytest.fixture
def item(open_bank):
    return open_bank.items["regression/curve"]


def readings_of(variant):
    text = io.BytesIO(variant.files["readings.csv"])
    table = np.loadtxt(text, delimiter=",", skiprows=1)
    return table[:, 0], table[:, 1]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_straight_line_earns_a_point_at_the_most(item, seed):
    variant = item.draw(seed)
    line = np.polynomial.Polynomial.fit(*readings_of(variant), 1)
    predictions = line(variant.hidden.inputs["x"].astype(float)).astype("float32")

    value = measure(item.spec.metric.name, variant.hidden.labels, predictions, None)

    assert points(item.spec.metric, value) <= 1


@pytest.mark.parametrize("seed", SEEDS)
def test_the_curve_is_asked_for_and_not_the_noise(item, seed):
    variant = item.draw(seed)
    x, y = readings_of(variant)
    order = np.argsort(variant.hidden.inputs["x"][:, 0])
    truth = np.interp(x, variant.hidden.inputs["x"][order, 0], variant.hidden.labels[order, 0])

    assert np.std(y - truth) == pytest.approx(float(variant.texts["en"]["noise"]), rel=0.15)
    assert abs(np.mean(y - truth)) < 0.2 * np.std(y - truth)


def test_nothing_has_to_be_extrapolated_far(item):
    for seed in SEEDS:
        variant = item.draw(seed)
        x, _ = readings_of(variant)
        asked = variant.hidden.inputs["x"]
        outside = np.mean((asked < x.min()) | (asked > x.max()))

        assert outside < 0.02


def test_every_instrument_is_drawn(item):
    drawn = {item.draw(seed).texts["en"]["y_unit"] for seed in range(40)}

    assert len(drawn) == 5
