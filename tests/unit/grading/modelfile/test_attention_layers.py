"""Attention: every option against Keras."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.train

HEADS = {
    "plain": {},
    "value_dim": {"value_dim": 2},
    "no bias": {"use_bias": False},
    "output_shape": {"output_shape": 7},
    "dropout": {"dropout": 0.1},
    "window": {"sliding_window": 2},
    "gate": {"use_gate": True},
}


@pytest.fixture
def sequences(keras):
    return keras.Input((5, 4)), keras.Input((6, 4)), keras.Input((6, 4))


@pytest.fixture
def arrays(numbers):
    return [numbers.normal(size=(3, steps, 4)).astype("f4") for steps in (5, 6, 6)]


@pytest.fixture
def words(keras, numbers):
    """Two masked sequences and ids for them."""
    embedding = keras.layers.Embedding(5, 4, mask_zero=True)
    inputs = keras.Input((5,), dtype="int32"), keras.Input((6,), dtype="int32")
    ids = [numbers.integers(0, 5, (4, steps)).astype("i4") for steps in (5, 6)]
    for array in ids:
        array[:, 0] = 1
    return inputs, [embedding(x) for x in inputs], ids


@pytest.mark.parametrize("kind", ["Attention", "AdditiveAttention"])
@pytest.mark.parametrize("scale", [True, False])
@pytest.mark.parametrize("causal", [True, False])
def test_attention_agrees_with_keras(kind, scale, causal, keras, sequences, arrays, words, agrees):
    layers = keras.layers
    query, value, key = sequences
    inputs, embedded, ids = words

    def layer():
        return getattr(layers, kind)(use_scale=scale)

    agrees(keras.Model([query, value, key], layer()([query, value, key])), *arrays)
    outputs = layer()([query, value], use_causal_mask=causal)
    agrees(keras.Model([query, value], outputs), *arrays[:2])
    outputs = layers.Flatten()(layer()(embedded, use_causal_mask=causal))
    agrees(keras.Model(inputs, outputs), *ids)


@pytest.mark.parametrize("scale", [True, False])
def test_attention_by_concatenation_agrees_with_keras(scale, keras, sequences, arrays, agrees):
    query, value, _ = sequences
    layer = keras.layers.Attention(use_scale=scale, score_mode="concat")

    agrees(keras.Model([query, value], layer([query, value])), *arrays[:2])


@pytest.mark.parametrize("options", HEADS)
def test_several_heads_agree_with_keras(options, keras, sequences, arrays, words, agrees):
    layers = keras.layers
    query, value, key = sequences
    inputs, embedded, ids = words

    def layer():
        return layers.MultiHeadAttention(2, 3, **HEADS[options])

    agrees(keras.Model([query, value, key], layer()(query, value=value, key=key)), *arrays)
    agrees(keras.Model(query, layer()(query, query, use_causal_mask=True)), arrays[0])
    outputs = layers.GlobalAveragePooling1D()(layer()(*embedded))
    agrees(keras.Model(inputs, outputs), *ids)
    outputs = layers.Flatten()(layer()(embedded[0], embedded[0]))
    agrees(keras.Model(inputs[0], outputs), ids[0])
    answers, scores = layer()(query, value, return_attention_scores=True)
    joined = layers.Concatenate()([layers.Flatten()(answers), layers.Flatten()(scores)])
    agrees(keras.Model([query, value], joined), *arrays[:2])


@pytest.mark.parametrize("axes", [None, 1, (2,)])
def test_attention_over_pictures_agrees_with_keras(axes, keras, agrees, numbers):
    x = keras.Input((3, 4, 5))
    layer = keras.layers.MultiHeadAttention(2, 3, attention_axes=axes)

    agrees(keras.Model(x, layer(x, x)), numbers.normal(size=(2, 3, 4, 5)).astype("f4"))


def test_an_attention_mask_agrees_with_keras(keras, sequences, arrays, agrees, numbers):
    query, value, _ = sequences
    mask = keras.Input((5, 6), dtype="bool")
    outputs = keras.layers.MultiHeadAttention(2, 3)(query, value, attention_mask=mask)

    agrees(
        keras.Model([query, value, mask], outputs),
        *arrays[:2],
        numbers.uniform(size=(3, 5, 6)) < 0.7,
    )


@pytest.mark.parametrize("options", ["plain", "gate", "window", "dropout"])
def test_grouped_heads_agree_with_keras(options, keras, sequences, arrays, agrees):
    query, value, _ = sequences
    layer = keras.layers.GroupQueryAttention

    agrees(keras.Model([query, value], layer(3, 4, 2, **HEADS[options])(query, value)), *arrays[:2])
    agrees(
        keras.Model(query, layer(3, 4, 2, **HEADS[options])(query, query, use_causal_mask=True)),
        arrays[0],
    )
