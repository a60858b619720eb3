"""Convolutions and poolings: every option against Keras."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.train

SPACE = {1: (9,), 2: (9, 8), 3: (5, 4, 6)}


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("strides", [1, 2, 3])
@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_convolutions_agree_with_keras(rank, padding, strides, size, keras, chain):
    plain = getattr(keras.layers, f"Conv{rank}D")
    transposed = getattr(keras.layers, f"Conv{rank}DTranspose")

    chain(
        (*SPACE[rank], 3),
        transposed(4, size, strides=strides, padding=padding),
        plain(2, size, strides=strides, padding=padding, activation="relu"),
        samples=2,
    )


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("size", [2, 3, 5])
def test_output_padding_agrees_with_keras(rank, padding, size, keras, chain):
    layer = getattr(keras.layers, f"Conv{rank}DTranspose")

    chain((*SPACE[rank], 3), layer(4, size, strides=2, padding=padding, output_padding=1))


OPTIONS = {
    "dilated": {"dilation_rate": 2, "padding": "same"},
    "grouped": {"groups": 2, "use_bias": False},
    "channels first": {"data_format": "channels_first", "activation": "softmax"},
}


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("option", OPTIONS)
def test_options_of_convolutions_agree_with_keras(rank, option, keras, chain):
    layer = getattr(keras.layers, f"Conv{rank}D")
    first = option == "channels first"

    chain((4, *SPACE[rank]) if first else (*SPACE[rank], 4), layer(6, 2, **OPTIONS[option]))


def test_causal_convolutions_agree_with_keras(keras, chain):
    layers = keras.layers

    chain(
        (20, 2),
        layers.Conv1D(4, 5, padding="causal", activation="relu"),
        layers.Conv1D(3, 3, padding="causal", dilation_rate=4),
        layers.Conv1D(3, 2, padding="causal", strides=2),
    )


@pytest.mark.parametrize("rank", [1, 2])
@pytest.mark.parametrize(
    "options",
    [
        {"padding": "valid"},
        {"padding": "same", "strides": 2},
        {"dilation_rate": 2},
        {"use_bias": False, "data_format": "channels_first"},
    ],
)
def test_convolutions_by_channel_agree_with_keras(rank, options, keras, chain):
    layers = keras.layers

    chain(
        (9, 8, 3)[-rank - 1 :],
        getattr(layers, f"DepthwiseConv{rank}D")(3, depth_multiplier=2, **options),
    )
    chain(
        (9, 8, 9)[-rank - 1 :],
        getattr(layers, f"SeparableConv{rank}D")(
            5, 3, depth_multiplier=2, activation="relu", **options
        ),
    )


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("kind", ["Average", "Max"])
def test_poolings_agree_with_keras(rank, kind, keras, chain):
    layers = keras.layers
    pooling = getattr(layers, f"{kind}Pooling{rank}D")
    everywhere = getattr(layers, f"Global{kind}Pooling{rank}D")

    chain((*SPACE[rank], 2), pooling(3, strides=1, padding="same"), pooling(2, padding="same"))
    chain((*SPACE[rank], 2), pooling(2))
    chain((2, *SPACE[rank]), pooling(2, data_format="channels_first"))
    chain((*SPACE[rank], 2), everywhere())
    chain((2, *SPACE[rank]), everywhere(data_format="channels_first", keepdims=True))


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("kind", ["Average", "Max"])
@pytest.mark.parametrize("size", [2, 3, 4])
def test_adaptive_poolings_agree_with_keras(rank, kind, size, keras, chain):
    layer = getattr(keras.layers, f"Adaptive{kind}Pooling{rank}D")

    chain((*SPACE[rank], 2), layer(size))


def test_zeros_around_negative_numbers_count_in_maximum_pooling(keras, agrees, numbers):
    """ONNX Runtime's own merging of the two layers forgets the zeros."""
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((9, 9, 2)),
            layers.Conv2D(3, 3),
            layers.ZeroPadding2D(1),
            layers.MaxPooling2D(3, strides=2),
        ]
    )
    model.layers[0].bias.assign([-9.0, -9.0, -9.0])

    agrees(model, numbers.normal(size=(2, 9, 9, 2)).astype("f4"), new_weights=False)
