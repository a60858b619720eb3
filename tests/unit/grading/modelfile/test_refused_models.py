"""Models that cannot be graded: which layer it is, why, and what to use instead."""

from __future__ import annotations

import numpy as np
import pytest

from assay.grading import refusals
from assay.grading.modelfile import read
from assay.grading.modelfile.uncovered import NOT_COVERED
from assay.grading.modelfile.writing import h5_file, keras_file, layer, sequential

DENSE = {"kernel": [[1.0]], "bias": [0.0]}
SCALE = {"gamma": [1.0], "beta": [0.0]}


def stack(*layers, shape=(1,), **weights):
    return h5_file(sequential(layers, shape), weights)


def refused(data, refusal):
    with pytest.raises(refusal) as caught:
        read(data)
    return caught.value


def code(**options):
    """A `Lambda` as Keras 2 saves it; the bytes would be Python's bytecode."""
    return layer("Lambda", "times_400", function=["4wEAAAA=", None, None], **options)


def test_a_lambda_from_the_course_comes_with_what_to_use_instead():
    refusal = refused(stack(code(), layer("Dense", "a", units=1), a=DENSE), refusals.LambdaLayer)

    assert "`times_400`" in refusal.render().message
    assert "Rescaling(400.0)" in refusal.render().remedy
    assert "Reshape((30, 1))" in refusal.render().remedy


def nested(inner):
    return layer("Sequential", "inside", layers=[inner])


def around(inner):
    return layer("TimeDistributed", "around", layer=inner)


def both_ways(inner):
    return layer("Bidirectional", "both", layer=inner)


def as_activation(inner):
    return layer("Dense", "a", units=1, activation=inner)


def as_cell(inner):
    return layer("RNN", "rnn", cell=inner)


def in_functional(inner):
    inner = inner | {"name": "times_400", "inbound_nodes": [[["input", 0, 0, {}]]]}
    entrance = layer("InputLayer", "input", batch_input_shape=[None, 1])
    return layer(
        "Functional",
        "model",
        layers=[entrance | {"name": "input", "inbound_nodes": []}, inner],
        input_layers=[["input", 0, 0]],
        output_layers=[["times_400", 0, 0]],
    )


@pytest.mark.parametrize(
    "hidden", [nested, around, both_ways, as_activation, as_cell, in_functional]
)
def test_a_lambda_is_found_wherever_it_hides(hidden):
    refusal = refused(stack(hidden(code()), a=DENSE), refusals.LambdaLayer)

    assert refusal.params["layer"] == "times_400"


@pytest.mark.parametrize("name", ["<lambda>", "lambda", "__lambda__"])
def test_a_lambda_as_activation_is_refused(name):
    data = stack(layer("Dense", "a", units=1, activation=name), a=DENSE)

    assert refused(data, refusals.UnknownFunction).params["function"] == "lambda"


@pytest.mark.parametrize(
    "function",
    [
        "my_function",
        {"class_name": "function", "config": "my_function", "module": "builtins"},
        {"class_name": "Custom>f", "config": "Custom>f"},
        "os.system",
        7,
    ],
)
def test_an_own_activation_is_refused(function):
    refused(
        stack(layer("Dense", "a", units=1, activation=function), a=DENSE),
        refusals.UnknownFunction,
    )


def test_an_own_layer_is_refused_by_its_class():
    refusal = refused(stack(layer("MyAttention", "mine")), refusals.CustomLayer)

    assert refusal.params == {"layer": "mine", "kind": "MyAttention"}


def of_module(module, kind="Dense", registered=None):
    entry = layer(kind, "a", units=1) | {"module": module, "registered_name": registered}
    config = sequential([entry], (1,))
    return keras_file(config, {"layers/dense": [[[1.0]], [0.0]]})


