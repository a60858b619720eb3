"""Attention."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
import numpy.typing as npt

from assay.grading.modelfile import ops
from assay.grading.modelfile.builder import Builder
from assay.grading.modelfile.layer import Call, Layer, Masks, Result, covers
from assay.grading.modelfile.layers.activations import masked_softmax
from assay.grading.modelfile.saved import Dialect, Variable
from assay.grading.modelfile.tensor import Tensor

_FAR = -1e9  # what Keras takes away from scores that do not count
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


# Attention and AdditiveAttention


def _scales(layer: Layer) -> Sequence[Variable]:
    names = []
    additive = layer.kind == "AdditiveAttention"
    if layer.options.boolean("use_scale", default=additive):
        names.append("scale")
    if layer.options.raw("score_mode", "dot") == "concat":
        names.append("concat_score_weight")
    return [Variable(name=name) for name in names]


@covers("Attention", "AdditiveAttention", variables=_scales, masks=Masks.OWN)
def attention(call: Call) -> Result:
    """Read attention of queries to values by keys: `[query, value]` or `[query, value, key]`."""
    b, options = call.b, call.options
    inputs = call.inputs
    if len(inputs) not in {2, 3} or any(x.rank != 3 for x in inputs):  # noqa: PLR2004
        raise call.misfit("two or three inputs (steps, features)", f"{len(inputs)} inputs")
    query, value, key = inputs[0], inputs[1], inputs[-1] if len(inputs) > 2 else inputs[1]  # noqa: PLR2004
    scores = _scores(call, query, key)
    allowed = []
    if value.mask is not None:
        allowed.append(ops.expand_dims(b, value.mask, 1))
    if options.raw("causal", default=False) or call.kwargs.get("use_causal_mask"):
        allowed.append(_causal(call, scores))
    if allowed:
        keep = ops.cast(b, _all(b, allowed), "float32")
        away = ops.binary(b, "Mul", ops.binary(b, "Sub", 1.0, keep), _FAR)
        scores = ops.binary(b, "Add", scores, away)
    weights = ops.softmax(b, scores)
    y = ops.matmul(b, weights, value)
    if query.mask is not None:
        kept = ops.cast(b, ops.expand_dims(b, query.mask, 2), "float32")
        y = ops.binary(b, "Mul", y, kept)
        y.mask = query.mask
    return (y, weights) if call.kwargs.get("return_attention_scores") else y


def _scores(call: Call, query: Tensor, key: Tensor) -> Tensor:
    """Return how well each query goes with each key: `(queries, keys)`."""
    b, layer = call.b, call.layer
    additive = layer.kind == "AdditiveAttention"
    scale = None
    if call.options.boolean("use_scale", default=additive):
        scale = layer.weight("scale")
    mode = call.options.choice("score_mode", ("dot", "concat"), "dot")
    if not additive and mode == "dot":
        scores = ops.matmul(b, query, ops.transpose(b, key, [0, 2, 1]))
        return scores if scale is None else ops.binary(b, "Mul", scores, scale)
    both = ops.binary(b, "Add", ops.expand_dims(b, query, 2), ops.expand_dims(b, key, 1))
    if scale is not None and not additive:
        both = ops.binary(b, "Mul", both, scale)
    bent = ops.unary(b, "Tanh", both)
    if scale is not None and additive:
        bent = ops.binary(b, "Mul", bent, scale)
    scores = ops.reduce(b, "ReduceSum", bent, [-1])
    return scores if additive else ops.binary(b, "Mul", scores, layer.weight("concat_score_weight"))


def _causal(call: Call, scores: Tensor) -> Tensor:
    """Return which keys are not after their query: `(queries, keys)`."""
    queries, keys = call.known(scores)[-2:]
    return _constant(call.b, np.tri(queries, keys, dtype=bool))


def _constant(b: Builder, values: npt.NDArray[np.bool_]) -> Tensor:
    """Return the same values for each sample, with a batch in front of them."""
    name = b.constant(values[None])
    return ops.tensor(name, values.shape, values.dtype.name)


def _all(b: Builder, allowed: Sequence[Tensor]) -> Tensor:
    return reduce(lambda x, y: ops.binary(b, "And", x, y, "bool"), allowed)


# MultiHeadAttention and GroupedQueryAttention


@dataclass(frozen=True, kw_only=True)
class _Heads:
    """The options that both kinds have, by whatever name."""

    queries: int  # heads
    values: int  # heads; fewer than those of queries if several share one
    key_size: int
    value_size: int


def _heads(layer: Layer) -> _Heads:
    options = layer.options
    if layer.kind == "MultiHeadAttention":
        heads, size = options.count("num_heads"), options.count("key_dim")
        return _Heads(
            queries=heads,
            values=heads,
            key_size=size,
            value_size=options.count("value_dim", size),
        )
    size = options.count("head_dim")
    return _Heads(
        queries=options.count("num_query_heads"),
        values=options.count("num_key_value_heads"),
        key_size=size,
        value_size=size,
    )


def _projections(layer: Layer) -> Sequence[Variable]:
    names = ["query_dense", "key_dense", "value_dense", "output_dense"]
    if layer.options.raw("use_gate", default=False):
        names.insert(2, "gate_dense")
    parts = ["kernel", *(["bias"] if layer.options.boolean("use_bias", default=True) else [])]
    return [Variable(name=part, path=name) for name in names for part in parts]


@covers(
    "MultiHeadAttention",
    "GroupQueryAttention",
    "GroupedQueryAttention",
    variables=_projections,
    masks=Masks.OWN,
)
def multi_head_attention(call: Call) -> Result:
    """Read attention with several heads."""
    b, layer, options = call.b, call.layer, call.options
    query, value = call.argument(0, "query"), call.argument(1, "value")
    key = call.argument(2, "key")
    if not isinstance(query, Tensor) or not isinstance(value, Tensor):
        raise call.misfit("query and value", "something else")
    heads = _heads(layer)
    options.ignore(
        "output_shape",
        "attention_axes",
        "query_shape",
        "key_shape",
        "value_shape",
        "flash_attention",
        "use_gate",
        "sliding_window",
    )
    axes = _attention_axes(call, query)
    q = _projected(call, query, "query_dense", (heads.queries, heads.key_size))
    key_of = value if key is None else key
    k = _projected(call, key_of, "key_dense", (heads.values, heads.key_size))
    v = _projected(call, value, "value_dense", (heads.values, heads.value_size))
    if heads.values != heads.queries:
        shared = heads.queries // heads.values
        index = [head for head in range(heads.values) for _ in range(shared)]
        k, v = ops.gather(b, k, index, k.rank - 2), ops.gather(b, v, index, v.rank - 2)
    q = ops.binary(b, "Mul", q, 1 / np.sqrt(heads.key_size))
    dot, combine, rank = _equations(q.rank, axes)
    scores = ops.einsum(b, dot, k, q)
    weights = _weighted(call, scores, len(axes), rank, _allowed(call, query, value, key))
    y = ops.einsum(b, combine, weights, v)
    if options.raw("use_gate", default=False):
        gate = _projected(call, query, "gate_dense", (heads.queries, heads.value_size))
        y = ops.binary(b, "Mul", y, ops.unary(b, "Sigmoid", gate))
    y = _joined(call, y, "output_dense")
    y.mask = query.mask
    return (y, weights) if call.kwargs.get("return_attention_scores") else y


def _attention_axes(call: Call, query: Tensor) -> list[int]:
    """Return the axes that attention runs over, counted from 0 for the batch."""
    value = call.options.raw("attention_axes")
    if value is None:
        return list(range(1, query.rank - 1))
    axes = value if isinstance(value, list) else [value]
    if not all(isinstance(a, int) and -query.rank < a < query.rank for a in axes):
        raise call.options.unsupported("attention_axes")
    axes = sorted(a % query.rank for a in axes)
    if not axes or axes[0] == 0 or axes[-1] == query.rank - 1:
        raise call.options.unsupported("attention_axes")
    return axes


def _projected(call: Call, x: Tensor, path: str, sizes: tuple[int, int]) -> Tensor:
    """Return `x` with its features spread over heads: `(..., heads, size)`."""
    b, layer = call.b, call.layer
    kernel = layer.weight(f"{path}/kernel", (x.shape[-1], *sizes))
    flat = layer.memo.setdefault(path, kernel.reshape(kernel.shape[0], -1))
    bias = ""
    if call.options.boolean("use_bias", default=True):
        bias = b.constant(layer.weight(f"{path}/bias", sizes).reshape(-1))
    y = ops.dense(b, x, flat, bias)
    return ops.reshape(b, y, (*x.shape[:-1], *sizes))


def _joined(call: Call, y: Tensor, path: str) -> Tensor:
    """Return the heads' answers joined to features."""
    b, layer = call.b, call.layer
    heads, size = y.shape[-2:]
    kernel = layer.weight(f"{path}/kernel")
    if kernel.shape[:2] != (heads, size):
        raise call.misfit(tuple(kernel.shape), y.shape)
    width = (heads or 1) * (size or 1)
    flat = layer.memo.setdefault(path, kernel.reshape(width, -1))
    bias = ""
    if call.options.boolean("use_bias", default=True):
        bias = b.constant(layer.weight(f"{path}/bias", kernel.shape[2:]).reshape(-1))
    z = ops.dense(b, ops.reshape(b, y, (*y.shape[:-2], width)), flat, bias)
    return ops.reshape(b, z, (*y.shape[:-2], *kernel.shape[2:]))


