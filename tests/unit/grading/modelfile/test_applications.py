"""Transfer learning: a model of `keras.applications` inside another one, against Keras."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from assay.grading.modelfile.layers import COVERED
from assay.grading.modelfile.uncovered import ALIASES, NO_LAYERS, NOT_COVERED, NOT_PUBLIC

pytestmark = pytest.mark.train

EVERY_DAY = {"MobileNetV2": 48, "MobileNetV3Small": 48}
NOW_AND_THEN = {
    "ConvNeXtTiny": 32,
    "DenseNet121": 48,
    "EfficientNetB0": 48,
    "EfficientNetV2B0": 48,
    "InceptionResNetV2": 96,
    "InceptionV3": 96,
    "MobileNet": 48,
    "MobileNetV3Large": 48,
    "NASNetMobile": 64,
    "ResNet50": 48,
    "ResNet50V2": 48,
    "ResNet101": 48,
    "VGG16": 48,
    "VGG19": 48,
    "Xception": 96,
}


def around(keras, kind, size):
    """Return a frozen base and a small head, with weights that keep numbers in bounds."""
    layers = keras.layers
    base = getattr(keras.applications, kind)(
        weights=None, include_top=False, input_shape=(size, size, 3)
    )
    base.trainable = False
    inputs = keras.Input((size, size, 3))
    x = layers.RandomFlip("horizontal")(inputs)
    x = layers.GlobalAveragePooling2D()(base(x, training=False))
    return keras.Model(inputs, layers.Dense(3, activation="softmax")(layers.Dropout(0.2)(x)))


def compare(keras, agrees, numbers, kind, size):
    keras.utils.clear_session()
    model = around(keras, kind, size)
    for weight in model.weights:
        name = weight.path.rsplit("/", 1)[-1]
        noise = numbers.normal(size=weight.shape) * 0.1
        if name == "moving_variance":
            weight.assign(1 + np.abs(noise))
        elif name == "gamma":
            weight.assign(1 + noise)
        elif name in {"beta", "bias", "moving_mean"}:
            weight.assign(noise)
    x = numbers.uniform(0, 1, (2, size, size, 3)).astype("f4")

    agrees(model, x, new_weights=False)


@pytest.mark.parametrize("kind", EVERY_DAY)
def test_small_applications_agree_with_keras(kind, keras, agrees, numbers):
    compare(keras, agrees, numbers, kind, EVERY_DAY[kind])


@pytest.mark.slow
@pytest.mark.parametrize("kind", NOW_AND_THEN)
def test_applications_agree_with_keras(kind, keras, agrees, numbers):
    compare(keras, agrees, numbers, kind, NOW_AND_THEN[kind])


# The table of covered layers


@pytest.fixture(scope="session")
def public(keras):
    """The public layers of Keras by name."""
    everything = {name: getattr(keras.layers, name) for name in dir(keras.layers)}
    return {name: kind for name, kind in everything.items() if inspect.isclass(kind)}


def test_every_public_layer_is_covered_or_has_a_reason(public):
    assert public.keys() - NO_LAYERS == (COVERED.keys() - NOT_PUBLIC) | NOT_COVERED.keys()
    assert not COVERED.keys() & NOT_COVERED.keys()


def test_second_names_are_those_of_keras(public):
    classes = [public[name] for name in public.keys() - NO_LAYERS - ALIASES]

    assert len(classes) == len(set(classes))
    assert all(public[alias] in classes for alias in ALIASES)
