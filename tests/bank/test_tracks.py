from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest
from PIL import Image

KEY = "image/tracks"


@pytest.fixture
def source(source_of):
    return source_of(KEY)


@pytest.fixture(scope="module")
def variant(open_bank):
    """Drawn once: the tests below only look at it."""
    return open_bank.items[KEY].draw(0)


@pytest.fixture
def folders(variant):
    """The pictures by folder."""
    found: dict[str, list[np.ndarray]] = {}
    with zipfile.ZipFile(io.BytesIO(variant.files["pictures.zip"])) as pictures:
        for name in pictures.namelist():
            top, folder, _ = name.split("/")
            assert top == "pictures"
            picture = np.asarray(Image.open(io.BytesIO(pictures.read(name))))
            found.setdefault(folder, []).append(picture)
    return found


def test_each_animal_has_a_folder_of_as_many_pictures(source, folders):
    assert [len(pictures) for pictures in folders.values()] == [source.TRAIN // 4] * 4


def test_the_folders_in_alphabetical_order_are_the_labels(variant, folders):
    rows = variant.texts["en"]["animals"].splitlines()

    assert [f"| {i} | `{name}` |" for i, name in enumerate(sorted(folders))] == [
        row[: row.index("|", row.index("`")) + 1] for row in rows
    ]


def test_pictures_have_six_sizes_in_every_folder(source, folders):
    sizes = {(width, height) for width, height in source.PHONES}

    for pictures in folders.values():
        assert {(p.shape[1], p.shape[0]) for p in pictures} == sizes


def test_each_animal_is_asked_equally_often(variant):
    for split in (variant.hidden, variant.sealed):
        assert np.bincount(split.labels).tolist() == [500] * 4


def test_the_sizes_tell_nothing(source, variant, folders):
    shares = np.array(
        [
            [np.mean([p.shape[:2] == (h, w) for p in pictures]) for w, h in source.PHONES]
            for pictures in folders.values()
        ]
    )

    assert np.ptp(shares, axis=0).max() < 0.12


def test_colours_tell_nothing(variant, folders):
    means = np.array([[p.mean() for p in pictures] for pictures in folders.values()])

    assert np.ptp(means.mean(axis=1)) < 3 * means.std() / np.sqrt(means.shape[1]) * 2


@pytest.mark.parametrize("shape", [(64, 64, 3), (72, 96, 3), (112, 64, 3), (50, 31, 3)])
def test_pictures_are_resized_as_keras_does(source, shape):
    tf = pytest.importorskip("tensorflow")
    picture = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)

    np.testing.assert_allclose(
        source.resized(picture), tf.image.resize(picture, (64, 64)).numpy(), atol=1e-3
    )


@pytest.mark.parametrize("seed", range(3))
def test_no_track_is_too_much_like_another_and_no_variant_harder(source, seed):
    prints = source.invent(np.random.default_rng(seed))
    pairs = source.differences(prints)[np.triu_indices(4, 1)]

    assert pairs.min() >= source.CLOSEST - 0.005
    assert abs(pairs.mean() - np.mean(source.TYPICAL)) < 0.01


def test_no_animal_is_heavier_than_another(source):
    prints = source.invent(np.random.default_rng(0))

    assert np.ptp([one.mean() for one in prints]) < 0.025


def test_the_other_foot_is_the_same_animal(source):
    one = source.invent(np.random.default_rng(0))[0]

    assert source.differences([one, one[:, ::-1]]).max() < 0.01


def test_a_print_is_as_deep_as_its_template_and_the_ground_around_it_flat(source):
    fine = np.zeros((1, 386, 386), np.float32)
    fine[:, 1:-1, 1:-1] = 1
    zero = np.zeros((1, 1, 1), np.float32)
    deep = source.Depth(
        prints=fine,
        labels=np.array([0]),
        right=(zero + 1, zero),
        down=(zero, zero + 1),
        middle=(zero + 10, zero),
    )
    x = np.array([[10, 57, 59, -37, -39]], np.float32)

    assert deep(x, np.zeros_like(x)).tolist() == [[[1, 1, 0, 1, 0]]]