def _equations(rank: int, axes: Sequence[int]) -> tuple[str, str, int]:
    """Return the sums for scores and answers, and the number of axes of the scores.

    Keras puts the heads and what is not attended over in front of the scores.
    """
    target = _LETTERS[:rank]
    front = [axis for axis in range(rank - 1) if axis not in axes]
    source = list(target)
    for number, axis in enumerate(axes):
        source[axis] = _LETTERS[rank + number]
    scores = [target[axis] for axis in front]
    scores += [target[axis] for axis in axes] + [source[axis] for axis in axes]
    keys, product = "".join(source), "".join(scores)
    values, answers = "".join(source), target
    return f"{keys},{target}->{product}", f"{product},{values}->{answers}", len(scores)


def _allowed(call: Call, query: Tensor, value: Tensor, key: Tensor | None) -> Tensor | None:
    """Return which query may attend to which key: `(queries, keys)`, sizes may be 1."""
    b, options = call.b, call.options
    parts: list[Tensor] = []
    for name, x, axis in (("query", query, 2), ("value", value, 1), ("key", key, 1)):
        given = call.kwargs.get(f"{name}_mask")
        mask = given if isinstance(given, Tensor) else (x.mask if x is not None else None)
        if mask is not None:
            parts.append(ops.expand_dims(b, ops.cast(b, mask, "bool"), axis))
    window = options.raw("sliding_window")
    if call.kwargs.get("use_causal_mask") or window is not None:
        queries, keys = call.known(query)[0], call.known(value)[0]
        distance = np.arange(queries)[:, None] - np.arange(keys)[None]
        if call.kwargs.get("use_causal_mask"):
            parts.append(_constant(b, distance >= 0))
        if window is not None:
            parts.append(_constant(b, np.abs(distance) < options.count("sliding_window")))
    explicit = call.kwargs.get("attention_mask")
    if isinstance(explicit, Tensor):
        explicit = ops.cast(b, explicit, "bool")
        if parts and explicit.rank > parts[0].rank:
            parts = [ops.expand_dims(b, part, 1) for part in parts]
        parts.append(explicit)
    elif explicit is not None:
        raise call.misfit("a tensor as attention_mask", "a constant")
    return _all(b, parts) if parts else None


def _weighted(
    call: Call, scores: Tensor, attended: int, rank: int, allowed: Tensor | None
) -> Tensor:
    """Return softmax of the scores over all keys, 0 for those that do not count."""
    b = call.b
    over = list(range(rank - attended, rank))
    if allowed is None:
        return masked_softmax(b, scores, over, None)
    while allowed.rank < scores.rank:
        allowed = ops.expand_dims(b, allowed, allowed.rank - 2 * attended)
    # A query without any key: Keras's layer gives 0, its fused kernel an average.
    fused = (
        scores.rank == 4  # noqa: PLR2004 - batch, heads, queries, keys
        and not call.options.number("dropout", 0.0)
        and not call.kwargs.get("return_attention_scores")
    )
    if fused or call.layer.dialect is Dialect.KERAS2:
        return masked_softmax(b, ops.where(b, allowed, scores, _FAR), over, None)
    return masked_softmax(b, scores, over, allowed)
