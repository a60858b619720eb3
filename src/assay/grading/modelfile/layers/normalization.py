"""Layers that normalize with learned or stored statistics."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assay.grading.modelfile import ops
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


@covers("LayerNormalization", variables=_gamma_and_beta, masks=Masks.KEEP)
def layer_normalization(call: Call) -> Tensor:
    """Read `(x - mean) / sqrt(variance + epsilon) * gamma + beta` with the sample's statistics."""
    b, x, layer, options = call.b, call.x, call.layer, call.options
    value = options.raw("axis", -1)
    axes = sorted(axis % x.rank for axis in (value if isinstance(value, list) else [value]))
    if 0 in axes:
        raise options.unsupported("axis")
    mean = ops.reduce(b, "ReduceMean", x, axes, keepdims=True)
    centred = ops.binary(b, "Sub", x, mean)
    square = ops.reduce(
        b, "ReduceMean", ops.binary(b, "Mul", centred, centred), axes, keepdims=True
    )
    epsilon = options.number("epsilon", 1e-3)
    y = ops.binary(b, "Div", centred, ops.unary(b, "Sqrt", ops.binary(b, "Add", square, epsilon)))
    sizes = tuple(x.shape[axis - 1] for axis in axes)
    shape = [(x.shape[axis - 1] or -1) if axis in axes else 1 for axis in range(1, x.rank)]
    if options.boolean("scale", default=True):
        y = ops.binary(b, "Mul", y, layer.weight("gamma", sizes).reshape(shape))
    if options.boolean("center", default=True):
        y = ops.binary(b, "Add", y, layer.weight("beta", sizes).reshape(shape))
    return y
