"""Draws a sorting office that sorts the pictures of MNIST's test set.

Only the 10,000 pictures of the test set are needed: that keeps the download small, and nobody's
network is trained on 60,000 pictures of an exam. Which digit goes where differs from variant to
variant, so a network that somebody brings along is worth nothing here.
"""

import functools
from pathlib import Path

import numpy as np

from assay.items.downloads import fetch
from assay.items.picture_sets import PictureSet
from assay.items.variant import Variant

TRAIN = 5000  # pictures
HIDDEN = 2500  # in each of the hidden and the sealed set; fewer if some pictures are there twice
FILES = ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz")


@functools.cache
def pictures() -> PictureSet:
    return PictureSet.read(*(fetch(Path(__file__).parent, name) for name in FILES))


def variant(seed: int) -> Variant:
    rng = np.random.default_rng(seed)
    return pictures().relabelled(rng, train=TRAIN, hidden=HIDDEN, name="image", label="chutes")
