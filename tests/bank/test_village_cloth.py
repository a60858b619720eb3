from __future__ import annotations

import numpy as np
import pytest

from assay.items.store import load_arrays

KEY = "image/village_cloth"


@pytest.fixture
def source(source_of):
    return source_of(KEY)


@pytest.fixture(scope="module")
def variant(open_bank):
    """Drawn once: the tests below only look at it."""
    return open_bank.items[KEY].draw(0)


def train_of(variant):
    train = load_arrays(variant.files["train.npz"])
    return train["images"].astype(np.float32), train["labels"].astype(int)


def accuracy_of_a_linear_model(features, labels, hidden_features, hidden_labels):
    """Return what ridge regression onto the classes gets right."""
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-6
    x, hidden = ((f - mean) / spread for f in (features, hidden_features))
    targets = np.eye(6)[labels] - 1 / 6
    weights = np.linalg.solve(x.T @ x + 30 * np.eye(x.shape[1]), x.T @ targets)
    return float(np.mean((hidden @ weights).argmax(axis=1) == hidden_labels))


def test_each_village_is_asked_equally_often(variant):
    assert np.bincount(train_of(variant)[1]).tolist() == [500] * 6
    for split in (variant.hidden, variant.sealed):
        assert np.bincount(split.labels).tolist() == [500] * 6


def test_colours_tell_nothing(variant):
    def colours(images):
        return np.hstack([images.mean(axis=(1, 2)), images.std(axis=(1, 2))])

    images, labels = train_of(variant)
    hidden = variant.hidden

    right = accuracy_of_a_linear_model(
        colours(images), labels, colours(hidden.inputs["image"]), hidden.labels
    )

    assert right < 1 / 6 + 0.04


def test_no_place_of_the_picture_speaks_for_a_village(open_bank, variant):
    def pixels(images):
        return images.reshape(len(images), 24, 2, 24, 2, 3).mean(axis=(2, 4, 5)).reshape(-1, 576)

    images, labels = train_of(variant)
    hidden = variant.hidden

    right = accuracy_of_a_linear_model(
        pixels(images), labels, pixels(hidden.inputs["image"]), hidden.labels
    )

    assert right < open_bank.items[KEY].spec.metric.cuts[0]


def test_photographs_are_neither_empty_nor_burnt_out(variant):
    images = variant.hidden.inputs["image"]

    assert images.std(axis=(1, 2, 3)).min() > 4
    assert np.mean((images == 0) | (images == 255)) < 0.1


@pytest.mark.parametrize("seed", range(3))
def test_no_weave_shows_more_of_its_warp_and_none_is_coarser(source, seed):
    weaves = source.invent(np.random.default_rng(seed))

    assert weaves.shape == (6, 6, 6)
    assert (weaves.sum(axis=1) == 3).all()
    assert (weaves.sum(axis=2) == 3).all()
    for axis in (1, 2):
        assert (source.changes(weaves, axis).sum(axis=1) == 6 * source.CHANGES).all()


@pytest.mark.parametrize("seed", range(3))
def test_no_weave_is_too_much_like_another_and_no_variant_harder(source, seed):
    weaves = source.invent(np.random.default_rng(seed))
    pairs = source.differences(weaves)[np.triu_indices(6, 1)]
    measured = source.yardsticks(weaves, np.arange(6)[None])

    assert pairs.min() >= source.CLOSEST
    assert measured == pytest.approx(source.TYPICAL[None], rel=source.ATYPICAL)


def test_windows_that_both_weaves_have_do_not_tell_them_apart(source):
    """A row moved along is the same row; a row of pairs has none of the windows of one of ones."""
    ones = np.tile([0, 1, 0, 1, 0, 1], (6, 1))
    pairs = np.tile([0, 0, 1, 1, 0, 0], (6, 1))

    gaps = source.windows(np.stack([ones, 1 - ones, pairs]), (1, 2))

    assert gaps[0, 1] == 0
    assert gaps[0, 2] == pytest.approx(4 / 6)


def test_a_weave_that_is_moved_is_made_of_the_same_waves(source):
    weave = source.invent(np.random.default_rng(0))[0]

    gaps = source.waves(np.stack([weave, np.roll(weave, (2, 5), (0, 1))]))

    assert gaps.max() == pytest.approx(0, abs=1e-9)


def test_a_weave_that_is_moved_or_upside_down_is_the_same(source):
    weave = source.invent(np.random.default_rng(0))[0]

    gaps = source.differences(np.stack([weave, np.roll(weave, (2, 5), (0, 1)), weave[::-1, ::-1]]))

    assert gaps.max() == 0


def test_a_weave_with_two_crossings_changed_differs_there(source):
    weave = source.invent(np.random.default_rng(0))[0]
    other = weave.copy()
    other[0, :2] ^= 1

    assert source.differences(np.stack([weave, other]))[0, 1] == pytest.approx(2 / 36)


def test_a_thread_on_top_shows_its_colour(source):
    """Warp white, weft black: half of the cloth is white."""
    rng = np.random.default_rng(0)
    weaves = source.invent(rng)
    colours = np.zeros((12, 2, 3), np.float32)
    colours[:, 0] = 200

    photo = source.cloth(weaves, np.arange(12) % 6, colours, rng)

    assert np.abs((photo.max(axis=-1) > 0).mean(axis=(1, 2)) - 0.5).max() < 0.05
