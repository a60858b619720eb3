"""Draws a mail-sorting camera and lets it photograph scikit-learn's handwritten digits.

The 1,797 base images are split first; each set photographs only its own.
"""

import functools

import numpy as np
from scipy import ndimage
from sklearn.datasets import load_digits

from assay.items.store import save_arrays
from assay.items.variant import Split, Variant

CLASSES = 10
SIZE = 28  # pixels, both ways
TRAIN_IMAGES = 3  # photographs of each base image for training
HIDDEN_BASES, HIDDEN_IMAGES = 500, 4  # base images, photographs of each
SEALED_BASES, SEALED_IMAGES = 400, 5
# How the camera hangs: quarter turns of its pictures, against the clock.
HANGS = {
    "en": ("upright", "on its right side", "upside down", "on its left side"),
    "zh-CN": ("端端正正", "向右横着", "上下颠倒", "向左横着"),
}


@functools.cache
def base_images():
    """Return the base images, `(1797, 8, 8)` from 0 to 1, and their digits."""
    digits = load_digits()
    return digits.images / 16, digits.target


def variant(seed: int) -> Variant:
    rng = np.random.default_rng(seed)
    images, digits = base_images()
    order = stratified(rng, digits)
    hidden, rest = order[:HIDDEN_BASES], order[HIDDEN_BASES:]
    sealed, train = rest[:SEALED_BASES], rest[SEALED_BASES:]
    camera = Camera(rng)

    def photographs(chosen, each):
        chosen = rng.permutation(np.repeat(chosen, each))
        return np.stack([camera.photograph(rng, images[i]) for i in chosen]), digits[chosen]

    x, y = photographs(train, TRAIN_IMAGES)
    numbers = {"count": str(len(x)), "bases": str(len(train)), "each": str(TRAIN_IMAGES)}
    return Variant(
        files={"train.npz": save_arrays({"images": x, "digits": y.astype(np.uint8)})},
        hidden=split(*photographs(hidden, HIDDEN_IMAGES)),
        sealed=split(*photographs(sealed, SEALED_IMAGES)),
        texts={
            "en": {**numbers, "hangs": HANGS["en"][camera.turns]},
            "zh-CN": {**numbers, "hangs": HANGS["zh-CN"][camera.turns]},
        },
    )


def stratified(rng, digits):
    """Return all indices so that every part of the order has about as many of each digit."""
    position = np.empty(len(digits))
    for digit in range(CLASSES):
        mine = np.flatnonzero(digits == digit)
        position[rng.permutation(mine)] = (np.arange(len(mine)) + rng.uniform()) / len(mine)
    return np.argsort(position, kind="stable")


class Camera:
    """What all photographs of a variant have in common, and how each of them differs."""

    def __init__(self, rng):
        self.tilt = rng.uniform(-8, 8)  # degrees
        self.slant = rng.uniform(-0.15, 0.15)  # shear
        self.ink = rng.uniform(0.65, 0.9)  # how dark ink is, from 0 to 1
        self.light = rng.uniform(0, 2 * np.pi)  # where the lamp is
        self.noise = rng.uniform(0.04, 0.07)  # of a pixel
        self.turns = int(rng.integers(4))  # quarter turns against the clock

    def photograph(self, rng, image):
        """Return one picture, `(28, 28)` uint8: white ink on dark paper.

        Dark ink on white paper would make a dense network's training harder, and with it the
        variants unequal.
        """
        angle = np.deg2rad(self.tilt + rng.uniform(-9, 9))
        scale = 8 / SIZE * np.exp(rng.uniform(0.08, 0.28))
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        shear = np.array([[1, 0], [self.slant + rng.uniform(-0.1, 0.1), 1]])
        matrix = scale * turn @ shear
        middle = (SIZE - 1) / 2 + rng.uniform(-2, 2, 2)
        offset = np.array([3.5, 3.5]) - matrix @ middle
        ink = ndimage.affine_transform(image, matrix, offset, (SIZE, SIZE), order=3)
        paper = 0.15 * self.shade(rng)
        picture = paper + self.ink * rng.uniform(0.7, 1.0) * np.clip(ink, 0, 1)
        picture += self.stain(rng) + rng.normal(0, self.noise, (SIZE, SIZE))
        picture = np.clip(picture, 0, 1)
        return np.rot90(np.round(255 * picture).astype(np.uint8), self.turns)

    def shade(self, rng):
        """Return light that falls off across the picture, 0 to 1."""
        angle = self.light + rng.uniform(-0.5, 0.5)
        rows, columns = np.mgrid[-1 : 1 : SIZE * 1j, -1 : 1 : SIZE * 1j]
        return 0.5 + 0.35 * (np.cos(angle) * rows + np.sin(angle) * columns)

    def stain(self, rng):
        """Return a line of a postmark across the picture."""
        angle, distance = rng.uniform(0, np.pi), rng.uniform(-8, 8)
        rows, columns = np.mgrid[:SIZE, :SIZE] - (SIZE - 1) / 2
        away = np.cos(angle) * rows + np.sin(angle) * columns - distance
        return rng.uniform(0.1, 0.45) * np.exp(-0.5 * (away / rng.uniform(0.6, 1.1)) ** 2)


def split(images, digits) -> Split:
    return Split(inputs={"image": images.astype(np.float32)}, labels=digits.astype(np.int64))
