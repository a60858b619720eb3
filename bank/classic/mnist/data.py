"""Draws a sorting office that sorts the pictures of MNIST's test set.

Only the 10,000 pictures of the test set are needed: that keeps the download small, and nobody's
network is trained on 60,000 pictures of an exam. Which digit goes where differs from variant to
variant, so a network that somebody brings along is worth nothing here.
"""

import functools
from pathlib import Path

import numpy as np

from assay.items.downloads import fetch
from assay.items.idx import read_idx
from assay.items.store import save_arrays
from assay.items.variant import Split, Variant

CLASSES = 10
TRAIN = 5000  # pictures
HIDDEN = 2500  # in each of the hidden and the sealed set
IMAGES, LABELS = "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"


@functools.cache
def pictures():
    """Return the pictures, `(10000, 28, 28)` uint8, and their classes, each picture once."""
    folder = Path(__file__).parent
    images, labels = read_idx(fetch(folder, IMAGES)), read_idx(fetch(folder, LABELS))
    _, first = np.unique(images.reshape(len(images), -1), axis=0, return_index=True)
    first = np.sort(first)
    return images[first], labels[first].astype(np.int64)


def variant(seed: int) -> Variant:
    rng = np.random.default_rng(seed)
    images, classes = pictures()
    number = rng.permutation(CLASSES)  # of a class in this variant
    order = rng.permutation(len(images))
    # The test set has 10,000 pictures, or a few fewer where one is there twice.
    hidden_size = min(HIDDEN, (len(images) - TRAIN) // 2)
    train, hidden, sealed, _ = np.split(
        order, [TRAIN, TRAIN + hidden_size, TRAIN + 2 * hidden_size]
    )
    x, y = images[train], number[classes[train]]
    counts = np.bincount(y, minlength=CLASSES)
    numbers = {"count": f"{len(x):,}", "fewest": str(counts.min()), "most": str(counts.max())}
    return Variant(
        files={"train.npz": save_arrays({"images": x, "chutes": y.astype(np.uint8)})},
        hidden=split(images[hidden], number[classes[hidden]]),
        sealed=split(images[sealed], number[classes[sealed]]),
        texts={"en": numbers, "zh-CN": numbers},
        train={"image": x.astype(np.float32)},
    )


def split(images, labels) -> Split:
    return Split(inputs={"image": images.astype(np.float32)}, labels=labels)
