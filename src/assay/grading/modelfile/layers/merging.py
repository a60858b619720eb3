"""Layers that join several inputs into one."""

from __future__ import annotations

from functools import reduce

from assay.grading.modelfile import ops
from assay.grading.modelfile.layer import Call, Masks, covers
from assay.grading.modelfile.tensor import Tensor

_OPERATORS = {
    "Add": "Add",
    "Average": "Add",
    "Maximum": "Max",
    "Minimum": "Min",
    "Multiply": "Mul",
    "Subtract": "Sub",
}


@covers(*_OPERATORS, masks=Masks.OWN)
def merge(call: Call) -> Tensor:
    """Join element by element; inputs of fewer axes get theirs after the batch."""
    b, inputs = call.b, call.inputs
    if not inputs:
        raise call.misfit("two inputs", "none")
    rank = max(x.rank for x in inputs)
    aligned = [_aligned(call, x, rank) for x in inputs]
    operator = _OPERATORS[call.layer.kind]
    y = reduce(lambda x, other: ops.binary(b, operator, x, other), aligned)
    if call.layer.kind == "Average":
        y = ops.binary(b, "Mul", y, 1 / len(inputs))
    masks = [x.mask for x in inputs if x.mask is not None]
    # As Keras has it: any of the masks, and none if an input has none.
    if masks and len(masks) == len(inputs):
        y.mask = reduce(lambda x, other: ops.binary(b, "Or", x, other, "bool"), masks)
    return y


def _aligned(call: Call, x: Tensor, rank: int) -> Tensor:
    while x.rank < rank:
        x = ops.expand_dims(call.b, x, 1)
    return x


@covers("Concatenate", masks=Masks.OWN)
def concatenate(call: Call) -> Tensor:
    """Join along an axis."""
    return ops.concat(call.b, call.inputs, call.options.integer("axis", -1))