@pytest.mark.parametrize(
    ("module", "kind", "registered"),
    [
        (None, "Dense", "Dense"),
        ("__main__", "Dense", None),
        ("os", "system", None),
        ("builtins", "eval", None),
        ("kerasevil.layers", "Dense", None),
        ("keras.layers", "Dense", "my_package>Dense"),
        (["keras"], "Dense", None),
    ],
)
def test_a_class_from_elsewhere_is_refused_whatever_its_name(module, kind, registered):
    refused(of_module(module, kind, registered), refusals.CustomLayer)


@pytest.mark.parametrize("module", ["keras.layers", "keras.src.layers.core.dense", "tf_keras.x"])
def test_keras_own_modules_are_read(module):
    assert read(of_module(module)).parameters == 2


def test_functions_of_keras_are_no_layers():
    """As in CVE-2025-8747: a file that names `keras.utils.get_file` to fetch something."""
    refused(of_module("keras.utils", "get_file"), refusals.CustomLayer)


@pytest.mark.parametrize("kind", sorted(set(NOT_COVERED) - {"Lambda"}))
def test_layers_of_keras_that_are_not_covered_are_refused_by_name(kind):
    refusal = refused(stack(layer(kind, "it")), refusals.UnknownLayer)

    assert refusal.params == {"layer": "it", "kind": kind}


@pytest.mark.parametrize(
    ("kind", "options", "option"),
    [
        ("Dense", {"units": 1, "shiny_new_option": 7}, "shiny_new_option"),
        ("Dense", {"units": 1, "lora_rank": 4}, "lora_rank"),
        ("Dense", {"units": 1, "quantization_config": {"class_name": "x"}}, "quantization_config"),
        ("Dropout", {"rate": 0.5, "shiny_new_option": True}, "shiny_new_option"),
    ],
)
def test_an_option_that_is_not_known_is_refused_by_name(kind, options, option):
    refusal = refused(stack(layer(kind, "a", **options), a=DENSE), refusals.UnsupportedOption)

    assert refusal.params["layer"] == "a"
    assert refusal.params["option"] == option


def test_quantized_weights_are_refused():
    policy = {"class_name": "QuantizedDTypePolicy", "config": {"mode": "int8"}}
    data = stack(layer("Dense", "a", units=1, dtype=policy), a=DENSE)

    assert refused(data, refusals.UnsupportedOption).params["value"] == "quantized"


def test_a_stateful_layer_comes_with_how_to_make_it_stateless():
    refusal = refused(
        stack(
            layer("LSTM", "memory", units=1, stateful=True),
            shape=(3, 1),
            memory={
                "kernel": np.ones((1, 4)),
                "recurrent_kernel": np.ones((1, 4)),
                "bias": np.zeros(4),
            },
        ),
        refusals.StatefulLayer,
    )

    assert "new.set_weights(old.get_weights())" in refusal.render().remedy


def test_a_model_that_does_not_know_its_input_says_so():
    config = {
        "class_name": "Sequential",
        "config": {"name": "s", "layers": [layer("Dense", "a", units=1)]},
    }

    refused(h5_file(config, {"a": DENSE}), refusals.InputShapeUnknown)


def test_an_empty_model_says_so():
    refused(stack(), refusals.NoLayers)


def test_a_subclassed_model_is_refused_by_its_class():
    config = {"class_name": "MyModel", "config": {"name": "mine"}}

    assert refused(h5_file(config, {}), refusals.CustomLayer).params["kind"] == "MyModel"


def test_a_layer_as_the_whole_model_is_refused():
    refused(h5_file(layer("Dense", "a", units=1), {"a": DENSE}), refusals.CustomLayer)


def test_layers_that_do_not_fit_together_are_told_with_their_shapes():
    weights = {"kernel": np.ones((2, 1)), "bias": [0.0]}
    refusal = refused(stack(layer("Dense", "a", units=1), a=weights), refusals.ShapesDoNotFit)

    assert refusal.params["expected"] == "(2,)"
    assert refusal.params["received"] == "(1,)"


