"""Functional and nested models, and the operations between layers, against Keras."""

from __future__ import annotations

import numpy as np
import pytest

pytestmark = pytest.mark.train

OPERATIONS = {
    "scaling": lambda x, k: (x / 127.5 - 1.0) * 2 + x**2 - (-x),
    "right-hand side": lambda x, k: 1.0 - x + 2.0 / (k.abs(x) + 1),
    "division": lambda x, k: (x * 3) // 2 + (x * 3) % 2,
    "comparison": lambda x, k: k.cast(x > 0.1, "float32") + k.where(x < 0, x, 0.5),
    "logic": lambda x, k: k.cast(
        k.logical_or(k.logical_and(x > 0, x < 1), k.logical_not(x < 2)), "float32"
    ),
    "reductions": lambda x, k: k.concatenate(
        [
            reduce(x, axis=1)
            for reduce in (k.mean, k.sum, k.max, k.min, k.var, k.std, k.logsumexp, k.prod)
        ],
        axis=-1,
    ),
    "reduction, kept": lambda x, k: k.mean(x, axis=[1, 2], keepdims=True),
    "any, all": lambda x, k: (
        k.cast(k.any(x > 1, axis=1), "float32") + k.cast(k.all(x > -2, axis=1), "float32")
    ),
    "one step": lambda x, k: x[:, 1] + x[:, -1],
    "slices": lambda x, k: x[:, ::2, 1:3],
    "ellipsis": lambda x, k: x[..., 0],
    "new axis": lambda x, k: x[:, None, :, 2:],
    "backwards": lambda x, k: x[:, ::-1, ::-1],
    "a slice backwards": lambda x, k: x[:, 4:1:-1],
    "reshape": lambda x, k: k.reshape(k.transpose(x, (0, 2, 1)), (-1, 3, 8)),
    "squeeze": lambda x, k: k.squeeze(k.expand_dims(x, 2), 2),
    "stack": lambda x, k: k.stack([x, x * 2], axis=-1),
    "split": lambda x, k: k.concatenate(k.split(x, 2, axis=-1)[::-1], axis=1),
    "split at places": lambda x, k: k.split(x, [1, 3], axis=1)[1],
    "repeat": lambda x, k: k.repeat(x, 3, axis=1),
    "tile": lambda x, k: k.tile(x, (1, 2, 3)),
    "flip": lambda x, k: k.flip(x, axis=1),
    "take": lambda x, k: k.take(x, [2, 0, 2], axis=1),
    "swap": lambda x, k: k.swapaxes(x, 1, 2),
    "functions": lambda x, k: (
        k.sqrt(k.abs(x)) + k.exp(x) + k.log(k.abs(x) + 1) + k.square(x) + k.sin(x) + k.tanh(x)
    ),
    "rounding": lambda x, k: k.sign(x) + k.floor(x) + k.round(x) + k.ceil(x),
    "more functions": lambda x, k: (
        k.rsqrt(k.abs(x) + 1)
        + k.log1p(k.abs(x))
        + k.expm1(x)
        + k.log2(k.abs(x) + 1)
        + k.log10(k.abs(x) + 1)
        + k.reciprocal(x + 10)
        + k.erf(x)
        + k.cos(x)
    ),
    "activations": lambda x, k: (
        k.relu(x) + k.relu6(x * 5) + k.sigmoid(x) + k.silu(x) + k.gelu(x) + k.elu(x) + k.selu(x)
    ),
    "more activations": lambda x, k: (
        k.leaky_relu(x)
        + k.softplus(x)
        + k.softsign(x)
        + k.hard_sigmoid(x)
        + k.hard_silu(x)
        + k.celu(x)
        + k.log_sigmoid(x)
        + k.softmax(x)
        + k.log_softmax(x, axis=1)
    ),
    "clipping": lambda x, k: k.clip(x, -0.5, 0.7) + k.maximum(x, 0.1) + k.minimum(x, x * 2),
    "normalize": lambda x, k: k.normalize(x, axis=1),
    "matrices": lambda x, k: k.matmul(x, k.transpose(x, (0, 2, 1))),
    "a constant matrix": lambda x, k: k.matmul(x, np.arange(12, dtype="f4").reshape(4, 3)),
    "einsum": lambda x, k: k.einsum("abc,adc->abd", x, x),
    "a constant": lambda x, k: x * np.arange(4, dtype="f4"),
    "filled": lambda x, k: k.zeros_like(x) + k.ones_like(x) + k.absolute(x),
    "one hot": lambda x, k: k.one_hot(k.cast(k.abs(x * 3), "int32"), 5),
    "argmax": lambda x, k: k.cast(k.argmax(x, axis=1), "float32"),
}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_operations_agree_with_keras(operation, keras, agrees, numbers):
    x = keras.Input((6, 4))

    agrees(
        keras.Model(x, OPERATIONS[operation](x, keras.ops)),
        numbers.normal(size=(3, 6, 4)).astype("f4"),
    )


