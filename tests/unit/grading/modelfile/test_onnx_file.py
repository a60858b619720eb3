"""ONNX files: scikit-learn, PyTorch and JAX users sit the same exam."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from assay.grading import refusals
from assay.grading.engine import Session
from assay.grading.modelfile import read
from assay.items.contract import Contract, InputSpec, OutputKind, OutputSpec

KERNEL = np.arange(6, dtype="f4").reshape(3, 2)
X = np.array([[1, 0, 0], [0, 1, 1]], "f4")


def value(name, shape, dtype=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, dtype, shape)


def file_of(nodes, *, inputs=None, outputs=None, weights=(), opset=17, domains=(), **options):
    graph = helper.make_graph(
        nodes,
        "model",
        inputs or [value("x", ["batch", 3])],
        outputs or [value("y", ["batch", 2])],
        [numpy_helper.from_array(array, name) for name, array in weights],
    )
    imports = [helper.make_opsetid("", opset), *(helper.make_opsetid(d, 1) for d in domains)]
    made = helper.make_model(graph, opset_imports=imports, ir_version=8, **options)
    return made.SerializeToString()


def product(**options):
    node = helper.make_node("MatMul", ["x", "kernel"], ["y"])
    return file_of([node], weights=[("kernel", KERNEL)], **options)


def test_it_runs_a_model():
    graph = read(product(producer_name="pytorch", producer_version="2.5"))

    assert Session(graph).predict({"x": X}) == pytest.approx(X @ KERNEL)
    assert graph.framework == "onnx (pytorch 2.5)"
    assert graph.parameters == 6
    assert graph.multiply_adds == 6
    assert graph.inputs[0].shape == (3,)
    assert graph.output.shape == (2,)


def test_the_task_fills_in_open_sizes():
    node = helper.make_node("ReduceMean", ["x"], ["y"], axes=[1], keepdims=0)
    data = file_of([node], inputs=[value("x", ["batch", "steps", 2])])
    spec = InputSpec(name="input", shape=(30, 2), dtype="float32")
    contract = Contract(inputs=(spec,), output=OutputSpec(shape=(2,), kind=OutputKind.VALUE))

    graph = read(data, contract)

    assert graph.inputs[0].shape == (30, 2)
    assert graph.multiply_adds == 60


def test_a_model_for_one_sample_at_a_time_is_run_one_by_one():
    data = file_of(
        [helper.make_node("MatMul", ["x", "kernel"], ["y"])],
        inputs=[value("x", [1, 3])],
        outputs=[value("y", [1, 2])],
        weights=[("kernel", KERNEL)],
    )

    assert Session(read(data)).predict({"x": X}) == pytest.approx(X @ KERNEL)


def test_a_model_for_four_samples_at_a_time_is_filled_up():
    data = file_of(
        [helper.make_node("MatMul", ["x", "kernel"], ["y"])],
        inputs=[value("x", [4, 3])],
        outputs=[value("y", [4, 2])],
        weights=[("kernel", KERNEL)],
    )
    x = np.tile(X, (3, 1))

    assert Session(read(data)).predict({"x": x}) == pytest.approx(x @ KERNEL)


def test_doubles_become_singles():
    data = file_of(
        [helper.make_node("Identity", ["x"], ["y"])],
        inputs=[value("x", ["batch", 3], TensorProto.DOUBLE)],
        outputs=[value("y", ["batch", 3], TensorProto.DOUBLE)],
    )

    assert Session(read(data)).predict({"x": X}).dtype == np.float32


def test_it_takes_the_probabilities_of_a_scikit_learn_classifier():
    classifier = helper.make_node(
        "LinearClassifier",
        ["x"],
        ["label", "probabilities"],
        domain="ai.onnx.ml",
        coefficients=[1.0, 0.0, 0.0, 0.0, 1.0, 1.0],
        intercepts=[0.0, 0.0],
        classlabels_ints=[0, 1],
        post_transform="SOFTMAX",
    )
    data = file_of(
        [classifier],
        outputs=[
            value("label", ["batch"], TensorProto.INT64),
            value("probabilities", ["batch", 2]),
        ],
        domains=["ai.onnx.ml"],
    )

    predictions = Session(read(data)).predict({"x": X})

    assert predictions.sum(axis=1) == pytest.approx([1.0, 1.0])


def test_dictionaries_of_probabilities_come_with_a_remedy():
    node = helper.make_node("ZipMap", ["x"], ["y"], domain="ai.onnx.ml", classlabels_int64s=[0, 1])

    with pytest.raises(refusals.OnnxZipMap) as caught:
        read(file_of([node], domains=["ai.onnx.ml"]))

    assert 'options={"zipmap": False}' in caught.value.render().remedy


def external(keys, *, attribute=False):
    tensor = numpy_helper.from_array(KERNEL, "kernel")
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, text in keys.items():
        tensor.external_data.add(key=key, value=text)
    nodes = [helper.make_node("MatMul", ["x", "kernel"], ["y"])]
    if attribute:
        constant = helper.make_node("Constant", [], ["kernel"])
        constant.attribute.append(helper.make_attribute("value", tensor))
        return file_of([constant, *nodes])
    made = onnx.ModelProto.FromString(file_of(nodes))
    made.graph.initializer.append(tensor)
    return made.SerializeToString()


@pytest.mark.parametrize(
    "data",
    [
        external({"location": "weights.bin"}),
        external({"location": "/etc/passwd", "offset": "0", "length": "24"}),
        external({"location": "../../secret"}),
        external({"location": "weights.bin"}, attribute=True),
    ],
    ids=["beside", "absolute", "above", "in an attribute"],
)
def test_it_refuses_weights_in_other_files(data):
    with pytest.raises(refusals.OnnxExternalData):
        read(data)


def in_branch(node):
    branch = helper.make_graph([node], "branch", [], [value("z", ["batch", 2])])
    condition = numpy_helper.from_array(np.ones((), bool), "yes")
    choice = helper.make_node("If", ["yes"], ["y"], then_branch=branch, else_branch=branch)
    made = onnx.ModelProto.FromString(file_of([choice]))
    made.graph.initializer.append(condition)
    return made.SerializeToString()


@pytest.mark.parametrize(
    "data",
    [
        file_of([helper.make_node("Evil", ["x"], ["y"], domain="com.evil")], domains=["com.evil"]),
        file_of([helper.make_node("RandomNormalLike", ["x"], ["y"])]),
        file_of([helper.make_node("StringNormalizer", ["x"], ["y"])]),
        in_branch(helper.make_node("Evil", ["x"], ["z"], domain="com.microsoft")),
    ],
    ids=["foreign", "chance", "text", "inside a branch"],
)
def test_it_refuses_operators_that_are_not_on_the_list(data):
    with pytest.raises(refusals.OnnxOperator):
        read(data)


def looping(trips):
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["go"], ["go_on"]),
            helper.make_node("Add", ["a", "a"], ["b"]),
        ],
        "body",
        [
            value("i", [], TensorProto.INT64),
            value("go", [], TensorProto.BOOL),
            value("a", ["batch", 3]),
        ],
        [value("go_on", [], TensorProto.BOOL), value("b", ["batch", 3])],
    )
    loop = helper.make_node("Loop", ["trips", "yes", "x"], ["y"], body=body)
    weights = [("yes", np.ones((), bool))]
    if trips is not None:
        weights.append(("trips", np.array(trips, "i8")))
    return file_of([loop], weights=weights, outputs=[value("y", ["batch", 3])])


def test_it_runs_a_loop_with_a_known_end():
    graph = read(looping(3))

    assert Session(graph).predict({"x": X}) == pytest.approx(X * 8)
    assert graph.multiply_adds >= 9


@pytest.mark.parametrize("trips", [None, 10**9], ids=["unknown", "a billion"])
def test_it_refuses_a_loop_without_a_sensible_end(trips):
    with pytest.raises(refusals.OnnxOperator):
        read(looping(trips))


def test_a_bomb_is_counted_before_it_runs():
    node = helper.make_node("Expand", ["x", "size"], ["big"])
    back = helper.make_node("ReduceMean", ["big"], ["y"], axes=[1], keepdims=0)
    data = file_of([node, back], weights=[("size", np.array([1, 100_000, 3]))])

    assert read(data).activation_bytes > 1_000_000


def test_weights_that_declare_more_than_is_stored_are_refused():
    made = onnx.ModelProto.FromString(product())
    made.graph.initializer[0].dims[0] = 10**9

    with pytest.raises(refusals.OnnxInvalid):
        read(made.SerializeToString())


def test_a_later_operator_set_is_named():
    with pytest.raises(refusals.OnnxTooNew) as caught:
        read(product(opset=99))

    assert caught.value.params["received"] == 99


def test_a_graph_that_does_not_hold_together_is_refused():
    data = file_of([helper.make_node("MatMul", ["x", "nowhere"], ["y"])])

    with pytest.raises((refusals.OnnxInvalid, refusals.ModelFailed)):
        Session(read(data))
