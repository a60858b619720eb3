"""Layers that only move numbers."""

from __future__ import annotations

import math

import numpy as np

from assay.grading.modelfile import ops
from assay.grading.modelfile.graph import Shape
from assay.grading.modelfile.layer import Call, covers
from assay.grading.modelfile.layers import windows
from assay.grading.modelfile.layers.images import resize
from assay.grading.modelfile.options import LARGEST_SIZE
from assay.grading.modelfile.tensor import Layout, Tensor


@covers("Reshape")
def reshape(call: Call) -> Tensor:
    """Give each sample another shape; one size may be -1."""
    x = call.x
    target = tuple(call.options.list("target_shape"))
    if not all(isinstance(size, int) and (size > 0 or size == -1) for size in target):
        raise call.options.unsupported("target_shape")
    if target.count(-1) > 1:
        raise call.options.unsupported("target_shape")
    return ops.reshape(call.b, x, _resolved(call, x, target))


def _resolved(call: Call, x: Tensor, target: tuple[int, ...]) -> Shape:
    known = math.prod(size for size in target if size != -1)
    if None in x.shape:
        if -1 in target:
            return tuple(None if size == -1 else size for size in target)
        return target
    size = math.prod(call.known(x))
    if -1 in target and size % known == 0:
        return tuple(size // known if s == -1 else s for s in target)
    if size != known:
        raise call.misfit(target, x.shape)
    return target


@covers("Permute")
def permute(call: Call) -> Tensor:
    """Reorder the axes of a sample."""
    x = call.x
    dims = call.options.list("dims")
    if sorted(dims) != list(range(1, x.rank)):
        raise call.options.unsupported("dims")
    return ops.transpose(call.b, x, [0, *dims])


@covers("RepeatVector")
def repeat_vector(call: Call) -> Tensor:
    """Repeat a vector as so many steps."""
    x = call.x
    call.needs_rank(x, 2)
    count = call.options.count("n")
    once = ops.expand_dims(call.b, x, 1)
    times = call.b.constant(np.array([1, count, 1], np.int64))
    shape = (count, *x.shape)
    name = call.b.node("Expand", [ops.last(call.b, once), times], shape, dtype=x.dtype)
    return ops.tensor(name, shape, x.dtype)


def _pairs(call: Call, name: str, rank: int) -> list[tuple[int, int]]:
    """Return an option that says how much is added or taken before and after each axis."""
    value = call.options.raw(name, 1)
    per_axis = list(value) if isinstance(value, list) else [value] * rank
    if rank == 1 and all(isinstance(size, int) for size in per_axis):
        per_axis = [per_axis if len(per_axis) > 1 else per_axis[0]]
    pairs = [tuple(size) if isinstance(size, list) else (size, size) for size in per_axis]
    if len(pairs) != rank:
        raise call.options.unsupported(name)
    for pair in pairs:
        if len(pair) != 2 or not all(isinstance(s, int) and 0 <= s < LARGEST_SIZE for s in pair):  # noqa: PLR2004
            raise call.options.unsupported(name)
    return [(before, after) for before, after in pairs]


@covers("ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D")
def zero_padding(call: Call) -> Tensor:
    """Surround space with zeros."""
    return _padded(call, "padding", 1)


@covers("Cropping1D", "Cropping2D", "Cropping3D")
def cropping(call: Call) -> Tensor:
    """Cut off the borders of space."""
    return _padded(call, "cropping", -1)


def _padded(call: Call, option: str, sign: int) -> Tensor:
    rank = int(call.layer.kind[-2])
    b, x = windows.builder_and_input(call, rank)
    pairs = _pairs(call, option, rank)
    before = [sign * low for low, _ in pairs]
    after = [sign * high for _, high in pairs]
    return windows.as_saved(call, ops.pad(b, x, [*before, 0], [*after, 0]))


@covers("UpSampling1D", "UpSampling2D", "UpSampling3D")
def up_sampling(call: Call) -> Tensor:
    """Repeat, or interpolate, each place of space."""
    rank = int(call.layer.kind[-2])
    b, x = windows.builder_and_input(call, rank)
    factors = call.options.sizes("size", rank, 2)
    if any(factor < 1 for factor in factors):
        raise call.options.unsupported("size")
    interpolation = call.options.raw("interpolation", "nearest")
    if interpolation != "nearest":
        height, width = call.known(x)[:2]
        size = (height * factors[0], width * factors[1])
        return windows.as_saved(call, resize(call, x, size, interpolation, antialias=False))
    spatial = tuple(
        None if size is None else size * factor
        for size, factor in zip(x.shape[:-1], factors, strict=True)
    )
    shape = (*spatial, x.shape[-1])
    name = b.node(
        "Resize",
        [
            ops.first(b, x),
            "",
            b.constant(np.array([1, 1, *factors], np.float32)),
        ],
        shape,
        mode="nearest",
        nearest_mode="floor",
        coordinate_transformation_mode="asymmetric",
    )
    return windows.as_saved(call, ops.tensor(name, shape, layout=Layout.FIRST))
