"""Layers that only move numbers."""

from __future__ import annotations

import math

from assay.grading.modelfile import ops
from assay.grading.modelfile.graph import Shape
from assay.grading.modelfile.layer import Call, covers
from assay.grading.modelfile.tensor import Tensor


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
