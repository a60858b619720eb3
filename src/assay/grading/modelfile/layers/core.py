"""Dense, Embedding, Flatten and what else every model has."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from assay.grading.modelfile import ops
from assay.grading.modelfile.layer import Call, Layer, Masks, covers
from assay.grading.modelfile.layers.activations import activate
from assay.grading.modelfile.saved import Variable
from assay.grading.modelfile.tensor import Tensor, size_of


def with_bias(*names: str) -> Sequence[Variable]:
    """Return the weights `names`."""
    return [Variable(name=name) for name in names]


def _kernel_and_bias(layer: Layer) -> Sequence[Variable]:
    return with_bias(
        "kernel", *(["bias"] if layer.options.boolean("use_bias", default=True) else [])
    )


@covers("Dense", variables=_kernel_and_bias, masks=Masks.KEEP)
def dense(call: Call) -> Tensor:
    """Read `activation(x kernel + bias)` on the last axis."""
    b, x, layer = call.b, call.x, call.layer
    units = call.options.count("units")
    call.options.ignore("input_dim")
    kernel = layer.weight("kernel", (None, units))
    if x.rank < 2 or x.shape[-1] not in (None, kernel.shape[0]):  # noqa: PLR2004 - batch and features
        raise call.misfit((*x.shape[:-1], kernel.shape[0]), x.shape)
    bias = (
        b.constant(layer.weight("bias", (units,)))
        if call.options.boolean("use_bias", default=True)
        else ""
    )
    return activate(call, ops.dense(b, x, kernel, bias))


@covers("Embedding", variables=lambda _layer: with_bias("embeddings"), masks=Masks.OWN)
def embedding(call: Call) -> Tensor:
    """Read rows of a table; with `mask_zero`, steps of id 0 are masked."""
    return _looked_up(call)


def _looked_up(call: Call) -> Tensor:
    b, x, layer = call.b, call.x, call.layer
    rows, width = call.options.count("input_dim"), call.options.count("output_dim")
    table = layer.weight("embeddings", (rows, width))
    if x.port is not None:
        b.look_up(x.port, layer.name, rows)
    ids = ops.cast(b, x, "int32")
    name = b.node("Gather", [b.constant(table), ops.last(b, ids)], (*x.shape, width), axis=0)
    y = ops.tensor(name, (*x.shape, width))
    if call.options.boolean("mask_zero", default=False):
        zero = ops.binary(b, "Equal", ids, 0, "bool")
        y.mask = ops.unary(b, "Not", zero)
    return y


@covers("InputLayer", "Identity", "ActivityRegularization", masks=Masks.KEEP)
def identity(call: Call) -> Tensor:
    """Hand on the input."""
    call.options.ignore("l1", "l2", "optional")
    return call.x


@covers("Masking", masks=Masks.OWN)
def masking(call: Call) -> Tensor:
    """Mask the steps all of whose numbers are `mask_value`, and make them 0."""
    b, x = call.b, call.x
    value = call.options.number("mask_value", 0.0)
    differs = ops.unary(b, "Not", ops.binary(b, "Equal", x, value, "bool"))
    some = ops.reduce(b, "ReduceMax", ops.cast(b, differs, "float32"), [-1], keepdims=True)
    y = ops.binary(b, "Mul", x, some)
    kept = ops.reshape(b, some, x.shape[:-1])
    y.mask = ops.binary(b, "Greater", kept, 0.5, "bool")
    return y


@covers("Flatten")
def flatten(call: Call) -> Tensor:
    """Read a sample as one vector."""
    b, x = call.b, call.x
    if call.options.raw("data_format") == "channels_first" and x.rank > 2:  # noqa: PLR2004
        x = ops.transpose(b, x, [0, *range(2, x.rank), 1])
    if not x.shape:
        return ops.expand_dims(b, x, 1)
    size = None if None in x.shape else size_of(x.shape)
    return ops.reshape(b, x, (size,))


def _einsum_weights(layer: Layer) -> Sequence[Variable]:
    return with_bias("kernel", *(["bias"] if layer.options.has("bias_axes") else []))


@covers("EinsumDense", variables=_einsum_weights)
def einsum_dense(call: Call) -> Tensor:
    """Read `activation(einsum(x, kernel) + bias)`."""
    b, x, layer, options = call.b, call.x, call.layer, call.options
    equation = options.raw("equation")
    options.ignore("output_shape")
    if not isinstance(equation, str) or len(equation) > _LONGEST_EQUATION:
        raise options.unsupported("equation")
    left, _, result = equation.replace(" ", "").partition("->")
    term, _, kernel = left.partition(",")
    if "..." in equation:
        term, result = _without_ellipsis(call, term, result, x.rank)
    y = ops.einsum(b, f"{term},{kernel}->{result}", x, layer.weight("kernel"))
    if options.has("bias_axes"):
        axes = str(options.raw("bias_axes"))
        bias = layer.weight("bias")
        sizes = iter(bias.shape)
        shape = [next(sizes, 1) if letter in axes else 1 for letter in result[1:]]
        if bias.size != math.prod(shape):
            raise call.misfit(tuple(bias.shape), y.shape)
        y = ops.binary(b, "Add", y, bias.reshape(shape))
    return activate(call, y)


_LONGEST_EQUATION = 40


def _without_ellipsis(call: Call, term: str, result: str, rank: int) -> tuple[str, str]:
    """Spell out `...` in the input's and the result's letters."""
    count = rank - len(term.replace("...", ""))
    unused = [letter for letter in "ABCDEFGHIJ" if letter not in term + result]
    if count < 0 or count > len(unused) or result.count("...") != 1:
        raise call.options.unsupported("equation")
    letters = "".join(unused[:count])
    return term.replace("...", letters), result.replace("...", letters)


def _table(layer: Layer) -> Sequence[Variable]:
    tied = layer.options.boolean("tie_weights", default=True)
    return with_bias("embeddings", *([] if tied else ["reverse_embeddings"]))


@covers("ReversibleEmbedding", variables=_table, masks=Masks.OWN)
def reversible_embedding(call: Call) -> Tensor:
    """Read rows of a table, or, with `reverse`, the products with all rows."""
    options = call.options
    options.ignore("tie_weights", "reverse_dtype")
    if not call.argument(1, "reverse"):
        options.ignore("logit_soft_cap")
        return _looked_up(call)
    b, layer, x = call.b, call.layer, call.first
    rows, width = options.count("input_dim"), options.count("output_dim")
    options.ignore("mask_zero")
    if options.boolean("tie_weights", default=True):
        table = np.ascontiguousarray(layer.weight("embeddings", (rows, width)).T)
    else:
        table = layer.weight("reverse_embeddings", (width, rows))
    if x.shape[-1] != width:
        raise call.misfit((*x.shape[:-1], width), x.shape)
    y = ops.dense(b, x, table, "")
    if options.has("logit_soft_cap"):
        cap = options.number("logit_soft_cap")
        y = ops.binary(b, "Mul", ops.unary(b, "Tanh", ops.binary(b, "Div", y, cap)), cap)
    return y
