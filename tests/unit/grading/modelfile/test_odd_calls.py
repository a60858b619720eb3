"""Calls in functional models that no Keras writes are refused, and are no fault of ours."""

from __future__ import annotations

import pytest

from assay.errors import Refusal
from assay.grading import refusals
from assay.grading.modelfile import read
from assay.grading.modelfile.writing import h5_file, layer


def functional(called, *arguments, module="keras.layers", **options):
    """A model of Keras 3 whose second layer is called with `arguments`."""
    entrance = layer("InputLayer", "i", batch_shape=[None, 4]) | {"name": "i", "inbound_nodes": []}
    inner = layer(called, "odd", **options) | {
        "name": "odd",
        "module": module,
        "inbound_nodes": [{"args": list(arguments), "kwargs": {}}],
    }
    return layer(
        "Functional",
        "model",
        layers=[entrance, inner],
        input_layers=[["i", 0, 0]],
        output_layers=[["odd", 0, 0]],
    )


OPS = "keras.src.ops.numpy"
X = {
    "class_name": "__keras_tensor__",
    "config": {"shape": [None, 4], "dtype": "float32", "keras_history": ["i", 0, 0]},
}


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("Softmax", {}),
        ("LSTM", {"units": 2}),
        ("Bidirectional", {"layer": layer("LSTM", "inner", units=2)}),
        ("Activation", {"activation": "relu"}),
        ("Reshape", {"target_shape": [2, 2]}),
        ("Transpose", {}),
        ("Squeeze", {}),
        ("Split", {}),
        ("GetItem", {}),
        ("Mean", {}),
        ("Argmax", {}),
        ("Add", {}),
        ("Dense", {"units": 1}),
    ],
)
@pytest.mark.parametrize("module", ["keras.layers", OPS])
def test_a_layer_that_is_called_without_an_input_is_refused(kind, options, module):
    with pytest.raises(Refusal) as caught:
        read(h5_file(functional(kind, module=module, **options), {}))

    assert caught.value.code


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 1e300, -1e39])
def test_a_number_that_float32_cannot_hold_is_refused(number):
    with pytest.raises(Refusal):
        read(h5_file(functional("Add", X, number, module=OPS), {}))
    with pytest.raises(Refusal):
        read(h5_file(functional("Multiply", X, [[number] * 4], module=OPS), {}))


def test_the_same_call_with_an_honest_number_is_read():
    assert read(h5_file(functional("Add", X, 2.5, module=OPS), {})).output.shape == (4,)


def test_arguments_that_are_no_list_are_refused():
    odd = functional("Activation", X, activation="relu")
    odd["config"]["layers"][1]["inbound_nodes"] = [{"args": 7, "kwargs": {}}]

    with pytest.raises(refusals.UnreadableConfig):
        read(h5_file(odd, {}))
