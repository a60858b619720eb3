"""Recurrent layers and masks: every option against Keras."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.train

KINDS = ("LSTM", "GRU", "SimpleRNN")
FAST = ("relu", "linear", "softsign", "elu", "hard_sigmoid", "leaky_relu", "sigmoid")
SLOW = ("gelu", "silu", "mish", "relu6", "softplus")


@pytest.fixture(params=KINDS)
def layer(request, keras):
    return getattr(keras.layers, request.param)


@pytest.fixture
def cell(layer, keras):
    return getattr(keras.layers, f"{layer.__name__}Cell")


@pytest.fixture
def masked(keras, agrees, numbers):
    """Return a function that compares layers on steps with masks in every place."""

    def compare(*layers):
        model = keras.Sequential(
            [
                keras.Input((7,), dtype="int32"),
                keras.layers.Embedding(5, 4, mask_zero=True),
                *layers,
            ]
        )
        ids = numbers.integers(0, 5, (12, 7)).astype("i4")
        ids[0] = 0  # nothing counts
        ids[1, :4] = 0  # padded in front
        ids[2, 4:] = 0  # padded at the end
        agrees(model, ids)

    return compare


def test_stacked_layers_agree_with_keras(layer, chain):
    chain((6, 2), layer(4, return_sequences=True), layer(3))


def test_going_backwards_agrees_with_keras(layer, chain):
    chain((6, 2), layer(4, return_sequences=True, go_backwards=True), layer(3, go_backwards=True))


@pytest.mark.parametrize("name", FAST)
def test_activations_that_onnx_knows_agree_with_keras(name, layer, chain):
    chain((6, 2), layer(4, activation=name))
    if layer.__name__ != "SimpleRNN":
        chain((6, 2), layer(4, recurrent_activation=name))


@pytest.mark.parametrize("name", SLOW)
def test_activations_that_onnx_does_not_know_agree_with_keras(name, layer, chain):
    chain((6, 2), layer(4, activation=name, return_sequences=True), layer(3, activation=name))


def test_large_numbers_agree_with_keras(layer, keras, agrees, numbers):
    model = keras.Sequential([keras.Input((2, 3)), layer(4, activation="softplus")])

    agrees(model, (numbers.normal(size=(20, 2, 3)) * 100).astype("f4"))


def test_layers_without_bias_agree_with_keras(layer, chain):
    chain((6, 2), layer(4, use_bias=False))


def test_the_older_gru_agrees_with_keras(keras, chain, masked):
    gru = keras.layers.GRU

    chain((6, 2), gru(4, reset_after=False))
    chain((6, 2), gru(4, reset_after=False, activation="gelu"))
    chain((6, 2), gru(4, activation="gelu"))
    masked(gru(4, reset_after=False))


@pytest.mark.parametrize("mode", ["concat", "sum", "ave", "mul"])
def test_both_directions_agree_with_keras(mode, layer, keras, chain, masked):
    both = keras.layers.Bidirectional

    chain((6, 2), both(layer(4, return_sequences=True), merge_mode=mode), both(layer(3)))
    masked(both(layer(4, return_sequences=True), merge_mode=mode), both(layer(3)))


def test_masks_agree_with_keras(layer, masked):
    masked(layer(4, return_sequences=True), layer(3))
    masked(layer(4, return_sequences=True))
    masked(layer(4, return_sequences=True, go_backwards=True))
    masked(layer(4, zero_output_for_mask=True))
    masked(layer(4, zero_output_for_mask=True, return_sequences=True))
    masked(layer(4, zero_output_for_mask=True, go_backwards=True))


def test_masks_in_slow_layers_agree_with_keras(layer, keras, masked):
    both = keras.layers.Bidirectional

    masked(layer(4, activation="gelu", return_sequences=True), layer(3, activation="gelu"))
    masked(both(layer(4, activation="gelu", return_sequences=True)))
    masked(layer(4, activation="gelu", zero_output_for_mask=True, return_sequences=True))


def test_cells_agree_with_keras(cell, keras, masked):
    rnn = keras.layers.RNN

    masked(
        rnn(cell(4), return_sequences=True),
        rnn(cell(3), go_backwards=True, return_sequences=True),
        rnn([cell(3), keras.layers.LSTMCell(4)]),
    )
    masked(rnn(cell(4), zero_output_for_mask=True))
    masked(keras.layers.Bidirectional(rnn(cell(4), return_sequences=True)))


def test_states_agree_with_keras(layer, keras, agrees, numbers):
    steps = keras.Input((6, 2))
    layers = keras.layers
    answer, *states = layer(4, return_state=True)(steps)
    again = layer(4)(steps, initial_state=states)
    both = layers.Bidirectional(layer(4, return_state=True, return_sequences=True))(steps)
    last = layers.Bidirectional(layer(4))(steps, initial_state=both[1:])

    agrees(
        keras.Model(steps, layers.Concatenate()([answer, *states, again, *both[1:], last])),
        numbers.normal(size=(3, 6, 2)).astype("f4"),
    )


def test_states_of_stacked_cells_agree_with_keras(cell, keras, agrees, numbers):
    steps = keras.Input((6, 2))
    outputs = keras.layers.RNN([cell(4), cell(3)], return_state=True)(steps)

    agrees(
        keras.Model(steps, keras.layers.Concatenate()(keras.tree.flatten(outputs))),
        numbers.normal(size=(3, 6, 2)).astype("f4"),
    )


def test_a_cell_by_itself_agrees_with_keras(keras, agrees, numbers):
    x, h, c = keras.Input((4,)), keras.Input((3,)), keras.Input((3,))
    answer, [_, new] = keras.layers.LSTMCell(3)(x, [h, c])
    arrays = [numbers.normal(size=(2, size)).astype("f4") for size in (4, 3, 3)]

    agrees(keras.Model([x, h, c], keras.layers.Concatenate()([answer, new])), *arrays)


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_convolutional_lstm_agrees_with_keras(rank, keras, chain):
    layer = getattr(keras.layers, f"ConvLSTM{rank}D")
    space = {1: (6,), 2: (6, 5), 3: (4, 5, 3)}[rank]

    chain(
        (4, *space, 2), layer(3, 2, return_sequences=True, padding="same"), layer(2, 2, strides=2)
    )
    chain((4, *space, 2), keras.layers.Bidirectional(layer(3, 2, return_sequences=True)))
    chain((4, 2, *space), layer(3, 2, return_sequences=True, data_format="channels_first"))


def test_an_open_number_of_steps_agrees_with_keras(keras, chain):
    layers = keras.layers

    chain(
        (None, 1),
        layers.Conv1D(3, 3, padding="causal"),
        layers.Bidirectional(layers.LSTM(4, return_sequences=True)),
        layers.GRU(4, activation="gelu"),
        layers.Dense(1),
    )


def test_masked_averages_agree_with_keras(keras, masked, agrees, numbers):
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((7,), dtype="int32"),
            layers.Embedding(5, 4, mask_zero=True),
            layers.Dense(3),
            layers.GlobalAveragePooling1D(),
        ]
    )
    ids = numbers.integers(0, 5, (9, 7)).astype("i4")
    ids[:, 3] = 1

    agrees(model, ids)


def test_masking_by_value_agrees_with_keras(keras, agrees, numbers):
    x = numbers.normal(size=(4, 7, 2)).astype("f4")
    x[numbers.uniform(size=(4, 7)) < 0.4] = 0.5
    layers = keras.layers

    agrees(keras.Sequential([keras.Input((7, 2)), layers.Masking(0.5), layers.LSTM(3)]), x)


@pytest.mark.parametrize("axis", [1, -1])
def test_masks_of_joined_inputs_agree_with_keras(axis, keras, agrees, numbers):
    layers = keras.layers
    one, two = keras.Input((7,), dtype="int32"), keras.Input((7,), dtype="int32")
    masked, plain = layers.Embedding(5, 3, mask_zero=True), layers.Embedding(5, 3)
    ids = numbers.integers(0, 5, (2, 5, 7)).astype("i4")
    joined = layers.Concatenate(axis=axis)([masked(one), plain(two)])
    added = layers.Add()([masked(one), masked(two)])

    agrees(keras.Model([one, two], layers.LSTM(3)(joined)), *ids)
    agrees(keras.Model([one, two], layers.LSTM(3)(added)), *ids)


def test_a_mask_that_is_an_input_agrees_with_keras(keras, agrees, numbers):
    layers = keras.layers
    steps, mask = keras.Input((6, 4)), keras.Input((6,), dtype="bool")
    between = layers.LSTM(3, return_sequences=True)(steps, mask=mask)
    outputs = layers.GlobalAveragePooling1D()(between, mask=mask)
    kept = numbers.uniform(size=(4, 6)) < 0.6
    kept[:, 0] = True

    agrees(keras.Model([steps, mask], outputs), numbers.normal(size=(4, 6, 4)).astype("f4"), kept)
