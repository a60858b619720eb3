from __future__ import annotations

import numpy as np
import pytest

from assay.items.store import load_arrays

KEY = "classic/handwritten_digits"


@pytest.fixture
def source(source_of):
    return source_of(KEY)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_no_handwritten_digit_is_photographed_for_two_sets(source, monkeypatch, seed):
    """A photograph here is the number of the digit that it shows, in every pixel."""
    numbers = {image.tobytes(): n for n, image in enumerate(source.base_images()[0])}
    monkeypatch.setattr(
        source.Camera,
        "photograph",
        lambda self, rng, image: np.full((28, 28), numbers[image.tobytes()], np.uint16),
    )

    variant = source.variant(seed)

    train = load_arrays(variant.files["train.npz"])["images"]
    sets = [train, variant.hidden.inputs["image"], variant.sealed.inputs["image"]]
    shown = [set(images[:, 0, 0].astype(int).tolist()) for images in sets]
    assert [len(s) for s in shown] == [897, 500, 400]
    assert len(set.union(*shown)) == 1797


@pytest.mark.parametrize("seed", [0, 1])
def test_all_digits_are_about_equally_frequent(open_bank, seed):
    variant = open_bank.items[KEY].draw(seed)

    for split in (variant.hidden, variant.sealed):
        counts = np.bincount(split.labels, minlength=10)
        assert counts.min() > 0.9 * counts.max()


def test_pictures_are_neither_empty_nor_burnt_out(open_bank):
    for seed in range(4):
        images = open_bank.items[KEY].draw(seed).hidden.inputs["image"]

        assert images.std(axis=(1, 2)).min() > 10
        assert np.mean((images == 0) | (images == 255)) < 0.35
