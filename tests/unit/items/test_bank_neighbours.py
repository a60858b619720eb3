"""Pictures and texts that are almost the same in two sets."""

from __future__ import annotations

import numpy as np
import pytest

from assay.items.neighbours import check_neighbours
from assay.items.variant import Split, Variant

N = 200


def item_of(folder, shape, dtype):
    folder.write_spec(
        contract={
            "inputs": [
                {
                    "name": "x",
                    "shape": list(shape),
                    "dtype": dtype,
                    "meaning": {"en": "x", "zh-CN": "某数"},
                }
            ],
            "output": {"shape": [1], "kind": "value", "meaning": {"en": "y", "zh-CN": "某值"}},
        }
    )
    return folder.load()


def variant_of(train, hidden, sealed):
    def split(x):
        return Split(inputs={"x": x}, labels=np.zeros((len(x), 1)))

    return Variant(files={}, hidden=split(hidden), sealed=split(sealed), train={"x": train})


@pytest.fixture
def pictures():
    patches = np.random.default_rng(1).uniform(0, 255, (3, N, 7, 7, 3)).astype(np.float32)
    return patches.repeat(4, axis=2).repeat(4, axis=3)


@pytest.fixture
def texts():
    words = np.random.default_rng(1).integers(1, 500, (3, N, 60)).astype(np.int32)
    words[:, :, 50:] = 0
    return words


def found(item, sets):
    return [
        (p.params["field"], p.params["received"]) for p in check_neighbours(item, variant_of(*sets))
    ]


def test_pictures_of_their_own_are_no_neighbours(folder, pictures):
    assert found(item_of(folder, (28, 28, 3), "float32"), pictures) == []


def test_a_picture_with_a_little_noise_and_another_light_is_a_neighbour(folder, pictures):
    noise = np.random.default_rng(2).normal(0, 3, pictures[0, :5].shape)
    pictures[1, :5] = 0.8 * pictures[0, :5] + 20 + noise

    assert found(item_of(folder, (28, 28, 3), "float32"), pictures) == [("train, hidden", 5)]


def test_grey_pictures_are_compared_too(folder, pictures):
    grey = pictures[..., 0].copy()
    grey[2, :9] = grey[1, :9] + 1

    assert found(item_of(folder, (28, 28), "float32"), grey) == [("hidden, sealed", 9)]


def test_texts_of_their_own_are_no_neighbours(folder, texts):
    assert found(item_of(folder, (60,), "int32"), texts) == []


def test_a_text_with_one_word_more_is_a_neighbour(folder, texts):
    texts[1, :8] = texts[0, :8]
    texts[1, :8, 50] = 7

    assert found(item_of(folder, (60,), "int32"), texts) == [("train, hidden", 8)]


def test_a_text_with_half_of_another_is_none(folder, texts):
    texts[1, :8, :25] = texts[0, :8, :25]

    assert found(item_of(folder, (60,), "int32"), texts) == []


def test_so_few_that_no_mark_changes_are_tolerated(folder, texts):
    texts[1, 0] = texts[0, 0]

    assert found(item_of(folder, (60,), "int32"), texts) == []


def test_rows_of_numbers_are_not_compared(folder):
    same = np.zeros((3, N, 4), np.float32)

    assert found(item_of(folder, (4,), "float32"), same) == []


def test_windows_of_a_series_are_not_taken_for_pictures(folder):
    windows = np.random.default_rng(1).normal(0, 1, (N, 168, 8)).astype(np.float32)

    assert found(item_of(folder, (168, 8), "float32"), [windows, windows + 1e-3, windows]) == []
