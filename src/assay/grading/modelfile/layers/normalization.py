"""Layers that normalize with learned or stored statistics."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assay.grading.modelfile import ops
from assay.grading.modelfile.builder import Builder
from assay.grading.modelfile.layer import Call, Layer, Masks, Weight, covers
from assay.grading.modelfile.saved import Variable
from assay.grading.modelfile.tensor import Tensor


def one_axis(call: Call, x: Tensor, name: str = "axis", default: int = -1) -> int:
    """Return an option that names one axis, counted from 0 for the batch."""
    value = call.options.raw(name, default)
    axes = value if isinstance(value, list) else [value]
    if len(axes) != 1 or not isinstance(axes[0], int) or not -x.rank < axes[0] < x.rank:
        raise call.options.unsupported(name)
    axis = int(axes[0]) % x.rank
    if axis == 0:
        raise call.options.unsupported(name)
    return axis


def along(values: Weight, axis: int, rank: int) -> Weight:
    """Return a vector shaped so that it broadcasts along `axis` of a tensor of `rank`."""
    return values.reshape([-1 if a == axis else 1 for a in range(1, rank)])


def _batch_normalization(layer: Layer) -> Sequence[Variable]:
    options = layer.options
    return [
        *([Variable(name="gamma")] if options.boolean("scale", default=True) else []),
        *([Variable(name="beta")] if options.boolean("center", default=True) else []),
        Variable(name="moving_mean", trainable=False),
        Variable(name="moving_variance", trainable=False),
    ]


@covers("BatchNormalization", variables=_batch_normalization, masks=Masks.KEEP)
def batch_normalization(call: Call) -> Tensor:
    """Read `(x - mean) / sqrt(variance + epsilon) * gamma + beta` with the stored statistics."""
    b, x, layer = call.b, call.x, call.layer
    axis = one_axis(call, x)
    size = (x.shape[axis - 1],)
    mean = layer.weight("moving_mean", size).astype(np.float64)
    variance = layer.weight("moving_variance", size).astype(np.float64)
    factor = 1 / np.sqrt(variance + call.options.number("epsilon", 1e-3))
    if call.options.boolean("scale", default=True):
        factor = factor * layer.weight("gamma", size)
    offset = -mean * factor
    if call.options.boolean("center", default=True):
        offset = offset + layer.weight("beta", size)
    y = ops.binary(b, "Mul", x, along(factor.astype(np.float32), axis, x.rank))
    return ops.binary(b, "Add", y, along(offset.astype(np.float32), axis, x.rank))


def _gamma_and_beta(layer: Layer) -> Sequence[Variable]:
    options = layer.options
    return [
        *([Variable(name="gamma")] if options.boolean("scale", default=True) else []),
        *([Variable(name="beta")] if options.boolean("center", default=True) else []),
    ]


@covers("LayerNormalization", variables=_gamma_and_beta, masks=Masks.KEEP, note="rms_scaling=True")
def layer_normalization(call: Call) -> Tensor:
    """Read `(x - mean) / sqrt(variance + epsilon) * gamma + beta` with the sample's statistics."""
    b, x, options = call.b, call.x, call.options
    options.forbid("rms_scaling")
    axes = _axes(call, x)
    y = _standardized(b, x, axes, options.number("epsilon", 1e-3))
    return _scaled(call, y, axes)


@covers("GroupNormalization", variables=_gamma_and_beta, masks=Masks.KEEP)
def group_normalization(call: Call) -> Tensor:
    """Read a normalization over space and over groups of channels."""
    b, x, options = call.b, call.x, call.options
    axis = one_axis(call, x)
    sizes = call.known(x)
    channels = sizes[axis - 1]
    groups = options.integer("groups", 32)
    groups = channels if groups == -1 else groups
    if groups < 1 or channels % groups:
        raise options.unsupported("groups")
    split = (*sizes[: axis - 1], groups, channels // groups, *sizes[axis:])
    grouped = ops.reshape(b, x, split)
    others = [a for a in range(1, grouped.rank) if a != axis]
    y = _standardized(b, grouped, others, options.number("epsilon", 1e-3))
    return _scaled(call, ops.reshape(b, y, x.shape), [axis])


def _standardized(b: Builder, x: Tensor, axes: Sequence[int], epsilon: float) -> Tensor:
    """Return `(x - mean) / sqrt(variance + epsilon)` over `axes`."""
    mean = ops.reduce(b, "ReduceMean", x, axes, keepdims=True)
    centred = ops.binary(b, "Sub", x, mean)
    squares = ops.binary(b, "Mul", centred, centred)
    variance = ops.reduce(b, "ReduceMean", squares, axes, keepdims=True)
    deviation = ops.unary(b, "Sqrt", ops.binary(b, "Add", variance, epsilon))
    return ops.binary(b, "Div", centred, deviation)


def _scaled(call: Call, y: Tensor, axes: Sequence[int]) -> Tensor:
    """Return `y * gamma + beta`, both along `axes`."""
    b, layer = call.b, call.layer
    sizes = tuple(y.shape[axis - 1] for axis in axes)
    shape = [(y.shape[axis - 1] or -1) if axis in axes else 1 for axis in range(1, y.rank)]
    if call.options.boolean("scale", default=True):
        y = ops.binary(b, "Mul", y, layer.weight("gamma", sizes).reshape(shape))
    if call.options.boolean("center", default=True):
        y = ops.binary(b, "Add", y, layer.weight("beta", sizes).reshape(shape))
    return y


@covers("RMSNormalization", variables=lambda _layer: [Variable(name="scale")])
def rms_normalization(call: Call) -> Tensor:
    """Read `x / sqrt(mean(x²) + epsilon) * scale`."""
    b, x = call.b, call.x
    axes = _axes(call, x)
    squares = ops.binary(b, "Mul", x, x)
    mean = ops.reduce(b, "ReduceMean", squares, axes, keepdims=True)
    epsilon = call.options.number("epsilon", 1e-6)
    root = ops.unary(b, "Sqrt", ops.binary(b, "Add", mean, epsilon))
    y = ops.binary(b, "Div", x, root)
    scale = call.layer.weight("scale", tuple(x.shape[axis - 1] for axis in axes))
    shape = [(x.shape[axis - 1] or -1) if axis in axes else 1 for axis in range(1, x.rank)]
    return ops.binary(b, "Mul", y, scale.reshape(shape))


@covers("UnitNormalization", masks=Masks.KEEP)
def unit_normalization(call: Call) -> Tensor:
    """Read `x / |x|` with the Euclidean norm, which counts as 1e-12 at least."""
    b, x = call.b, call.x
    squares = ops.binary(b, "Mul", x, x)
    total = ops.reduce(b, "ReduceSum", squares, _axes(call, x), keepdims=True)
    norm = ops.binary(b, "Max", ops.unary(b, "Sqrt", total), 1e-12)
    return ops.binary(b, "Div", x, norm)


def _axes(call: Call, x: Tensor) -> list[int]:
    """Return the option `axis` as a sorted list, counted from 0 for the batch."""
    value = call.options.raw("axis", -1)
    axes = value if isinstance(value, list) else [value]
    if not all(isinstance(axis, int) and -x.rank < axis < x.rank for axis in axes):
        raise call.options.unsupported("axis")
    axes = sorted({axis % x.rank for axis in axes})
    if not axes or 0 in axes:
        raise call.options.unsupported("axis")
    return axes
