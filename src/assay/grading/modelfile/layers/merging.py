"""Layers that join several inputs into one."""

from __future__ import annotations

from functools import reduce

from assay.grading.modelfile import ops
from assay.grading.modelfile.builder import Builder
from assay.grading.modelfile.layer import Call, Masks, covers
from assay.grading.modelfile.saved import Dialect
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
    masked = any(x.mask is not None for x in inputs)
    if masked and call.layer.dialect is Dialect.KERAS3 and call.layer.kind == "Multiply":
        y = _product(b, aligned, [x.mask for x in inputs])
    elif masked and call.layer.dialect is Dialect.KERAS3 and operator in {"Max", "Min"}:
        y = _extreme(b, operator, aligned, [x.mask for x in inputs])
    else:
        y = reduce(lambda x, other: ops.binary(b, operator, x, other), aligned)
    if call.layer.kind == "Average":
        y = ops.binary(b, "Mul", y, 1 / len(inputs))
    masks = [x.mask for x in inputs if x.mask is not None]
    # As Keras has it: any of the masks, and none if an input has none.
    if masks and len(masks) == len(inputs):
        y.mask = reduce(lambda x, other: ops.binary(b, "Or", x, other, "bool"), masks)
    return y


def _product(b: Builder, inputs: list[Tensor], masks: list[Tensor | None]) -> Tensor:
    """Multiply as Keras 3 does: what is masked counts as 1, and is 0 if all inputs are masked."""
    factors = [
        x if mask is None else ops.where(b, _spread(b, mask, x), x, 1.0)
        for x, mask in zip(inputs, masks, strict=True)
    ]
    y = reduce(lambda x, other: ops.binary(b, "Mul", x, other), factors)
    known = [mask for mask in masks if mask is not None]
    if len(known) < len(masks):
        return y
    any_of = reduce(lambda x, other: ops.binary(b, "Or", x, other, "bool"), known)
    return ops.where(b, _spread(b, any_of, y), y, 0.0)


def _extreme(b: Builder, operator: str, inputs: list[Tensor], masks: list[Tensor | None]) -> Tensor:
    """Take the largest or smallest as Keras 3 does: what is masked gives way to the others."""
    y, mask = inputs[0], masks[0]
    for x, other in zip(inputs[1:], masks[1:], strict=True):
        seen = x if other is None else ops.where(b, _spread(b, other, x), x, y)
        if mask is not None:
            y = ops.where(b, _spread(b, mask, y), y, seen)
        both = mask is not None and other is not None
        mask = ops.binary(b, "Or", mask, other, "bool") if both else None  # type: ignore[arg-type]
        y = ops.binary(b, operator, y, seen)
    return y


def _spread(b: Builder, mask: Tensor, x: Tensor) -> Tensor:
    """Return the mask with as many axes as `x`."""
    while mask.rank < x.rank:
        mask = ops.expand_dims(b, mask, mask.rank)
    return mask


def _aligned(call: Call, x: Tensor, rank: int) -> Tensor:
    while x.rank < rank:
        x = ops.expand_dims(call.b, x, 1)
    return x


@covers("Concatenate", masks=Masks.OWN)
def concatenate(call: Call) -> Tensor:
    """Join along an axis."""
    b, inputs = call.b, call.inputs
    axis = call.options.integer("axis", -1)
    if not inputs:
        raise call.misfit("two inputs", "none")
    y = ops.concat(b, inputs, axis)
    if any(x.mask is not None for x in inputs):
        masks = [_widened(b, x) for x in inputs]
        joined = ops.concat(b, masks, axis)
        some = ops.reduce(b, "ReduceMax", joined, [-1])
        y.mask = ops.binary(b, "Greater", some, 0.5, "bool")
    return y


def _widened(b: Builder, x: Tensor) -> Tensor:
    """Return the mask of `x` as 0 and 1 with the shape of `x`, 1 if it has none."""
    ones = ops.binary(b, "Add", ops.binary(b, "Mul", ops.cast(b, x, "float32"), 0.0), 1.0)
    if x.mask is None:
        return ones
    mask = ops.cast(b, x.mask, "float32")
    while mask.rank < x.rank:
        mask = ops.expand_dims(b, mask, mask.rank)
    return ops.binary(b, "Mul", ones, mask)


@covers("Dot")
def dot(call: Call) -> Tensor:
    """Sum products over one axis of each of two inputs."""
    b, inputs = call.b, call.inputs
    if len(inputs) != _TWO:
        raise call.misfit("two inputs", f"{len(inputs)} inputs")
    x, y = inputs
    value = call.options.raw("axes")
    axes = value if isinstance(value, list) else [value, value]
    if len(axes) != _TWO or not all(isinstance(axis, int) for axis in axes):
        raise call.options.unsupported("axes")
    one, other = axes[0] % x.rank, axes[1] % y.rank
    if 0 in (one, other):
        raise call.options.unsupported("axes")
    if call.options.boolean("normalize", default=False):
        x, y = _normalized(b, x, one), _normalized(b, y, other)
    first = [_LETTERS[number] for number in range(x.rank)]
    second = ["a", *(_LETTERS[number] for number in range(x.rank, x.rank + y.rank - 1))]
    second[other] = first[one]
    shared = first[one]
    result = [letter for letter in (*first, *second[1:]) if letter != shared]
    equation = f"{''.join(first)},{''.join(second)}->{''.join(result)}"
    z = ops.einsum(b, equation, x, y)
    return z if z.shape else ops.reshape(b, z, (1,))


_TWO = 2
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _normalized(b: Builder, x: Tensor, axis: int) -> Tensor:
    squares = ops.reduce(b, "ReduceSum", ops.binary(b, "Mul", x, x), [axis], keepdims=True)
    return ops.binary(b, "Div", x, ops.unary(b, "Sqrt", ops.binary(b, "Max", squares, 1e-12)))
