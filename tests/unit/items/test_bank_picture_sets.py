"""Published pictures that are labelled anew."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from assay.items.errors import UnreadableFile
from assay.items.picture_sets import PictureSet
from assay.items.store import load_arrays

CLASSES = 4


def numbered(count):
    """Return pictures of 2 x 3 pixels, each with its own number, and classes in turn."""
    numbers = np.arange(count, dtype=np.uint8)
    images = np.broadcast_to(numbers[:, None, None], (count, 2, 3))
    return PictureSet(images=images, classes=numbers.astype(np.int64) % CLASSES)


def draw(pictures, seed=1, train=20, hidden=10):
    rng = np.random.default_rng(seed)
    return pictures.relabelled(rng, train=train, hidden=hidden, name="image", label="shelves")


def sets(variant):
    """Return the numbers of the pictures and the labels of the three sets."""
    train = load_arrays(variant.files["train.npz"])
    splits = (variant.hidden, variant.sealed)
    images = [train["images"], *(split.inputs["image"] for split in splits)]
    labels = [train["shelves"], *(split.labels for split in splits)]
    return [x[:, 0, 0].astype(int).tolist() for x in images], [y.tolist() for y in labels]


def test_no_picture_is_in_two_sets():
    shown, _ = sets(draw(numbered(50)))

    assert [len(numbers) for numbers in shown] == [20, 10, 10]
    assert len({n for numbers in shown for n in numbers}) == 40


def test_a_class_has_the_same_new_number_in_all_sets_and_no_other_class_has_it():
    shown, labels = sets(draw(numbered(50)))

    pairs = {
        (number % CLASSES, label)
        for numbers, its in zip(shown, labels, strict=True)
        for number, label in zip(numbers, its, strict=True)
    }
    assert sorted(old for old, _ in pairs) == list(range(CLASSES))
    assert sorted(new for _, new in pairs) == list(range(CLASSES))


def test_another_seed_deals_other_numbers_to_the_classes():
    dealt = set()
    for seed in range(8):
        shown, labels = sets(draw(numbered(50), seed))
        pairs = {(n % CLASSES, label) for n, label in zip(shown[0], labels[0], strict=True)}
        dealt.add(tuple(sorted(pairs)))

    assert len(dealt) > 4


def test_the_same_arguments_give_the_same_variant_in_every_version():
    """If this fails, the evidence of items that draw from picture sets is of other data."""
    shown, labels = sets(draw(numbered(12), train=4, hidden=3))

    assert shown == [[1, 11, 7, 10], [3, 4, 5], [8, 0, 9]]
    assert labels == [[1, 3, 3, 2], [3, 0, 1], [0, 0, 1]]


def test_candidates_get_bytes_and_the_grader_the_same_values_as_float32():
    variant = draw(numbered(50))

    train = load_arrays(variant.files["train.npz"])
    assert {name: array.dtype.name for name, array in train.items()} == {
        "images": "uint8",
        "shelves": "uint8",
    }
    assert variant.hidden.inputs["image"].dtype == np.float32
    assert variant.hidden.labels.dtype == np.int64
    assert variant.train["image"].tolist() == train["images"].tolist()


def test_a_page_can_tell_how_many_pictures_there_are_of_each_class():
    variant = draw(numbered(50))

    counts = np.bincount(sets(variant)[1][0], minlength=CLASSES)
    expected = {"count": "20", "fewest": str(counts.min()), "most": str(counts.max())}
    assert variant.texts == {"en": expected, "zh-CN": expected}


def test_where_pictures_are_few_the_hidden_and_the_sealed_set_share_what_is_left():
    shown, _ = sets(draw(numbered(35)))

    assert [len(numbers) for numbers in shown] == [20, 7, 7]


def test_it_refuses_a_set_that_leaves_nothing_to_hide():
    with pytest.raises(ValueError, match="more than 21 pictures, received 21"):
        draw(numbered(21))


def write(folder, images, classes):
    """Write a picture set as it is published: two files in the IDX format."""
    images = np.array(images, np.uint8)
    head = struct.pack(">HBB3I", 0, 8, 3, *images.shape)
    (folder / "images").write_bytes(head + images.tobytes())
    (folder / "labels").write_bytes(struct.pack(">HBBI", 0, 8, 1, len(classes)) + bytes(classes))
    return folder / "images", folder / "labels"


def test_of_pictures_that_are_the_same_the_first_is_read(tmp_path):
    cat, dog = [[9, 0], [0, 9]], [[5, 5], [0, 0]]

    read = PictureSet.read(*write(tmp_path, [cat, dog, cat, dog], [3, 1, 2, 1]))

    assert read.images.tolist() == [cat, dog]
    assert read.classes.tolist() == [3, 1]
    assert (read.images.dtype, read.classes.dtype) == (np.uint8, np.int64)


def test_it_refuses_files_that_do_not_belong_together(tmp_path):
    with pytest.raises(UnreadableFile) as refused:
        PictureSet.read(*write(tmp_path, [[[1]], [[2]]], [0, 1, 1]))

    assert refused.value.params["file"] == "labels"
    assert refused.value.params["expected"] == "IDX (2)"
    assert refused.value.params["received"] == "IDX (3)"
