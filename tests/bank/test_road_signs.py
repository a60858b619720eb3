from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from assay.items.store import load_arrays

KEY = "image/road_signs"


@pytest.fixture
def source(source_of):
    return source_of(KEY)


@pytest.fixture(scope="module")
def variants(open_bank):
    """Drawn once: the tests below only look at them."""
    return [open_bank.items[KEY].draw(seed) for seed in (0, 1)]


def train_of(variant):
    train = load_arrays(variant.files["train.npz"])
    return train["images"].astype(np.float32), train["labels"].astype(int)


def accuracy_of_a_linear_model(features, labels, hidden_features, hidden_labels):
    """Return what ridge regression onto the classes gets right."""

    def with_one(x):
        return np.hstack([x, np.ones((len(x), 1))])

    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-6
    x, hidden = (with_one((f - mean) / spread) for f in (features, hidden_features))
    weights = np.linalg.solve(x.T @ x + 30 * np.eye(x.shape[1]), x.T @ np.eye(10)[labels])
    return float(np.mean((hidden @ weights).argmax(axis=1) == hidden_labels))


def test_each_sign_is_photographed_equally_often(variants):
    for variant in variants:
        assert np.bincount(train_of(variant)[1]).tolist() == [600] * 10
        for split in (variant.hidden, variant.sealed):
            assert np.bincount(split.labels).tolist() == [500] * 10


def test_colours_tell_nothing(variants):
    for variant in variants:
        images, labels = train_of(variant)
        hidden = variant.hidden

        def colours(x):
            return np.hstack([x.mean(axis=(1, 2)), x.std(axis=(1, 2))])

        right = accuracy_of_a_linear_model(
            colours(images), labels, colours(hidden.inputs["image"]), hidden.labels
        )
        assert right < 0.1 + 0.03


def test_no_place_of_the_picture_speaks_for_a_sign(variants):
    for variant in variants:
        images, labels = train_of(variant)
        hidden = variant.hidden

        def pixels(x):
            return x.reshape(len(x), 16, 2, 16, 2, 3).mean(axis=(2, 4)).reshape(len(x), -1)

        right = accuracy_of_a_linear_model(
            pixels(images), labels, pixels(hidden.inputs["image"]), hidden.labels
        )
        assert right < 0.3


def test_photographs_are_neither_empty_nor_burnt_out(variants):
    for variant in variants:
        images = variant.hidden.inputs["image"]

        assert images.std(axis=(1, 2, 3)).min() > 5
        assert np.mean((images == 0) | (images == 255)) < 0.15


@pytest.mark.parametrize("seed", range(3))
def test_every_pictogram_has_its_mirror_image_and_none_has_a_twin(source, seed):
    pictograms = source._invent(np.random.default_rng(seed))

    assert len(pictograms) == 10
    for one, other in zip(pictograms[::2], pictograms[1::2], strict=True):
        mirrored = one.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        assert np.array_equal(np.asarray(mirrored), np.asarray(other))
    gaps = source._differences(pictograms) + np.eye(10)
    assert gaps.min() >= source.CLOSEST


@pytest.mark.parametrize("seed", range(3))
def test_no_variant_s_pictograms_are_more_alike_than_another_s(source, seed):
    gaps = source._differences(source._invent(np.random.default_rng(seed)))
    others = ~np.eye(10, dtype=bool)
    likeness = (np.exp(-gaps / source.FADES) * others).sum(axis=1).mean()

    assert likeness == pytest.approx(source.CROWDING, rel=0.05)
    assert gaps[others].mean() == pytest.approx(source.TYPICAL, rel=0.05)


def test_a_pictogram_that_is_moved_a_little_is_the_same(source):
    one = source._invent(np.random.default_rng(0))[0]
    moved = Image.fromarray(np.roll(np.asarray(one), 6, axis=1))

    gaps = source._differences([one, moved])

    assert gaps[0, 0] == 0
    assert gaps[0, 1] < 0.1


@pytest.mark.parametrize("seed", range(3))
def test_all_pictograms_have_as_much_ink(source, seed):
    ink = [np.asarray(p).mean() / 255 for p in source._invent(np.random.default_rng(seed))]

    assert np.ptp(ink) < 0.02


def test_two_counties_paint_dark_on_light_and_two_light_on_dark(source):
    counties = source._draw_counties(np.random.default_rng(0))

    assert len({county.shape for county in counties}) == 4
    assert sum(sum(county.ink) < sum(county.field) for county in counties) == 2


def test_a_camera_that_looks_straight_sees_the_template(source):
    corners = np.array([[(0, 0), (96, 0), (96, 96), (0, 96)]], dtype=float)

    coefficients = source._homographies(corners)

    assert np.allclose(coefficients, [[1, 0, 0, 0, 1, 0, 0, 0]], atol=1e-9)


def test_a_pupil_of_the_variant_knows_nothing_of_another(variants):
    """Names, numbers and pictures are dealt anew."""
    one, other = variants

    assert one.files["classes.json"] != other.files["classes.json"]
    assert one.files["signs.png"] != other.files["signs.png"]
