"""ONNX files: passed on as they are, after checks.

Reference: https://github.com/onnx/onnx/blob/main/docs/IR.md
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import onnx
from onnx import AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto

from assay.grading import refusals
from assay.grading.modelfile.builder import MOST_NODES
from assay.grading.modelfile.costs import peak_bytes
from assay.grading.modelfile.graph import LayerSummary, ModelGraph, Port, Shape
from assay.grading.modelfile.names import harmless
from assay.grading.modelfile.tensor import SIZES, size_of
from assay.items.contract import Contract

NEWEST_OPSET = 23
MOST_TRIPS = 10_000  # of a loop
MOST_BATCH = 65_536  # samples that a model may insist on
_DOMAINS = ("", "ai.onnx", "ai.onnx.ml")
# Standard operators that are refused: chance, text, sequences, and what only training needs.
_REFUSED = frozenset(
    {
        "Bernoulli",
        "Multinomial",
        "Optional",
        "OptionalGetElement",
        "OptionalHasElement",
        "RandomNormal",
        "RandomNormalLike",
        "RandomUniform",
        "RandomUniformLike",
        "ConcatFromSequence",
        "ImageDecoder",
        "RegexFullMatch",
        "ReverseSequenceMap",
        "SequenceAt",
        "SequenceConstruct",
        "SequenceEmpty",
        "SequenceErase",
        "SequenceInsert",
        "SequenceLength",
        "SequenceMap",
        "SplitToSequence",
        "StringConcat",
        "StringNormalizer",
        "StringSplit",
        "TfIdfVectorizer",
    }
)
_DTYPES = {
    TensorProto.FLOAT: "float32",
    TensorProto.DOUBLE: "float64",
    TensorProto.FLOAT16: "float16",
    TensorProto.INT32: "int32",
    TensorProto.INT64: "int64",
    TensorProto.UINT8: "uint8",
    TensorProto.BOOL: "bool",
}
_FLOATS = {TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16, TensorProto.BFLOAT16}
_LAST_ACTIVATIONS = {"Softmax": "softmax", "Sigmoid": "sigmoid"}


def read_onnx(data: bytes, contract: Contract | None) -> ModelGraph:
    """Return the graph of an ONNX file.

    Args:
        data: The whole file.
        contract: Fills in sizes that the model leaves open; None if there is no task.

    Raises:
        Refusal: The file is damaged, or holds what cannot be graded.
    """
    try:
        model = ModelProto.FromString(data)
    except Exception as error:  # protobuf's own, which has no stubs
        raise refusals.UnknownFile from error
    _check_versions(model)
    graph = model.graph
    if not graph.node or not graph.output:
        raise refusals.OnnxInvalid
    nodes = list(_all_nodes(graph, trips=1))
    for node, _ in nodes:
        _check_node(node)
    tensors = [*graph.initializer, *(t for node, _ in nodes for t in _tensors(node))]
    for tensor in tensors:
        _check_tensor(tensor)
    for sparse in graph.sparse_initializer:
        raise refusals.OnnxOperator(operator=harmless(sparse.values.name or "sparse_initializer"))
    inputs, batch = _inputs(graph, contract)
    output = _chosen_output(graph)
    shapes = _inferred(model, inputs, batch)
    last = next((n for n in reversed(graph.node) if output.name in n.output), NodeProto())
    costs = _Costs(shapes, {t.name: t for t in graph.initializer})
    return ModelGraph(
        kind="onnx",
        framework=_framework(model),
        file_bytes=len(data),
        layers=tuple(
            LayerSummary(
                name=harmless(node.name or node.op_type),
                kind=harmless(node.op_type),
                shape=costs.shape(node.output[0]) if node.output else None,
                parameters=costs.parameters(node),
            )
            for node in graph.node
        ),
        inputs=tuple(inputs),
        outputs=(_port(output, shapes.get(output.name)),),
        parameters=sum(math.prod(t.dims) for t in tensors if t.data_type in _FLOATS)
        + sum(len(a.floats) for node, _ in nodes for a in node.attribute),
        multiply_adds=sum(costs.multiply_adds(node) * trips for node, trips in nodes),
        activation_bytes=max(1, costs.peak(graph, inputs)),
        onnx=data,
        last_layer=harmless(last.name or last.op_type),
        last_activation=_LAST_ACTIVATIONS.get(last.op_type, ""),
        batch=batch,
    )


def _check_versions(model: ModelProto) -> None:
    if not model.opset_import:
        raise refusals.UnknownFile
    if model.functions:
        raise refusals.OnnxOperator(operator=harmless(model.functions[0].name))
    for opset in model.opset_import:
        if opset.domain in {"", "ai.onnx"} and opset.version > NEWEST_OPSET:
            raise refusals.OnnxTooNew(received=opset.version, limit=NEWEST_OPSET)


def _framework(model: ModelProto) -> str:
    producer = f"{model.producer_name} {model.producer_version}".strip()
    return f"onnx ({harmless(producer)})" if producer else "onnx"


# Nodes


def _all_nodes(graph: GraphProto, trips: int) -> Iterator[tuple[NodeProto, int]]:
    """Yield the nodes of a graph and of those inside it, and how often each runs."""
    waiting = [(graph, trips)]
    count = 0
    while waiting:
        current, times = waiting.pop()
        for node in current.node:
            count += 1
            if count > MOST_NODES:
                raise refusals.TooManyLayers(limit=MOST_NODES)
            yield node, times
            inner = times * (_trips(node, current) if node.op_type in {"Loop", "Scan"} else 1)
            waiting += [(part, inner) for part in _graphs(node)]


def _graphs(node: NodeProto) -> list[GraphProto]:
    return [
        graph
        for attribute in node.attribute
        for graph in (
            *([attribute.g] if attribute.type == AttributeProto.GRAPH else []),
            *attribute.graphs,
        )
    ]


def _trips(node: NodeProto, graph: GraphProto) -> int:
    """Return how often a loop runs at the most; it must be a constant.

    Raises:
        OnnxOperator: The number is not known or too large.
    """
    if node.op_type == "Scan":  # runs over an axis of a value; the value's size bounds it
        return 1
    name = node.input[0] if node.input else ""
    for tensor in graph.initializer:
        if tensor.name == name and tensor.data_type == TensorProto.INT64:
            values = list(onnx.numpy_helper.to_array(tensor).reshape(-1))
            if len(values) == 1 and 0 <= values[0] <= MOST_TRIPS:
                return int(values[0])
    raise refusals.OnnxOperator(operator="Loop")


def _check_node(node: NodeProto) -> None:
    if node.op_type == "ZipMap":
        raise refusals.OnnxZipMap
    domain_is_standard = node.domain in _DOMAINS
    if not domain_is_standard or node.op_type in _REFUSED:
        raise refusals.OnnxOperator(operator=harmless(node.op_type))


def _tensors(node: NodeProto) -> list[TensorProto]:
    result: list[TensorProto] = []
    for attribute in node.attribute:
        if attribute.type == AttributeProto.TENSOR:
            result.append(attribute.t)
        result += attribute.tensors
        for graph in _graphs(node):
            result += graph.initializer
    return result


def _check_tensor(tensor: TensorProto) -> None:
    if tensor.data_location == TensorProto.EXTERNAL or tensor.external_data:
        raise refusals.OnnxExternalData
    if tensor.data_type == TensorProto.STRING:
        raise refusals.OnnxOperator(operator="STRING")
    if any(size < 0 for size in tensor.dims):
        raise refusals.OnnxInvalid
    stored = max(
        len(tensor.raw_data),
        len(tensor.float_data),
        len(tensor.int32_data),
        len(tensor.int64_data),
        len(tensor.double_data),
        len(tensor.uint64_data),
    )
    if math.prod(tensor.dims) > stored * 2:  # two numbers of four bits lie in a byte
        raise refusals.OnnxInvalid


# Inputs and outputs


def _inputs(graph: GraphProto, contract: Contract | None) -> tuple[list[Port], int | None]:
    """Return the inputs, open sizes filled in, and the number of samples they insist on."""
    held = {tensor.name for tensor in graph.initializer}
    ports = [_port(info, None) for info in graph.input if info.name not in held]
    batches = {_dimensions(info)[0] for info in graph.input if info.name not in held}
    if not ports or any(len(_dimensions(info)) == 0 for info in graph.input):
        raise refusals.OnnxInvalid
    if len(batches) > 1:
        raise refusals.OnnxInvalid
    [batch] = batches
    if batch is not None and not 0 < batch <= MOST_BATCH:
        raise refusals.OnnxInvalid
    if contract is not None and len(contract.inputs) == len(ports):
        ports = [
            _filled(port, spec.shape) for port, spec in zip(ports, contract.inputs, strict=True)
        ]
    return ports, batch


def _filled(port: Port, offered: Shape) -> Port:
    if len(offered) != len(port.shape):
        return port
    shape = tuple(
        theirs if ours is None else ours for ours, theirs in zip(port.shape, offered, strict=True)
    )
    return Port(name=port.name, key=port.key, shape=shape, dtype=port.dtype)


def _port(info: ValueInfoProto, shape: Shape | None) -> Port:
    tensor = info.type.tensor_type
    if info.type.WhichOneof("value") != "tensor_type" or tensor.elem_type not in _DTYPES:
        raise refusals.OnnxOperator(operator=harmless(f"{info.name} of an unusual type"))
    return Port(
        name=harmless(info.name),
        key=info.name,
        shape=tuple(_dimensions(info)[1:]) if shape is None else shape[1:],
        dtype=_DTYPES[tensor.elem_type],
    )


def _dimensions(info: ValueInfoProto) -> Shape:
    return tuple(
        dimension.dim_value if dimension.WhichOneof("value") == "dim_value" else None
        for dimension in info.type.tensor_type.shape.dim
    )


def _chosen_output(graph: GraphProto) -> ValueInfoProto:
    """Return the only output, or the only one of floats (scikit-learn gives labels, too)."""
    outputs = list(graph.output)
    if len(outputs) > 1:
        outputs = [o for o in outputs if o.type.tensor_type.elem_type in _FLOATS]
    if len(outputs) != 1:
        raise refusals.WrongNumberOfOutputs(received=len(graph.output))
    return outputs[0]


# Costs


def _inferred(model: ModelProto, inputs: Sequence[Port], batch: int | None) -> dict[str, Shape]:
    """Return the shapes of the values for one sample, the batch included, as far as known."""
    single = ModelProto()
    single.CopyFrom(model)
    sizes = {port.key: (batch or 1, *port.shape) for port in inputs}
    for info in single.graph.input:
        for dimension, size in zip(
            info.type.tensor_type.shape.dim, sizes.get(info.name, ()), strict=False
        ):
            if size is not None:
                dimension.dim_value = size
    del single.graph.value_info[:]
    for info in single.graph.output:
        info.type.tensor_type.ClearField("shape")
    try:
        single = onnx.shape_inference.infer_shapes(single, data_prop=True)
    except Exception as error:
        raise refusals.OnnxInvalid from error
    values = [*single.graph.value_info, *single.graph.output, *single.graph.input]
    return {
        info.name: _dimensions(info) for info in values if info.type.tensor_type.HasField("shape")
    }


class _Costs:
    """Counts what nodes cost for one sample.

    Sizes that only running would tell count as 1; the lock's limits of time and
    memory are there for those.
    """

    def __init__(self, shapes: dict[str, Shape], weights: dict[str, TensorProto]) -> None:
        self._shapes = shapes
        self._weights = weights

    def shape(self, name: str) -> Shape | None:
        """Return the shape of a value of one sample."""
        shape = self._shapes.get(name)
        return None if shape is None else shape[1:]

    def parameters(self, node: NodeProto) -> int:
        """Return how many weights the node takes."""
        taken = (self._weights[name] for name in node.input if name in self._weights)
        held = sum(math.prod(list(t.dims)) for t in taken if t.data_type in _FLOATS)
        return int(held) + sum(len(attribute.floats) for attribute in node.attribute)

    def multiply_adds(self, node: NodeProto) -> int:
        """Return the multiplications of one sample."""
        out = sum(size_of(self._shapes.get(name, ())) for name in node.output)
        if node.op_type in {"Conv", "ConvTranspose", "Gemm", "MatMul"}:
            return out * self._inner(node)
        if node.op_type in {"LSTM", "GRU", "RNN"}:
            steps = (self._of(node, 0) or (1,))[0] or 1
            return int(steps) * (size_of(self._of(node, 1)) + size_of(self._of(node, 2)))
        if node.op_type in {"MaxPool", "AveragePool", "LpPool"}:
            kernels = [list(a.ints) for a in node.attribute if a.name == "kernel_shape"]
            return out * math.prod(kernels[0] if kernels else [1])
        taken = sum(size_of(self._of(node, number)) for number in range(len(node.input)))
        return max(out, taken) + sum(len(list(attribute.floats)) for attribute in node.attribute)

    def _inner(self, node: NodeProto) -> int:
        """Return how many products make up one number of the output."""
        first, second = self._of(node, 0), self._of(node, 1)
        if node.op_type == "Conv":
            return size_of(second[1:])
        if node.op_type == "ConvTranspose":
            return size_of(second[:1]) * size_of(second[2:])
        if node.op_type == "Gemm":
            transposed = any(a.name == "transA" and a.i for a in node.attribute)
            return (first[0 if transposed else -1] if first else None) or 1
        return (first[-1] if first else None) or 1

    def _of(self, node: NodeProto, number: int) -> Shape:
        name = node.input[number] if number < len(node.input) else ""
        if name in self._weights:
            return tuple(self._weights[name].dims)
        return self._shapes.get(name, ())

    def peak(self, graph: GraphProto, inputs: Sequence[Port]) -> int:
        """Return the bytes that the values of one sample occupy at the most."""
        sizes = {name: size_of(shape) * SIZES["float32"] for name, shape in self._shapes.items()}
        outputs = [info.name for info in graph.output]
        return peak_bytes(list(graph.node), sizes, [port.key for port in inputs], outputs)
