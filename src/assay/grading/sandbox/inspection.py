"""What a model file holds, as a child reports it: a flat list of bounded values.

kind, framework, bytes, parameters, multiply-adds, activation bytes, layers,
count × (name, kind, shape, parameters)      of the first layers
count × (name, shape, dtype)                 of the inputs
count × (name, shape, dtype)                 of the outputs
count × (code, count × (name, value))        of what a task would say no to
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from assay.errors import Refusal
from assay.grading.sandbox.faults import BrokenFrame
from assay.grading.sandbox.frames import MAX_TEXT, Value

MOST_LAYERS = 2_000  # that are listed one by one; a file may have more
_MOST_PARTS = 1_000  # inputs, outputs, reasons, parameters of one

Shape = tuple[int | None, ...]  # of one sample, without the batch; None: any size
Part = TypeVar("Part")


@dataclass(frozen=True, kw_only=True)
class InspectedLayer:
    """One layer."""

    name: str
    kind: str  # class of the layer, or ONNX operator
    shape: Shape | None  # of its output; None if unknown
    parameters: int


@dataclass(frozen=True, kw_only=True)
class InspectedPort:
    """An input or an output."""

    name: str
    shape: Shape
    dtype: str  # NumPy's name


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """What a model file holds."""

    kind: str  # "keras-h5", "keras" or "onnx"
    framework: str  # such as "keras 3.15.0"
    file_bytes: int
    parameters: int
    multiply_adds: int  # of one sample
    activation_bytes: int  # that one sample occupies at the most
    layer_count: int
    layers: tuple[InspectedLayer, ...]  # the first `MOST_LAYERS` of them
    inputs: tuple[InspectedPort, ...]
    outputs: tuple[InspectedPort, ...]
    problems: tuple[Refusal, ...]  # why a task would refuse the file, each of them


def encode(inspection: Inspection) -> list[Value]:
    """Return `inspection` as a list of values."""
    values: list[Value] = [
        inspection.kind,
        inspection.framework,
        inspection.file_bytes,
        inspection.parameters,
        inspection.multiply_adds,
        inspection.activation_bytes,
        inspection.layer_count,
    ]
    layers = inspection.layers[:MOST_LAYERS]
    values.append(len(layers))
    for layer in layers:
        values += [layer.name, layer.kind, _encode_shape(layer.shape), layer.parameters]
    for ports in (inspection.inputs, inspection.outputs):
        values.append(len(ports))
        for port in ports:
            values += [port.name, _encode_shape(port.shape), port.dtype]
    values.append(len(inspection.problems))
    for problem in inspection.problems:
        values += [problem.code, len(problem.params)]
        for name, value in problem.params.items():
            values += [name, value]
    return values


def decode(
    values: Sequence[Value], refusal: Callable[[str, dict[str, Value]], Refusal]
) -> Inspection:
    """Return the inspection that `encode` made a list of.

    Args:
        values: The list; hostile.
        refusal: Makes a refusal of a code and parameters, or raises `BrokenFrame`.

    Raises:
        BrokenFrame: It is no such list.
    """
    reader = _Reader(values)
    inspection = Inspection(
        kind=reader.text(),
        framework=reader.text(),
        file_bytes=reader.number(),
        parameters=reader.number(),
        multiply_adds=reader.number(),
        activation_bytes=reader.number(),
        layer_count=reader.number(),
        layers=reader.several(MOST_LAYERS, reader.layer),
        inputs=reader.several(_MOST_PARTS, reader.port),
        outputs=reader.several(_MOST_PARTS, reader.port),
        problems=reader.several(
            _MOST_PARTS,
            lambda: refusal(
                reader.text(),
                dict(reader.several(_MOST_PARTS, lambda: (reader.text(), reader.any()))),
            ),
        ),
    )
    reader.end()
    return inspection


def _encode_shape(shape: Iterable[int | None] | None) -> str | None:
    if shape is None:
        return None
    text = ",".join("?" if size is None else str(size) for size in shape)
    return text if len(text) <= MAX_TEXT else None


def _decode_shape(text: str) -> Shape:
    sizes = text.split(",") if text else []
    if not all(size == "?" or (size.isascii() and size.isdigit()) for size in sizes):
        raise BrokenFrame("not a shape")
    return tuple(None if size == "?" else int(size) for size in sizes)


class _Reader:
    """Reads fields of known types from hostile values."""

    def __init__(self, values: Sequence[Value]) -> None:
        self._values: Iterator[Value] = iter(values)

    def any(self) -> Value:
        try:
            return next(self._values)
        except StopIteration:
            raise BrokenFrame("a report that ends too early") from None

    def text(self) -> str:
        value = self.any()
        if not isinstance(value, str):
            raise BrokenFrame("no text where one was expected")
        return value

    def number(self) -> int:
        value = self.any()
        if not isinstance(value, int) or value < 0:
            raise BrokenFrame("no count where one was expected")
        return value

    def several(self, most: int, read: Callable[[], Part]) -> tuple[Part, ...]:
        count = self.number()
        if count > most:
            raise BrokenFrame(f"{count} parts")
        return tuple(read() for _ in range(count))

    def layer(self) -> InspectedLayer:
        name, kind, shape = self.text(), self.text(), self.any()
        if not isinstance(shape, str | None):
            raise BrokenFrame("no shape where one was expected")
        return InspectedLayer(
            name=name,
            kind=kind,
            shape=None if shape is None else _decode_shape(shape),
            parameters=self.number(),
        )

    def port(self) -> InspectedPort:
        return InspectedPort(name=self.text(), shape=_decode_shape(self.text()), dtype=self.text())

    def end(self) -> None:
        if next(self._values, self) is not self:
            raise BrokenFrame("a report that goes on after its end")
