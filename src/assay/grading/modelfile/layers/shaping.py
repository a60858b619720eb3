"""Operations of functional models that only move numbers."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np

from assay.grading.modelfile import ops
from assay.grading.modelfile.layer import Call
from assay.grading.modelfile.layers.operations import axes_of, operation
from assay.grading.modelfile.models import Slice
from assay.grading.modelfile.options import LARGEST_SIZE
from assay.grading.modelfile.tensor import Tensor

MOST_PARTS = 1000  # that a tensor is split or stacked into


def _whole(call: Call, value: Any, name: str) -> list[int]:
    """Return a list of whole numbers."""
    values = value if isinstance(value, list | tuple) else [value]
    if not all(isinstance(v, int) and abs(v) <= LARGEST_SIZE for v in values):
        raise call.options.unsupported(name)
    return list(values)


@operation("Reshape")
def reshape(call: Call) -> Tensor:
    """Give each sample another shape; the batch must stay in front."""
    x = call.first
    front, *target = [
        -1 if size is None else size for size in call.given(1, "newshape", "shape", default=[None])
    ]
    _whole(call, target, "newshape")
    known = math.prod(size for size in target if size != -1)
    size = math.prod(call.known(x))
    if front not in (-1, 0) or target.count(-1) > 1 or known < 1:
        raise call.options.unsupported("newshape")
    if -1 in target:
        if front == -1 or size % known:
            raise call.options.unsupported("newshape")
        target = [size // known if s == -1 else s for s in target]
    elif known != size:
        raise call.options.unsupported("newshape")
    return ops.reshape(call.b, x, tuple(target))


@operation("Transpose")
def transpose(call: Call) -> Tensor:
    """Reorder the axes of a sample."""
    x = call.first
    perm = _whole(call, call.given(1, "axes", "perm", default=[]), "axes")
    perm = [axis % x.rank for axis in perm]
    if sorted(perm) != list(range(x.rank)) or perm[0] != 0:
        raise call.options.unsupported("axes")
    return ops.transpose(call.b, x, perm)


@operation("Swapaxes")
def swap_axes(call: Call) -> Tensor:
    """Exchange two axes of a sample."""
    x = call.first
    [one] = axes_of(call, x, call.given(1, "axis1"))
    [other] = axes_of(call, x, call.given(2, "axis2"))
    perm = list(range(x.rank))
    perm[one], perm[other] = perm[other], perm[one]
    return ops.transpose(call.b, x, perm)


@operation("ExpandDims")
def expand_dims(call: Call) -> Tensor:
    """Insert axes of size 1."""
    x = call.first
    axes = _whole(call, call.given(1, "axis"), "axis")
    for axis in sorted(axis % (x.rank + len(axes)) for axis in axes):
        if axis == 0:
            raise call.options.unsupported("axis")
        x = ops.expand_dims(call.b, x, axis)
    return x


@operation("Squeeze")
def squeeze(call: Call) -> Tensor:
    """Take away axes of size 1."""
    x = call.first
    given = call.given(1, "axis")
    ones = [axis for axis in range(1, x.rank) if x.shape[axis - 1] == 1]
    axes = ones if given is None or given == [] else axes_of(call, x, given)
    if not set(axes) <= set(ones):
        raise call.options.unsupported("axis")
    kept = tuple(size for axis, size in enumerate(x.shape, start=1) if axis not in axes)
    return ops.reshape(call.b, x, kept)


@operation("Concatenate")
def concatenate(call: Call) -> Tensor:
    """Join along an axis."""
    inputs = call.inputs
    [axis] = axes_of(call, inputs[0], call.given(len(call.args), "axis"))
    return ops.concat(call.b, inputs, axis)


@operation("Stack")
def stack(call: Call) -> Tensor:
    """Join along a new axis."""
    inputs = call.inputs
    axis = call.given(len(call.args), "axis", default=0)
    if not isinstance(axis, int) or axis % (inputs[0].rank + 1) == 0:
        raise call.options.unsupported("axis")
    at = axis % (inputs[0].rank + 1)
    return ops.concat(call.b, [ops.expand_dims(call.b, x, at) for x in inputs], at)


@operation("Split")
def split(call: Call) -> tuple[Tensor, ...]:
    """Cut along an axis, into so many equal parts or at given places."""
    x = call.first
    [axis] = axes_of(call, x, call.given(2, "axis"))
    places = call.given(1, "indices_or_sections")
    size = call.known(x)[axis - 1]
    if isinstance(places, int):
        if not 0 < places <= MOST_PARTS or size % places:
            raise call.options.unsupported("indices_or_sections")
        places = [size // places * number for number in range(1, places)]
    edges = [0, *_whole(call, places, "indices_or_sections"), size]
    if len(edges) > MOST_PARTS or edges != sorted(edges):
        raise call.options.unsupported("indices_or_sections")
    return tuple(ops.cut(call.b, x, axis, start, stop) for start, stop in pairwise(edges))


@operation("Repeat")
def repeat(call: Call) -> Tensor:
    """Repeat each place along an axis."""
    x = call.first
    [axis] = axes_of(call, x, call.given(2, "axis"))
    count = call.given(1, "repeats")
    size = call.known(x)[axis - 1]
    if not isinstance(count, int) or not 0 < count * size <= LARGEST_INDEX:
        raise call.options.unsupported("repeats")
    return ops.gather(call.b, x, list(np.repeat(np.arange(size), count)), axis)


LARGEST_INDEX = 1_000_000  # places


@operation("Tile")
def tile(call: Call) -> Tensor:
    """Repeat whole axes of a sample."""
    x = call.first
    counts = _whole(call, call.given(1, "repeats", "multiples"), "repeats")
    counts = [1] * (x.rank - len(counts)) + counts
    sizes = call.known(x)
    if len(counts) != x.rank or counts[0] != 1 or min(counts) < 1:
        raise call.options.unsupported("repeats")
    for axis, count in enumerate(counts):
        if count > 1:
            if count * sizes[axis - 1] > LARGEST_INDEX:
                raise call.options.unsupported("repeats")
            x = ops.gather(call.b, x, list(np.tile(np.arange(sizes[axis - 1]), count)), axis)
    return x


@operation("Flip")
def flip(call: Call) -> Tensor:
    """Turn axes around."""
    x = call.first
    for axis in axes_of(call, x, call.given(1, "axis")):
        x = ops.cut(call.b, x, axis, -1, None, -1)
    return x


@operation("Take")
def take(call: Call) -> Tensor:
    """Take given places along an axis."""
    x = call.first
    [axis] = axes_of(call, x, call.given(2, "axis"))
    index = call.given(1, "indices")
    size = call.known(x)[axis - 1]
    places = _whole(call, index, "indices")
    if not all(-size <= place < size for place in places) or len(places) > LARGEST_INDEX:
        raise call.options.unsupported("indices")
    y = ops.gather(call.b, x, [place % size for place in places], axis)
    if isinstance(index, int):
        return ops.reshape(call.b, y, (*x.shape[: axis - 1], *x.shape[axis:]))
    return y


@operation("GetItem")
def get_item(call: Call) -> Tensor:
    """Read `x[...]` with numbers, slices, `...` and `None`; all samples must be kept."""
    b, x = call.b, call.first
    key = call.given(1, "key", "slice_spec")
    keys = [_key(part) for part in (key if isinstance(key, list) else [key])]
    taken = sum(part is not None and part is not ... for part in keys)
    if keys.count(...) > 1 or taken > x.rank:
        raise call.options.unsupported("key")
    if ... in keys:
        at = keys.index(...)
        keys[at : at + 1] = [slice(None)] * (x.rank - taken)
    if not keys or keys[0] != slice(None):
        raise call.options.unsupported("key")
    dropped: list[int] = []
    for axis, part in enumerate(keys):
        if part is None:
            x = ops.expand_dims(b, x, axis)
        elif isinstance(part, int):
            size = call.known(x)[axis - 1]
            if not -size <= part < size:
                raise call.misfit(f"at least {abs(part)} places", x.shape)
            x = ops.cut(b, x, axis, part % size, part % size + 1)
            dropped.append(axis)
        elif isinstance(part, slice) and part != slice(None):
            x = _sliced(call, x, axis, part)
    kept = tuple(size for at, size in enumerate(x.shape, start=1) if at not in dropped)
    return ops.reshape(b, x, kept) if dropped else x


def _sliced(call: Call, x: Tensor, axis: int, part: slice) -> Tensor:
    step = 1 if part.step is None else part.step
    if step == 0:
        raise call.options.unsupported("key")
    start = part.start if part.start is not None else (0 if step > 0 else -1)
    return ops.cut(call.b, x, axis, start, part.stop, step)


def _key(part: Any) -> Any:
    """Return one part of a key as Python has it."""
    if isinstance(part, Slice):
        part = {"start": part.start, "stop": part.stop, "step": part.step}
    if isinstance(part, dict):
        bounds = [part.get(name) for name in ("start", "stop", "step")]
        if all(bound is None or isinstance(bound, int) for bound in bounds):
            return slice(*bounds)
        return math.nan  # fits nowhere
    if part is None or part is ... or isinstance(part, int):
        return part
    return math.nan
