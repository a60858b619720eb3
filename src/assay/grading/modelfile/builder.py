"""Builds an ONNX graph and keeps account of what it costs.

Reference: https://onnx.ai/onnx/intro/concepts.html, https://onnx.ai/onnx/operators/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto

from assay.grading import refusals
from assay.grading.modelfile.costs import peak_bytes
from assay.grading.modelfile.graph import Shape
from assay.grading.modelfile.tensor import Layout, Tensor, bytes_of, size_of

OPSET = 18
IR_VERSION = 8
MOST_NODES = 50_000
INLINE_BYTES = 1024  # arrays up to this size are kept in the graph itself
Array = npt.NDArray[np.generic]

_ELEMENT = {
    "float32": TensorProto.FLOAT,
    "int32": TensorProto.INT32,
    "int64": TensorProto.INT64,
    "bool": TensorProto.BOOL,
    "float64": TensorProto.DOUBLE,
    "uint8": TensorProto.UINT8,
}
# Operators that only move numbers: they cost no multiplication.
_MOVES = frozenset(
    {
        "Cast",
        "Concat",
        "DepthToSpace",
        "Expand",
        "Flatten",
        "Gather",
        "GatherElements",
        "GatherND",
        "Identity",
        "Pad",
        "Reshape",
        "ReverseSequence",
        "Shape",
        "Slice",
        "SpaceToDepth",
        "Split",
        "Squeeze",
        "Tile",
        "Transpose",
        "Unsqueeze",
    }
)


class Builder:
    """Collects nodes and weights; `serialize` gives the bytes for ONNX Runtime."""

    def __init__(self) -> None:
        self.initializers: dict[str, Array] = {}  # the weights that are not in the graph's bytes
        self.multiply_adds = 0
        self.rows: dict[int, tuple[str, int]] = {}  # input → the embedding that takes it, its rows
        self._nodes: list[NodeProto] = []
        self._constants: list[TensorProto] = []
        self._inputs: list[ValueInfoProto] = []
        self._known: dict[tuple[Any, ...], str] = {}  # constants that are there already
        self._kept: list[Array] = []  # keeps the identities in `_known` alive
        self._bytes: dict[str, int] = {}  # value → bytes of one sample
        self._count = 0
        self._calls = 0
        self._repeats = 1  # how often what is being built runs for one sample
        self._copies = 1  # how many of its values exist at a time

    # Values

    def input(self, key: str, shape: Shape, dtype: str) -> Tensor:
        """Declare an input of the graph and return it."""
        info = ValueInfoProto(name=key)
        tensor_type = info.type.tensor_type
        tensor_type.elem_type = _ELEMENT[dtype]
        for number, size in enumerate((None, *shape)):
            dimension = tensor_type.shape.dim.add()
            if size is None:
                dimension.dim_param = "batch" if number == 0 else f"{key}_{number}"
            else:
                dimension.dim_value = size
        self._inputs.append(info)
        self._bytes[key] = bytes_of(shape, dtype)
        return Tensor(shape=shape, dtype=dtype, names={Layout.LAST: key})

    def constant(self, value: npt.ArrayLike, dtype: str | None = None) -> str:
        """Return the name of a constant that holds `value`; equal ones are shared."""
        array = np.asarray(value, dtype=dtype)
        if array.dtype == np.float64:
            array = array.astype(np.float32)
        if array.nbytes > INLINE_BYTES:
            return self._weight(np.ascontiguousarray(array))
        signature = (array.dtype.str, array.shape, array.tobytes())
        if signature not in self._known:
            proto = self._proto(array)
            proto.raw_data = array.tobytes()
            self._known[signature] = proto.name
        return self._known[signature]

    def _weight(self, array: Array) -> str:
        identity = (id(array),)
        if identity not in self._known:
            self._kept.append(array)
            proto = self._proto(array)
            proto.data_location = TensorProto.EXTERNAL
            entry = proto.external_data.add()
            entry.key, entry.value = "location", "weights"
            self.initializers[proto.name] = array
            self._known[identity] = proto.name
        return self._known[identity]

    def _proto(self, array: Array) -> TensorProto:
        proto = TensorProto(
            name=self._name("c"), dims=array.shape, data_type=_ELEMENT[array.dtype.name]
        )
        self._constants.append(proto)
        return proto

    def _name(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}{self._count}"

    # Nodes

    def node(
        self,
        operator: str,
        inputs: Sequence[str],
        shape: Shape,
        *,
        dtype: str = "float32",
        multiply_adds: int | None = None,
        **attributes: Any,
    ) -> str:
        """Add a node with one output and return the output's name.

        Args:
            operator: Of the standard domain.
            inputs: Names of values; empty for one that is left out.
            shape: Of the output, one sample, in whatever layout.
            dtype: Of the output.
            multiply_adds: Of one sample; by default one for each number of the
                output, and none for operators that only move numbers.
            **attributes: As the operator defines them; None leaves one out.
        """
        [name] = self.nodes(
            operator, inputs, [(shape, dtype)], multiply_adds=multiply_adds, **attributes
        )
        return name

    def nodes(
        self,
        operator: str,
        inputs: Sequence[str],
        outputs: Sequence[tuple[Shape, str] | None],
        *,
        multiply_adds: int | None = None,
        **attributes: Any,
    ) -> list[str]:
        """Add a node with several outputs; None for one that is left out."""
        if len(self._nodes) >= MOST_NODES:
            raise refusals.TooManyLayers(limit=MOST_NODES)
        names = [self._name("v") if output else "" for output in outputs]
        node = NodeProto(op_type=operator, input=inputs, output=names)
        node.attribute.extend(
            _attribute(key, value) for key, value in attributes.items() if value is not None
        )
        self._nodes.append(node)
        present = [output for output in outputs if output]
        for name, output in zip(names, outputs, strict=True):
            if output:
                self._bytes[name] = bytes_of(*output) * self._copies
        if multiply_adds is None:
            multiply_adds = 0 if operator in _MOVES else size_of(present[0][0])
        self.multiply_adds += multiply_adds * self._repeats
        return names

    def look_up(self, port: int, layer: str, rows: int) -> None:
        """Note that an embedding takes an input of the model as it is; the smallest one counts."""
        if port not in self.rows or rows < self.rows[port][1]:
            self.rows[port] = (layer, rows)

    def count_call(self, most: int) -> None:
        """Count a call of a layer and refuse a model that has more than `most`."""
        self._calls += 1
        if self._calls > most:
            raise refusals.TooManyLayers(limit=most)

    @contextmanager
    def repeated(self, times: int | None) -> Iterator[None]:
        """Within, each sample stands for `times` samples in the account of costs."""
        before = self._repeats, self._copies
        self._repeats *= times or 1
        self._copies *= times or 1
        try:
            yield
        finally:
            self._repeats, self._copies = before

    # Graphs inside the graph

    @contextmanager
    def body(self, times: int | None) -> Iterator[None]:
        """Within, nodes go into a graph of their own, which runs `times` times.

        `end_body` must be called within and returns that graph. Constants stay
        outside, where the inner nodes see them.
        """
        before = self._nodes, self._repeats
        self._nodes = []
        self._repeats *= times or 1
        try:
            yield
        finally:
            self._nodes, self._repeats = before

    def value(self, shape: Shape, dtype: str = "float32") -> Tensor:
        """Return an input of the graph that is being built within `body`."""
        name = self._name("v")
        self._bytes[name] = bytes_of(shape, dtype)
        return Tensor(shape=shape, dtype=dtype, names={Layout.LAST: name})

    def end_body(
        self, inputs: Sequence[Tensor], outputs: Sequence[tuple[str, str]]
    ) -> tuple[GraphProto, int]:
        """Return the graph of the nodes since `body`, and the bytes that one step occupies.

        Args:
            inputs: Made by `value`.
            outputs: Values and their dtypes.
        """
        graph = GraphProto(name=self._name("g"))
        for tensor in inputs:
            info = graph.input.add(name=tensor.names[Layout.LAST])
            info.type.tensor_type.elem_type = _ELEMENT[tensor.dtype]
        for value, dtype in outputs:
            # Each output needs a name of its own, even if one value goes out twice.
            name = self._name("v")
            graph.output.add(name=name).type.tensor_type.elem_type = _ELEMENT[dtype]
            self._nodes.append(NodeProto(op_type="Identity", input=[value], output=[name]))
        graph.node.extend(self._nodes)
        names = [tensor.names[Layout.LAST] for tensor in inputs]
        ends = [info.name for info in graph.output]
        return graph, peak_bytes(self._nodes, self._bytes, names, ends)

    def occupy(self, value: str, extra: int) -> None:
        """Count `extra` bytes more for a value, such as what a loop needs inside."""
        self._bytes[value] += extra

    # The whole

    def activation_bytes(self, outputs: Sequence[str]) -> int:
        """Return the bytes that one sample's values occupy at the most."""
        inputs = [info.name for info in self._inputs]
        return peak_bytes(self._nodes, self._bytes, inputs, outputs)

    def serialize(self, outputs: Sequence[tuple[str, str, str]]) -> bytes:
        """Return the model.

        Args:
            outputs: For each output its name outside, the value and its dtype.
        """
        graph = GraphProto(
            name="model", node=self._nodes, initializer=self._constants, input=self._inputs
        )
        for key, value, dtype in outputs:
            graph.node.append(NodeProto(op_type="Identity", input=[value], output=[key]))
            info = graph.output.add(name=key)
            info.type.tensor_type.elem_type = _ELEMENT[dtype]
        model = ModelProto(ir_version=IR_VERSION, graph=graph)
        model.opset_import.add(domain="", version=OPSET)
        return bytes(model.SerializeToString())


def _attribute(name: str, value: Any) -> AttributeProto:  # noqa: PLR0911 - one for each type
    """Return the attribute with the type that `value` has."""
    if isinstance(value, str):
        return AttributeProto(name=name, type=AttributeProto.STRING, s=value.encode())
    if isinstance(value, int):
        return AttributeProto(name=name, type=AttributeProto.INT, i=int(value))
    if isinstance(value, float):
        return AttributeProto(name=name, type=AttributeProto.FLOAT, f=value)
    if isinstance(value, GraphProto):
        return AttributeProto(name=name, type=AttributeProto.GRAPH, g=value)
    values = list(value)
    if values and isinstance(values[0], str):
        texts = [text.encode() for text in values]
        return AttributeProto(name=name, type=AttributeProto.STRINGS, strings=texts)
    if values and isinstance(values[0], float):
        return AttributeProto(name=name, type=AttributeProto.FLOATS, floats=values)
    return AttributeProto(name=name, type=AttributeProto.INTS, ints=values)
