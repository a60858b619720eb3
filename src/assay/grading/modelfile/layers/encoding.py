"""Layers that turn numbers into categories."""

from __future__ import annotations

import numpy as np

from assay.grading.modelfile import ops
from assay.grading.modelfile.layer import Call, covers
from assay.grading.modelfile.tensor import Tensor

LARGEST_DEPTH = 1_000_000  # categories


@covers("Discretization", note="sparse output")
def discretization(call: Call) -> Tensor:
    """Read the number of boundaries that a number is at or above."""
    b, x, options = call.b, ops.cast(call.b, call.x, "float32"), call.options
    options.ignore("num_bins", "epsilon")
    options.forbid("sparse")
    values = options.list("bin_boundaries")
    if not values or not all(isinstance(value, int | float) for value in values):
        raise options.unsupported("bin_boundaries")
    boundaries = np.array(values, np.float32)
    raised = ops.expand_dims(b, x, x.rank)
    above = ops.binary(b, "GreaterOrEqual", raised, boundaries, "bool")
    count = ops.reduce(b, "ReduceSum", ops.cast(b, above, "int32"), [-1])
    return _encoded(call, count, len(boundaries) + 1)


@covers("CategoryEncoding", note="count_weights; sparse output")
def category_encoding(call: Call) -> Tensor:
    """Read categories as ones among zeros."""
    call.options.forbid("sparse")
    if call.argument(1, "count_weights") is not None:
        raise call.misfit("no count_weights", "count_weights")
    depth = call.options.count("num_tokens")
    return _encoded(call, ops.cast(call.b, call.x, "int32"), depth, default="multi_hot")


def _encoded(call: Call, ids: Tensor, depth: int, default: str = "int") -> Tensor:
    """Return categories in the layer's `output_mode`."""
    b = call.b
    mode = call.options.choice(
        "output_mode", ("int", "one_hot", "multi_hot", "binary", "count"), default
    )
    if depth > LARGEST_DEPTH:
        raise call.options.unsupported("num_tokens")
    if mode == "int":
        return ids
    if mode == "one_hot":
        if ids.shape[-1:] == (1,):
            ids = ops.reshape(b, ids, ids.shape[:-1])
        return _one_hot(call, ids, depth)
    hot = _one_hot(call, ids, depth)
    operator = "ReduceSum" if mode == "count" else "ReduceMax"
    # The categories of a sample are joined along its last axis.
    return ops.reduce(b, operator, hot, [-2]) if hot.rank > 2 else hot  # noqa: PLR2004


def _one_hot(call: Call, ids: Tensor, depth: int) -> Tensor:
    """Return 1 at the category's place; none for a category outside of 0 to `depth - 1`."""
    b = call.b
    raised = ops.expand_dims(b, ids, ids.rank)
    same = ops.binary(b, "Equal", raised, np.arange(depth, dtype=np.int32), "bool")
    return ops.cast(b, same, "float32")
