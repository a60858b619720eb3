"""Normalizations, shapes, pictures, wrappers, augmentation: every option against Keras."""

from __future__ import annotations

import numpy as np
import pytest

pytestmark = pytest.mark.train

STACKS = {
    "BatchNormalization": (
        (4, 6, 8),
        lambda k: [
            k.BatchNormalization(axis=1),
            k.BatchNormalization(scale=False),
            k.BatchNormalization(center=False, epsilon=0.1),
        ],
    ),
    "LayerNormalization": (
        (4, 6, 8),
        lambda k: [
            k.LayerNormalization(),
            k.LayerNormalization(axis=[1, 2]),
            k.LayerNormalization(axis=2, center=False),
            k.LayerNormalization(scale=False),
        ],
    ),
    "GroupNormalization": (
        (4, 6, 8),
        lambda k: [k.GroupNormalization(4), k.GroupNormalization(-1)],
    ),
    "GroupNormalization along steps": ((4, 6, 8), lambda k: [k.GroupNormalization(2, axis=1)]),
    "RMSNormalization": ((4, 8), lambda k: [k.RMSNormalization()]),
    "UnitNormalization": (
        (4, 8),
        lambda k: [k.UnitNormalization(), k.UnitNormalization(axis=[1, 2])],
    ),
    "Reshape, Permute": (
        (4, 6),
        lambda k: [k.Reshape((-1, 3)), k.Permute((2, 1)), k.Reshape((2, 3, 4))],
    ),
    "RepeatVector": ((5,), lambda k: [k.RepeatVector(3)]),
    "ZeroPadding1D": ((7, 2), lambda k: [k.ZeroPadding1D((1, 2)), k.Cropping1D((0, 2))]),
    "ZeroPadding2D": (
        (7, 5, 2),
        lambda k: [k.ZeroPadding2D(((1, 2), (0, 3))), k.Cropping2D(((1, 0), (0, 2)))],
    ),
    "ZeroPadding3D": (
        (5, 6, 7, 2),
        lambda k: [
            k.ZeroPadding3D(((1, 2), (0, 3), (2, 0))),
            k.Cropping3D(((1, 0), (0, 2), (3, 1))),
        ],
    ),
    "padding by one number": ((5, 4, 2), lambda k: [k.ZeroPadding2D(2), k.Cropping2D(1)]),
    "channels first": (
        (2, 5, 4),
        lambda k: [
            k.ZeroPadding2D(2, data_format="channels_first"),
            k.UpSampling2D(2, data_format="channels_first"),
        ],
    ),
    "UpSampling1D": ((5, 2), lambda k: [k.UpSampling1D(3)]),
    "UpSampling2D": ((5, 4, 2), lambda k: [k.UpSampling2D((2, 3))]),
    "UpSampling3D": ((3, 4, 5, 2), lambda k: [k.UpSampling3D((2, 1, 3))]),
    "TimeDistributed(Dense)": ((4, 3), lambda k: [k.TimeDistributed(k.Dense(2, "relu"))]),
    "TimeDistributed(Conv2D)": (
        (4, 6, 6, 3),
        lambda k: [
            k.TimeDistributed(k.Conv2D(2, 3, activation="relu")),
            k.TimeDistributed(k.MaxPooling2D()),
            k.TimeDistributed(k.Flatten()),
            k.LSTM(3),
        ],
    ),
    "SpectralNormalization": (
        (4, 6),
        lambda k: [k.SpectralNormalization(k.Dense(3)), k.SpectralNormalization(k.Conv1D(3, 2))],
    ),
    "Pipeline": ((4, 6, 3), lambda k: [k.Pipeline([k.RandomFlip(), k.Rescaling(2.0)])]),
    "CenterCrop": ((5, 8, 2), lambda k: [k.CenterCrop(3, 3)]),
}


@pytest.mark.parametrize("stack", STACKS)
def test_it_agrees_with_keras(stack, keras, chain):
    shape, layers = STACKS[stack]

    chain(shape, *layers(keras.layers))


@pytest.mark.parametrize("interpolation", ["bilinear", "nearest", "bicubic", "lanczos3"])
@pytest.mark.parametrize("size", [(7, 9), (3, 2), (10, 8), (5, 3)])
def test_resizing_agrees_with_keras(interpolation, size, keras, chain):
    resizing = keras.layers.Resizing

    chain((5, 4, 2), resizing(*size, interpolation=interpolation))
    chain((5, 4, 2), resizing(*size, interpolation=interpolation, antialias=True))


@pytest.mark.parametrize("size", [(6, 6), (3, 9), (9, 3)])
def test_resizing_in_proportion_agrees_with_keras(size, keras, chain):
    layers = keras.layers

    chain((5, 8, 2), layers.Resizing(*size, crop_to_aspect_ratio=True))
    chain((5, 8, 2), layers.Resizing(*size, pad_to_aspect_ratio=True, fill_value=0.5))
    chain((5, 8, 2), layers.CenterCrop(*size))


def test_enlarging_with_interpolation_agrees_with_keras(keras, chain):
    layers = keras.layers

    chain((5, 4, 2), layers.UpSampling2D((2, 3), interpolation="bilinear"))
    chain((5, 4, 2), layers.UpSampling2D((2, 3), interpolation="bicubic"))


def test_stretched_contrast_agrees_with_keras(keras, agrees, numbers):
    model = keras.Sequential(
        [keras.Input((5, 8, 2)), keras.layers.AutoContrast(value_range=(0, 1))]
    )
    x = numbers.uniform(size=(3, 5, 8, 2)).astype("f4")
    x[1] = 0.5  # nothing to stretch

    agrees(model, x)


AUGMENTATIONS = {
    "AugMix": {},
    "CutMix": {},
    "Equalization": {},
    "MixUp": {},
    "RandAugment": {},
    "RandomColorJitter": {},
    "RandomContrast": {"factor": 0.2},
    "RandomElasticTransform": {},
    "RandomErasing": {},
    "RandomFlip": {},
    "RandomGaussianBlur": {},
    "RandomGrayscale": {},
    "RandomHue": {"factor": 0.2},
    "RandomInvert": {},
    "RandomPerspective": {},
    "RandomRotation": {"factor": 0.2},
    "RandomShear": {"x_factor": 0.1},
    "RandomTranslation": {"height_factor": 0.2, "width_factor": 0.2},
    "RandomZoom": {"height_factor": 0.2},
}


@pytest.mark.parametrize("kind", AUGMENTATIONS)
def test_augmentation_does_nothing_when_predicting(kind, keras, agrees, numbers):
    layers = keras.layers
    layer = getattr(layers, kind)(**AUGMENTATIONS[kind])
    x = numbers.uniform(0, 255, (2, 6, 6, 3)).astype("f4")
    model = keras.Sequential([keras.Input((6, 6, 3)), layer, layers.Flatten()])

    agrees(model, x)
    assert np.asarray(model(x, training=False)) == pytest.approx(x.reshape(2, -1))
