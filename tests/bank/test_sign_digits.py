from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from PIL import Image

KEY = "image/sign_digits"


@pytest.fixture
def source(source_of):
    return source_of(KEY)


def a_class(people):
    """Signs and signers of some people who each showed all ten signs."""
    return np.tile(np.arange(10), people), np.repeat(np.arange(people), 10)


def test_a_signer_begins_where_the_signs_begin_again(source):
    signs = np.array([*range(10), *range(10)])

    assert source.tell_signers(signs).tolist() == [1] * 10 + [2] * 10


def test_a_signer_may_have_left_signs_out(source):
    signs = np.array([*range(10), 0, 1, 2, 4, 5, 6, 8, 9, *range(3, 10)])

    assert source.tell_signers(signs).tolist() == [1] * 10 + [2] * 8 + [3] * 7


def test_a_sign_shown_again_is_no_new_signer(source):
    signs = np.array([*range(10), 8, 9, *range(10)])

    assert source.tell_signers(signs).tolist() == [1] * 12 + [2] * 10


@pytest.mark.parametrize("seed", range(3))
def test_nobody_is_in_two_sets(source, seed):
    signs, signers = a_class(200)

    sets = source.deal(np.random.default_rng(seed), signs, signers)

    for one, other in combinations(sets, 2):
        assert not set(signers[one]) & set(signers[other])


def test_every_sign_is_asked_equally_often(source):
    signs, signers = a_class(200)

    _, hidden, sealed = source.deal(np.random.default_rng(0), signs, signers)

    assert np.bincount(signs[hidden]).tolist() == [source.HIDDEN_EACH] * 10
    assert np.bincount(signs[sealed]).tolist() == [source.HIDDEN_EACH] * 10


def test_a_photograph_as_large_as_the_camera_made_it_is_brought_to_size_and_upright(
    source, tmp_path
):
    lying = np.zeros((300, 300, 3), np.uint8)
    lying[:, :150] = 255  # bright on the left: the top, once it stands
    picture = Image.fromarray(lying)
    exif = picture.getexif()
    exif[274] = 6  # "turn it by 90 degrees clockwise"
    picture.save(tmp_path / "IMG_1.JPG", exif=exif, quality=95)

    photo = source.photograph(tmp_path / "IMG_1.JPG")

    assert photo.shape == (100, 100, 3)
    assert photo[:45].min() > 200
    assert photo[55:].max() < 50


def test_a_camera_shows_right_for_left_in_every_picture_or_in_none(source):
    photos = np.zeros((20, 100, 100, 3), np.uint8)
    photos[:, :, :50] = 200

    straight = source.retake(photos, np.random.default_rng(0), mirrored=False)
    mirrored = source.retake(photos, np.random.default_rng(0), mirrored=True)

    assert (straight[:, 50, 20].mean(axis=-1) > straight[:, 50, 80].mean(axis=-1)).all()
    assert (mirrored[:, 50, 20].mean(axis=-1) < mirrored[:, 50, 80].mean(axis=-1)).all()


def test_all_the_photographs_are_read_and_their_signers_told(source, data_mirror):
    """By the data set's own account there were 218 of them."""
    photos, signs, signers = source.read(data_mirror / "sign_digits" / "Dataset")

    assert photos.shape == (2062, 100, 100, 3)
    assert np.bincount(signs).tolist() == [205, 206, 206, 206, 207, 207, 207, 206, 208, 204]
    assert 195 <= len(np.unique(signers)) <= 218


def test_labels_mean_other_signs_in_another_variant(open_bank, data_mirror):
    one, other = (open_bank.items[KEY].draw(seed) for seed in (0, 1))

    assert one.files["classes.json"] != other.files["classes.json"]
    assert one.hidden.inputs["image"].shape == (600, 100, 100, 3)
    assert not np.array_equal(one.hidden.labels, other.hidden.labels)