def test_a_window_larger_than_the_picture_is_told_with_its_size():
    data = stack(layer("MaxPooling2D", "pool", pool_size=[5, 5]), shape=(3, 3, 1))

    assert refused(data, refusals.ShapesDoNotFit).params["expected"] == "(5, 5)"


def test_a_size_that_must_be_known_is_told():
    data = stack(
        layer("RepeatVector", "r", n=2), layer("GroupNormalization", "g"), shape=(None,), g=SCALE
    )

    assert refused(data, refusals.SizeUnknown).params["layer"] == "g"


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        "a" * 10_000,
        "\x1b[31mred",
        "层",
        "",
        "{layer}",
        "%s%n",
        7,
        None,
    ],
)
def test_names_are_harmless_before_anybody_reads_them(name):
    refusal = refused(stack(layer("Mine", name)), refusals.CustomLayer)

    assert len(refusal.params["layer"]) <= 64
    assert set(refusal.params["layer"]) <= set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-/ ?"
    )
    assert refusal.render().message


# Bombs


def test_layers_inside_layers_without_end_are_refused():
    inner = layer("Dense", "a", units=1)
    for _ in range(15):
        inner = layer("TimeDistributed", "t", layer=inner)

    refused(stack(inner), refusals.UnreadableConfig)


def doubling(depth):
    """A model that calls a model twice, which calls a model twice, ..."""
    inner = layer("Rescaling", "r", scale=1.0)
    for number in range(depth):
        name = f"level{number}"
        key = inner["config"]["name"]
        shift = 0 if number == 0 else 1
        inner = layer(
            "Functional",
            name,
            layers=[
                layer("InputLayer", "i", batch_shape=[None, 1])
                | {"name": "i", "inbound_nodes": []},
                inner
                | {
                    "name": key,
                    "inbound_nodes": [[["i", 0, 0, {}]], [[key, shift, 0, {}]]],
                },
            ],
            input_layers=[["i", 0, 0]],
            output_layers=[[key, 1 + shift, 0]],
        )
    return inner


def test_shared_models_that_double_and_double_are_refused():
    assert read(h5_file(doubling(3), {})).multiply_adds == 8

    refused(stack(*[doubling(9)] * 25), refusals.TooManyLayers)


def test_a_layer_that_waits_for_itself_is_refused():
    entrance = layer("InputLayer", "i", batch_shape=[None, 1]) | {"name": "i", "inbound_nodes": []}
    one = layer("Activation", "one", activation="relu") | {
        "name": "one",
        "inbound_nodes": [[["two", 0, 0, {}]]],
    }
    two = layer("Activation", "two", activation="relu") | {
        "name": "two",
        "inbound_nodes": [[["one", 0, 0, {}]]],
    }
    config = layer(
        "Functional",
        "model",
        layers=[entrance, one, two],
        input_layers=[["i", 0, 0]],
        output_layers=[["two", 0, 0]],
    )

    refused(h5_file(config, {}), refusals.UnreadableConfig)


@pytest.mark.parametrize(
    "bomb",
    [
        layer("RepeatVector", "b", n=2**31 - 1),
        layer("UpSampling1D", "b", size=2**31 - 1),
        layer("ZeroPadding1D", "b", padding=[2**31 - 2, 0]),
        layer("Dense", "b", units=2**31 - 1),
        layer("Dense", "b", units=10**30),
        layer("Embedding", "b", input_dim=2**31 - 1, output_dim=2**31 - 1),
    ],
)
def test_bombs_are_refused_or_counted_before_anything_is_allocated(bomb):
    try:
        graph = read(stack(bomb, shape=(1, 1)[: 1 if bomb["class_name"] == "RepeatVector" else 2]))
    except refusals.Refusal:
        return
    assert graph.activation_bytes > 2**31


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "1", None, [1], 1e400, True])
def test_numbers_that_are_none_are_refused(value):
    data = stack(layer("BatchNormalization", "n", epsilon=value, center=False, scale=False))

    if value is None:
        refused(data, refusals.WeightsMissing)
        return
    with pytest.raises(refusals.Refusal):
        read(data)