def test_activation_functions_as_operations_agree_with_keras(keras, agrees, numbers):
    x = keras.Input((6,))
    bent = keras.activations.relu(x, max_value=1.0, negative_slope=0.1, threshold=0.1)

    agrees(
        keras.Model(x, bent + keras.activations.gelu(x)), numbers.normal(size=(9, 6)).astype("f4")
    )


def test_branches_and_shared_layers_agree_with_keras(keras, agrees, numbers):
    layers = keras.layers
    one, two = keras.Input((4,), name="b"), keras.Input((3,), name="a")
    shared = layers.Dense(4)
    x, y = shared(one), shared(layers.Dense(4)(two))
    outputs = layers.Dense(2)(layers.Concatenate()([x, y, shared(x), layers.Add()([x, y])]))

    agrees(
        keras.Model([one, two], outputs),
        numbers.normal(size=(5, 4)).astype("f4"),
        numbers.normal(size=(5, 3)).astype("f4"),
    )


def test_inputs_are_told_apart_by_name(keras, agrees, numbers, tmp_path):
    one, two = keras.Input((4,), name="one"), keras.Input((4,), name="two")
    graph = agrees(
        keras.Model([one, two], keras.layers.Subtract()([one, two])),
        *numbers.normal(size=(2, 5, 4)).astype("f4"),
    )

    assert [port.name for port in graph.inputs] == ["one", "two"]


def nested(keras):
    """A frozen model inside another one, as the tutorial on transfer learning builds it."""
    layers = keras.layers
    entrance = keras.Input((8, 8, 3))
    x = layers.SeparableConv2D(4, 3, padding="same")(entrance)
    x = layers.ReLU(6.0)(layers.BatchNormalization()(x))
    base = keras.Model(entrance, layers.Add()([x, layers.Conv2D(4, 1)(x)]), name="base")
    base.trainable = False
    inputs = keras.Input((8, 8, 3))
    x = layers.GlobalAveragePooling2D()(base(inputs / 127.5 - 1.0, training=False))
    return keras.Model(inputs, layers.Dense(2, activation="softmax")(layers.Dropout(0.2)(x)))


def test_transfer_learning_agrees_with_keras(keras, agrees, numbers):
    agrees(nested(keras), (numbers.normal(size=(3, 8, 8, 3)) * 60).astype("f4"))


def test_a_nested_model_of_which_a_layer_is_frozen_agrees_with_keras(keras, agrees, numbers):
    layers = keras.layers
    inner = keras.Sequential(
        [keras.Input((4,)), layers.Dense(4), layers.BatchNormalization(), layers.Dense(4)]
    )
    inner.layers[0].trainable = False

    agrees(
        keras.Sequential([keras.Input((4,)), inner, layers.Dense(2)]),
        numbers.normal(size=(5, 4)).astype("f4"),
    )


def test_a_nested_model_that_is_called_twice_agrees_with_keras(keras, agrees, numbers):
    layers = keras.layers
    chain = keras.Sequential([keras.Input((4,)), layers.Dense(4), layers.BatchNormalization()])
    entrance = keras.Input((4,))
    graph = keras.Model(entrance, [layers.Dense(4)(entrance), layers.Dense(3)(entrance)])
    x = keras.Input((4,))
    one, _ = graph(chain(x))
    two, three = graph(chain(one))

    agrees(
        keras.Model(x, layers.Concatenate()([one, two, three])),
        numbers.normal(size=(5, 4)).astype("f4"),
    )


def test_models_without_weights_do_not_confuse_the_numbering(keras, agrees, numbers):
    layers = keras.layers
    augmentation = keras.Sequential([keras.Input((4, 4, 1)), layers.RandomFlip()])
    body = keras.Sequential([keras.Input((4, 4, 1)), layers.Conv2D(2, 2), layers.Flatten()])
    model = keras.Sequential([keras.Input((4, 4, 1)), augmentation, body, layers.Dense(2)])

    agrees(model, numbers.normal(size=(3, 4, 4, 1)).astype("f4"))


def test_a_model_inside_time_distributed_agrees_with_keras(keras, agrees, numbers):
    layers = keras.layers
    inner = keras.Sequential([keras.Input((6,)), layers.Dense(3), layers.BatchNormalization()])
    model = keras.Sequential([keras.Input((4, 6)), layers.TimeDistributed(inner), layers.GRU(2)])

    agrees(model, numbers.normal(size=(2, 4, 6)).astype("f4"))


def test_a_model_that_is_not_told_its_input_until_it_is_called(keras, agrees, numbers):
    model = keras.Sequential([keras.layers.Dense(3), keras.layers.Dense(2)])
    x = numbers.normal(size=(3, 4)).astype("f4")
    model(x)

    agrees(model, x)
