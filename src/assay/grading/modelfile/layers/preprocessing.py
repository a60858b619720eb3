"""Layers that prepare numbers: scaling, normalizing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assay.grading.modelfile import ops
from assay.grading.modelfile.layer import Call, Layer, Masks, Weight, covers
from assay.grading.modelfile.layers.operations import operand
from assay.grading.modelfile.saved import Variable
from assay.grading.modelfile.tensor import Tensor

_EPSILON = 1e-7  # keras.backend.epsilon()


@covers("Rescaling", masks=Masks.KEEP)
def rescaling(call: Call) -> Tensor:
    """Return `x * scale + offset`; both may be lists for the last axis."""
    b, x = call.b, ops.cast(call.b, call.x, "float32")
    scale, offset = (_numbers(call, name, default) for name, default in _RESCALING)
    y = ops.binary(b, "Mul", x, scale)
    return ops.binary(b, "Add", y, offset) if np.any(offset) else y


_RESCALING = (("scale", 1.0), ("offset", 0.0))


def _numbers(call: Call, name: str, default: float) -> Weight:
    value = call.options.raw(name, default)
    if isinstance(value, list):
        return np.asarray(operand(call, value), np.float32)
    return np.array(call.options.number(name, default), np.float32)


def _statistics(layer: Layer) -> Sequence[Variable]:
    if layer.options.has("mean"):
        return ()
    return [Variable(name=name, trainable=False) for name in ("mean", "variance", "count")]


@covers("Normalization", variables=_statistics, masks=Masks.KEEP)
def normalization(call: Call) -> Tensor:
    """Return `(x - mean) / max(sqrt(variance), 1e-7)`, or its inverse."""
    b, x, layer = call.b, ops.cast(call.b, call.x, "float32"), call.layer
    if call.options.has("mean"):
        mean = _numbers(call, "mean", 0.0)
        variance = _numbers(call, "variance", 1.0)
    else:
        mean, variance = layer.weight("mean"), layer.weight("variance")
    mean, variance = (_arranged(call, x, value) for value in (mean, variance))
    deviation = np.maximum(np.sqrt(variance), np.float32(_EPSILON))
    if call.options.boolean("invert", default=False):
        return ops.binary(b, "Add", ops.binary(b, "Mul", x, deviation), mean)
    return ops.binary(b, "Div", ops.binary(b, "Sub", x, mean), deviation)


def _arranged(call: Call, x: Tensor, values: Weight) -> Weight:
    """Return one number for each place along the kept axes, 1 along the others."""
    axis = call.options.raw("axis", -1) if call.options.has("axis") else []
    axes = axis if isinstance(axis, list) else [axis]
    if not all(isinstance(a, int) and a % x.rank != 0 for a in axes):
        raise call.options.unsupported("axis")
    kept = sorted(a % x.rank for a in axes)
    sizes = call.known(x)
    shape = [sizes[a - 1] if a in kept else 1 for a in range(1, x.rank)]
    if values.size == 1:
        return values.reshape(())
    if values.size != np.prod(shape):
        raise call.misfit(tuple(values.shape), x.shape)
    return values.reshape(shape)
