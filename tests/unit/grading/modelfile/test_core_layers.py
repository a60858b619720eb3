"""Dense, Embedding, activations, merges: every option against Keras."""

from __future__ import annotations

import numpy as np
import pytest

from assay.grading.modelfile.layers.activations import FUNCTIONS

pytestmark = pytest.mark.train

STACKS = {
    "Dense": ((3,), lambda k: [k.Dense(4, activation="relu"), k.Dense(2, activation="softmax")]),
    "Dense without bias": ((3,), lambda k: [k.Dense(4, use_bias=False)]),
    "Dense on steps": ((5, 3), lambda k: [k.Dense(4), k.Dense(2)]),
    "Dense on pictures": ((4, 5, 3), lambda k: [k.Dense(2, activation="softmax")]),
    "Flatten": ((4, 5, 3), lambda k: [k.Flatten(), k.Dense(2)]),
    "Flatten, channels first": ((4, 5, 3), lambda k: [k.Flatten(data_format="channels_first")]),
    "dropouts": (
        (5, 3),
        lambda k: [
            k.Dropout(0.5),
            k.GaussianDropout(0.5),
            k.AlphaDropout(0.5),
            k.GaussianNoise(1.0),
            k.SpatialDropout1D(0.5),
            k.ActivityRegularization(l1=1.0),
            k.Identity(),
        ],
    ),
    "EinsumDense": (
        (4, 3),
        lambda k: [
            k.EinsumDense("abc,cd->abd", output_shape=(None, 5), bias_axes="d", activation="relu"),
            k.EinsumDense("...x,xy->...y", output_shape=6, bias_axes="y"),
            k.EinsumDense("abc,cde->abde", output_shape=(None, 2, 3), bias_axes="de"),
            k.EinsumDense("abde,dec->abc", output_shape=(None, 2)),
        ],
    ),
    "EinsumDense over steps": (
        (4, 3),
        lambda k: [k.EinsumDense("abc,bd->acd", output_shape=(3, 5), bias_axes="c")],
    ),
    "LeakyReLU": ((6,), lambda k: [k.LeakyReLU(0.1)]),
    "ReLU": ((6,), lambda k: [k.ReLU(max_value=1.0, negative_slope=0.1, threshold=0.2)]),
    "ReLU6": ((6,), lambda k: [k.ReLU(6.0)]),
    "ELU": ((6,), lambda k: [k.ELU(0.5)]),
    "PReLU": ((6, 4), lambda k: [k.PReLU()]),
    "PReLU, shared": ((6, 4), lambda k: [k.PReLU(shared_axes=[1])]),
    "Softmax": ((6, 4), lambda k: [k.Softmax(), k.Softmax(axis=1), k.Softmax(axis=[1, 2])]),
    "a layer as activation": ((6,), lambda k: [k.Dense(3, activation=k.LeakyReLU(0.2))]),
}


@pytest.mark.parametrize("stack", STACKS)
def test_it_agrees_with_keras(stack, keras, chain):
    shape, layers = STACKS[stack]

    chain(shape, *layers(keras.layers))


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_activations_agree_with_keras(name, keras, agrees, numbers):
    model = keras.Sequential([keras.Input((6,)), keras.layers.Activation(name)])

    agrees(model, (numbers.normal(size=(50, 6)) * 3).astype("f4"))


def test_every_activation_of_keras_is_covered(keras):
    public = {name for name in dir(keras.activations) if not name.startswith("_")}
    helpers = {"deserialize", "get", "serialize", "threshold"}  # threshold needs arguments

    assert public - helpers <= set(FUNCTIONS)


@pytest.mark.parametrize("kind", ["Average", "Maximum", "Minimum", "Multiply", "Add", "Subtract"])
def test_merges_agree_with_keras(kind, keras, agrees, numbers):
    one, two = keras.Input((4, 3)), keras.Input((1, 3))
    merge = getattr(keras.layers, kind)

    agrees(
        keras.Model([one, two], merge()([one, two])),
        numbers.normal(size=(3, 4, 3)).astype("f4"),
        numbers.normal(size=(3, 1, 3)).astype("f4"),
    )


@pytest.mark.parametrize("masked", ["both", "first", "second", "two of three"])
@pytest.mark.parametrize(
    "kind", ["Average", "Maximum", "Minimum", "Multiply", "Add", "Concatenate"]
)
def test_merges_of_masked_inputs_agree_with_keras(kind, masked, keras, agrees, numbers):
    number = 3 if masked == "two of three" else 2
    with_mask = {"both": {0, 1}, "first": {0}, "second": {1}, "two of three": {0, 2}}[masked]
    inputs = [keras.Input((5,), dtype="int32") for _ in range(number)]
    steps = [
        keras.layers.Embedding(4, 3, mask_zero=place in with_mask)(x)
        for place, x in enumerate(inputs)
    ]
    merged = getattr(keras.layers, kind)()(steps)
    pooled = keras.layers.GlobalAveragePooling1D()(merged)  # shows the merged mask
    everything = keras.layers.Concatenate()([keras.layers.Flatten()(merged), pooled])

    agrees(
        keras.Model(inputs, everything),
        *(numbers.integers(0, 3, (6, 5)).astype("int32") for _ in range(number)),
    )


