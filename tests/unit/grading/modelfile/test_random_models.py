"""Models that nobody thought of, against Keras: a few every day, some thousands now and then."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

pytestmark = pytest.mark.train

SIZES = st.integers(1, 5)
ACTIVATIONS = st.sampled_from(
    ["linear", "relu", "tanh", "sigmoid", "elu", "selu", "gelu", "swish", "softplus", "softmax"]
)
PADDINGS = st.sampled_from(["valid", "same"])
RELAXED = settings(
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def dense(k, draw, _x):
    return k.Dense(draw(SIZES), activation=draw(ACTIVATIONS), use_bias=draw(st.booleans()))


def anywhere(k, draw, x):
    # The spread of a single number is nought: what is left there is rounding, Keras's own too.
    alone = [k.BatchNormalization] if x.shape[-1] == 1 else [k.LayerNormalization]
    return draw(
        st.sampled_from(
            [
                k.BatchNormalization,
                *alone,
                k.PReLU,
                k.UnitNormalization,
                lambda: k.Dropout(0.5),
                lambda: k.LeakyReLU(0.2),
                lambda: k.Rescaling(0.5, 0.1),
                lambda: k.Activation(draw(ACTIVATIONS)),
            ]
        )
    )()


def convolution(k, draw, x):
    rank = len(x.shape) - 2
    padding = draw(PADDINGS)
    room = min(x.shape[1:-1]) if padding == "valid" else 5
    size = draw(st.integers(1, min(room, 4)))
    strides = draw(st.integers(1, 3))
    kind = draw(st.sampled_from(["Conv", "Conv", "SeparableConv", "DepthwiseConv", "Transpose"]))
    if kind == "Transpose":
        layer = getattr(k, f"Conv{rank}DTranspose")
        return layer(draw(SIZES), size, strides=draw(st.integers(1, 2)), padding=padding)
    if rank == 3:
        kind = "Conv"
    options = {"padding": padding, "strides": strides, "activation": draw(ACTIVATIONS)}
    if strides == 1 and draw(st.booleans()):
        options["dilation_rate"] = draw(st.integers(1, 1 if padding == "valid" else 3))
    if kind == "DepthwiseConv":
        return getattr(k, f"{kind}{rank}D")(size, depth_multiplier=draw(SIZES), **options)
    return getattr(k, f"{kind}{rank}D")(draw(SIZES), size, **options)


def pooling(k, draw, x):
    rank = len(x.shape) - 2
    kind = draw(st.sampled_from(["Max", "Average"]))
    size = draw(st.integers(1, min(*x.shape[1:-1], 3)))
    padding = draw(PADDINGS)
    return getattr(k, f"{kind}Pooling{rank}D")(size, draw(st.integers(1, 3)), padding=padding)


def space(k, draw, x):
    rank = len(x.shape) - 2
    kind = draw(st.sampled_from(["ZeroPadding", "UpSampling", "Cropping"]))
    if kind == "Cropping":
        amount = draw(st.integers(0, (min(x.shape[1:-1]) - 1) // 2))
    else:
        amount = draw(st.integers(1, 2))
    return getattr(k, f"{kind}{rank}D")(amount)


def recurrent(k, draw, _x):
    options = {
        "return_sequences": draw(st.booleans()),
        "activation": draw(ACTIVATIONS.filter(lambda name: name != "softmax")),
        "use_bias": draw(st.booleans()),
    }
    kind = draw(st.sampled_from(["LSTM", "GRU", "SimpleRNN"]))
    if kind == "GRU":
        options["reset_after"] = draw(st.booleans())
    layer = getattr(k, kind)(draw(SIZES), **options)
    if draw(st.booleans()):
        mode = draw(st.sampled_from(["concat", "sum", "mul", "ave"]))
        return k.Bidirectional(layer, merge_mode=mode)
    return layer


def flatten(k, draw, x):
    rank = len(x.shape) - 2
    choices = [k.Flatten]
    if rank >= 1:
        choices += [getattr(k, f"Global{kind}Pooling{rank}D") for kind in ("Average", "Max")]
    return draw(st.sampled_from(choices))()


def reshape(k, draw, x):
    sizes = x.shape[1:]
    return draw(
        st.sampled_from(
            [
                k.Reshape((-1, sizes[-1])),
                k.Reshape((*sizes, 1)) if len(sizes) < 4 else k.Reshape(sizes),
                k.Permute(tuple(range(len(sizes), 0, -1))),
            ]
        )
    )


def layer_for(k, draw, x):
    """Draw a layer that takes `x`."""
    axes = len(x.shape)
    choices = [dense, dense, anywhere, anywhere, reshape]
    if axes == 2:
        choices.append(lambda k, draw, x: k.RepeatVector(draw(SIZES)))
    if axes == 3:
        choices += [recurrent, recurrent]
    if axes > 2:
        choices += [flatten]
    if 3 <= axes <= 5:
        choices += [convolution, convolution, pooling, space]
    return draw(st.sampled_from(choices))(k, draw, x)


def joined(k, draw, x):
    """Draw two branches and a layer that joins them."""
    one, two = (k.Dense(4, activation=draw(ACTIVATIONS))(x) for _ in range(2))
    merge = draw(
        st.sampled_from([k.Add, k.Multiply, k.Average, k.Maximum, k.Minimum, k.Concatenate])
    )
    return merge()([one, two])


def build(keras, draw):
    """Draw a model and say what its input is."""
    k = keras.layers
    kind = draw(st.sampled_from(["features", "steps", "picture", "words", "volume"]))
    ids = 0
    if kind == "words":
        ids = draw(st.integers(2, 9))
        x = inputs = keras.Input((draw(st.integers(1, 8)),), dtype="int32")
        x = k.Embedding(ids, draw(SIZES), mask_zero=draw(st.booleans()))(x)
    else:
        rank = {"features": 0, "steps": 1, "picture": 2, "volume": 3}[kind]
        most = 8 if rank < 3 else 5
        shape = (*(draw(st.integers(2, most)) for _ in range(rank)), draw(SIZES))
        x = inputs = keras.Input(shape)
    for _ in range(draw(st.integers(1, 6))):
        joins = draw(st.integers(0, 5)) == 0
        x = joined(k, draw, x) if joins else layer_for(k, draw, x)(x)
    if draw(st.booleans()) and kind != "words":
        inner = keras.Model(inputs, x)
        inner.trainable = draw(st.booleans())
        inputs = keras.Input(inputs.shape[1:])
        x = k.Dense(2)(inner(inputs))
    return keras.Model(inputs, x), ids


def compare(keras, agrees, numbers, data):
    # The same example has the same weights again, so that a failure can be looked at.
    numbers.bit_generator.state = np.random.default_rng(
        data.draw(st.integers(0, 999))
    ).bit_generator.state
    keras.utils.clear_session()
    model, ids = build(keras, data.draw)
    shape = model.inputs[0].shape[1:]
    x = numbers.integers(0, ids, (4, *shape)) if ids else numbers.normal(size=(4, *shape))
    agrees(model, x.astype("int32" if ids else "float32"), ill_conditioned=True)


@settings(RELAXED, max_examples=15, derandomize=True)
@given(data=st.data())
def test_random_models_agree_with_keras(keras, agrees, numbers, data):
    compare(keras, agrees, numbers, data)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@settings(RELAXED, max_examples=3000)
@given(data=st.data())
def test_thousands_of_random_models_agree_with_keras(keras, agrees, numbers, data):
    compare(keras, agrees, numbers, data)
