"""Poolings."""

from __future__ import annotations

import functools
import math

import numpy as np

from assay.grading.modelfile import ops
from assay.grading.modelfile.layer import Call, Masks, covers
from assay.grading.modelfile.layers import windows
from assay.grading.modelfile.tensor import Layout, Tensor, size_of

_MAX = ("MaxPooling1D", "MaxPooling2D", "MaxPooling3D", "MaxPool1D", "MaxPool2D", "MaxPool3D")
_AVERAGE = (
    "AveragePooling1D",
    "AveragePooling2D",
    "AveragePooling3D",
    "AvgPool1D",
    "AvgPool2D",
    "AvgPool3D",
)


@covers(*_MAX, *_AVERAGE)
def pooling(call: Call) -> Tensor:
    """Read a pooling over windows; padding "same" does not count in averages."""
    kind = call.layer.kind
    rank = int(kind[-2])
    b, x = windows.builder_and_input(call, rank)
    size = windows.read(call, rank, "pool_size", paddings=("valid", "same"))
    spatial = x.shape[:-1]
    shape = (*size.places(spatial, call), x.shape[-1])
    name = b.node(
        "MaxPool" if kind in _MAX else "AveragePool",
        [ops.first(b, x)],
        shape,
        multiply_adds=size_of(shape) * math.prod(size.size),
        **size.attributes(spatial),
    )
    return windows.as_saved(call, ops.tensor(name, shape, layout=Layout.FIRST))


@covers(
    *(f"Global{kind}{rank}D" for kind in ("MaxPooling", "MaxPool") for rank in (1, 2, 3)),
    *(f"Global{kind}{rank}D" for kind in ("AveragePooling", "AvgPool") for rank in (1, 2, 3)),
    masks=Masks.OWN,
)
def global_pooling(call: Call) -> Tensor:
    """Read a pooling over all of space; masked steps do not count in averages."""
    kind = call.layer.kind
    rank = int(kind[-2])
    b, x = windows.builder_and_input(call, rank)
    keep = call.options.boolean("keepdims", default=False)
    axes = range(1, rank + 1)
    mask = call.x.mask
    if mask is not None and kind.startswith("GlobalAv") and rank == 1:
        return _masked_average(call, x, mask, keepdims=keep)
    operator = "ReduceMax" if kind.startswith("GlobalMax") else "ReduceMean"
    y = ops.reduce(b, operator, x, axes, keepdims=keep)
    return windows.as_saved(call, y) if keep else y


def _masked_average(call: Call, x: Tensor, mask: Tensor, *, keepdims: bool) -> Tensor:
    b = call.b
    weights = ops.expand_dims(b, ops.cast(b, mask, "float32"), 2)
    total = ops.reduce(b, "ReduceSum", ops.binary(b, "Mul", x, weights), [1], keepdims=keepdims)
    count = ops.reduce(b, "ReduceSum", weights, [1], keepdims=keepdims)
    return ops.binary(b, "Div", total, count)


@covers(
    *(f"Adaptive{kind}Pooling{rank}D" for kind in ("Average", "Max") for rank in (1, 2, 3)),
)
def adaptive_pooling(call: Call) -> Tensor:
    """Read a pooling to a given size of space, axis by axis."""
    rank = int(call.layer.kind[-2])
    b, x = windows.builder_and_input(call, rank)
    sizes = call.options.sizes("output_size", rank)
    known = call.known(x)
    for axis, count in enumerate(sizes, start=1):
        if count < 1 or count > LARGEST_ADAPTIVE:
            raise call.options.unsupported("output_size")
        x = _adapted(call, x, axis, known[axis - 1], count)
    return windows.as_saved(call, ops.tensor(ops.last(b, x), x.shape))


LARGEST_ADAPTIVE = 1024  # places along an axis


def _adapted(call: Call, x: Tensor, axis: int, length: int, count: int) -> Tensor:
    """Pool `length` places along `axis` to `count`, each from `i * length / count` on."""
    b = call.b
    starts = [number * length // count for number in range(count)]
    ends = [-(-(number + 1) * length // count) for number in range(count)]
    if call.layer.kind.startswith("AdaptiveMax"):
        widest = max(end - start for start, end in zip(starts, ends, strict=True))
        steps = [
            [min(start + step, end - 1) for start, end in zip(starts, ends, strict=True)]
            for step in range(widest)
        ]
        gathered = [ops.gather(b, x, index, axis) for index in steps]
        return functools.reduce(lambda y, z: ops.binary(b, "Max", y, z), gathered)
    weights = np.zeros((count, length), np.float32)
    for row, (start, end) in enumerate(zip(starts, ends, strict=True)):
        weights[row, start:end] = 1 / (end - start)
    letters = "abcdefgh"[: x.rank]
    result = letters.replace(letters[axis], "z")
    return ops.einsum(b, f"{letters},z{letters[axis]}->{result}", x, weights)