def test_a_reshape_that_changes_nothing_loses_the_mask_all_the_same(keras, agrees, numbers):
    k = keras.layers
    ids = keras.Input((3,), dtype="int32")
    steps = k.Reshape((3, 2))(k.Embedding(3, 2, mask_zero=True)(ids))

    agrees(
        keras.Model(ids, k.GlobalAveragePooling1D()(steps)),
        np.array([[1, 2, 0], [0, 1, 0]], np.int32),
    )


@pytest.mark.parametrize("axis", [1, 2, -1])
def test_concatenation_agrees_with_keras(axis, keras, agrees, numbers):
    one, two = keras.Input((4, 3)), keras.Input((4, 3))

    agrees(
        keras.Model([one, two], keras.layers.Concatenate(axis=axis)([one, two])),
        *numbers.normal(size=(2, 3, 4, 3)).astype("f4"),
    )


@pytest.mark.parametrize(
    ("first", "second", "options"),
    [
        ((4, 3), (5, 3), {"axes": 2}),
        ((4, 3), (5, 3), {"axes": -1, "normalize": True}),
        ((3,), (3,), {"axes": 1}),
        ((3,), (5, 3), {"axes": (1, 2)}),
    ],
)
def test_dot_products_agree_with_keras(first, second, options, keras, agrees, numbers):
    one, two = keras.Input(first), keras.Input(second)

    agrees(
        keras.Model([one, two], keras.layers.Dot(**options)([one, two])),
        numbers.normal(size=(3, *first)).astype("f4"),
        numbers.normal(size=(3, *second)).astype("f4"),
    )


def test_embedding_agrees_with_keras(keras, chain):
    layers = keras.layers

    graph = chain((7,), layers.Embedding(5, 4), layers.Flatten(), layers.Dense(2), ids=5)

    assert graph.inputs[0].rows == 5


@pytest.mark.parametrize("tied", [True, False])
def test_reversible_embedding_agrees_with_keras(tied, keras, agrees, numbers):
    ids = keras.Input((7,), dtype="int32")
    cap = None if tied else 3.0
    layer = keras.layers.ReversibleEmbedding(9, 4, tie_weights=tied, logit_soft_cap=cap)
    outputs = layer(keras.layers.Dense(4)(layer(ids)), reverse=True)

    agrees(keras.Model(ids, outputs), numbers.integers(0, 9, (3, 7)).astype("i4"))


@pytest.mark.parametrize(
    ("layer", "ids"),
    [
        (lambda k: k.Discretization([0.0, 1.0, 2.0], output_mode="one_hot"), 0),
        (lambda k: k.Discretization([0.0, 1.0, 2.0], output_mode="multi_hot"), 0),
        (lambda k: k.Discretization([0.0, 1.0, 2.0], output_mode="count"), 0),
        (lambda k: k.CategoryEncoding(7, output_mode="one_hot"), 7),
        (lambda k: k.CategoryEncoding(7, output_mode="multi_hot"), 7),
        (lambda k: k.CategoryEncoding(7, output_mode="count"), 7),
    ],
)
@pytest.mark.parametrize("size", [1, 5])
def test_categories_agree_with_keras(layer, ids, size, keras, chain):
    chain((size,), layer(keras.layers), ids=ids, samples=9)


def test_discretization_feeds_an_embedding(keras, chain):
    layers = keras.layers

    chain((5,), layers.Discretization([0.0, 1.0, 2.0]), layers.Embedding(4, 2), samples=9)


@pytest.mark.parametrize(
    ("axis", "shape"), [(-1, (4,)), (None, (4,)), (1, (3, 4)), ([1, 2], (3, 4))]
)
@pytest.mark.parametrize("invert", [True, False])
def test_adapted_normalization_agrees_with_keras(axis, shape, invert, keras, chain, numbers):
    layer = keras.layers.Normalization(axis=axis, invert=invert)
    layer.adapt(numbers.normal(2, 3, (50, *shape)).astype("f4"))

    chain(shape, layer, new_weights=False)


def test_given_normalization_and_rescaling_agree_with_keras(keras, chain):
    layers = keras.layers

    chain(
        (2, 3),
        layers.Normalization(mean=1.0, variance=4.0),
        layers.Normalization(mean=[1.0, 2.0, 3.0], variance=[1.0, 4.0, 9.0]),
        layers.Rescaling(1 / 255, offset=-1.0),
        layers.Rescaling([1.0, 2.0, 3.0]),
    )


def test_half_precision_is_computed_in_single(keras, agrees, numbers):
    policy = keras.mixed_precision.Policy("mixed_float16")
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, dtype="float32")])
    model.layers[0].dtype_policy = policy
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, dtype=policy)])
    same = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    same.set_weights(model.get_weights())
    x = numbers.normal(size=(3, 3)).astype("f4")

    agrees(same, x, new_weights=False)
    assert np.asarray(model(x)) == pytest.approx(np.asarray(same(x)), abs=1e-2)
