"""What functional models hold beside layers: `keras.ops`, and TensorFlow's functions in Keras 2.

`inputs / 127.5 - 1` in a functional model is saved as two operations. An
operation's arguments are those of its call, or options.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from assay.grading.modelfile import ops
from assay.grading.modelfile.builder import Builder
from assay.grading.modelfile.layer import OPERATIONS, Call, Masks, covers
from assay.grading.modelfile.layers import activations
from assay.grading.modelfile.options import LARGEST_NUMBER
from assay.grading.modelfile.tensor import Tensor

operation = partial(covers, table=OPERATIONS, masks=Masks.KEEP)
LARGEST_CONSTANT = 1_000_000  # numbers

_ARITHMETIC = {
    "Add": "Add",
    "Divide": "Div",
    "Maximum": "Max",
    "Minimum": "Min",
    "Multiply": "Mul",
    "Power": "Pow",
    "Subtract": "Sub",
    "TrueDivide": "Div",
}
_COMPARISONS = {
    "Equal": "Equal",
    "Greater": "Greater",
    "GreaterEqual": "GreaterOrEqual",
    "Less": "Less",
    "LessEqual": "LessOrEqual",
    "NotEqual": "Equal",
}
_LOGIC = {"LogicalAnd": "And", "LogicalOr": "Or", "LogicalXor": "Xor"}
_FLOATS_ONLY = {"Divide", "TrueDivide"}


def operand(call: Call, value: Any) -> ops.Operand:
    """Return an argument as a tensor or an array."""
    if isinstance(value, Tensor):
        return value
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise call.misfit("numbers", "a nest of lists") from error
    numeric = array.dtype.kind in "fiub" and array.size <= LARGEST_CONSTANT
    if not numeric or not np.all(np.abs(array.astype(np.float64)) <= LARGEST_NUMBER):
        raise call.misfit("numbers", "something else")
    return array


def _pair(call: Call, *, as_float: bool = False) -> tuple[ops.Operand, ops.Operand]:
    """Return two operands of the same dtype: float32 if either has fractions."""
    x = operand(call, call.given(0, "x1", "x", "a"))
    y = operand(call, call.given(1, "x2", "y", "b"))
    floating = as_float or any(_is_float(value) for value in (x, y))
    return _as(call.b, x, floating), _as(call.b, y, floating)


def _is_float(value: ops.Operand) -> bool:
    if isinstance(value, Tensor):
        return value.dtype == "float32"
    return np.asarray(value).dtype.kind == "f"


def _as(b: Builder, value: ops.Operand, floating: bool) -> ops.Operand:  # noqa: FBT001
    dtype = "float32" if floating else "int32"
    if isinstance(value, Tensor):
        return value if value.dtype == dtype else ops.cast(b, value, dtype)
    return np.asarray(value, dtype)


@operation(*_ARITHMETIC)
def arithmetic(call: Call) -> Tensor:
    """Read arithmetic of two operands."""
    x, y = _pair(call, as_float=call.kind in _FLOATS_ONLY)
    return ops.binary(call.b, _ARITHMETIC[call.kind], x, y)


@operation("FloorDivide")
def floor_divide(call: Call) -> Tensor:
    """Read `floor(x / y)`."""
    b = call.b
    x, y = _pair(call)
    whole = ops.unary(b, "Floor", ops.binary(b, "Div", *_pair(call, as_float=True)))
    return whole if any(_is_float(value) for value in (x, y)) else ops.cast(b, whole, "int32")


@operation("Mod")
def modulo(call: Call) -> Tensor:
    """Read `x - y * floor(x / y)`."""
    b = call.b
    x, y = _pair(call, as_float=True)
    whole = ops.unary(b, "Floor", ops.binary(b, "Div", x, y))
    return ops.binary(b, "Sub", x, ops.binary(b, "Mul", whole, y))


@operation("SquaredDifference")
def squared_difference(call: Call) -> Tensor:
    """Read `(x - y)²`."""
    difference = ops.binary(call.b, "Sub", *_pair(call))
    return ops.binary(call.b, "Mul", difference, difference)


@operation(*_COMPARISONS)
def comparison(call: Call) -> Tensor:
    """Read a comparison of two operands."""
    b = call.b
    y = ops.binary(b, _COMPARISONS[call.kind], *_pair(call), dtype="bool")
    return ops.unary(b, "Not", y) if call.kind == "NotEqual" else y


@operation(*_LOGIC)
def logic(call: Call) -> Tensor:
    """Read a logical operation of two operands."""
    x, y = (operand(call, call.given(n, f"x{n + 1}", "xy"[n])) for n in (0, 1))
    x, y = (
        ops.cast(call.b, v, "bool") if isinstance(v, Tensor) else np.asarray(v, bool)
        for v in (x, y)
    )
    return ops.binary(call.b, _LOGIC[call.kind], x, y, dtype="bool")


@operation("LogicalNot")
def logical_not(call: Call) -> Tensor:
    """Read a negation."""
    return ops.unary(call.b, "Not", ops.cast(call.b, call.x, "bool"))


_UNARY: dict[str, str] = {
    "Absolute": "Abs",
    "Arccos": "Acos",
    "Arcsin": "Asin",
    "Arctan": "Atan",
    "Ceil": "Ceil",
    "Cos": "Cos",
    "Cosh": "Cosh",
    "Erf": "Erf",
    "Exp": "Exp",
    "Floor": "Floor",
    "Isinf": "IsInf",
    "Isnan": "IsNaN",
    "Log": "Log",
    "Negative": "Neg",
    "Reciprocal": "Reciprocal",
    "Round": "Round",
    "Sign": "Sign",
    "Sin": "Sin",
    "Sinh": "Sinh",
    "Sqrt": "Sqrt",
    "Tan": "Tan",
    "Tanh": "Tanh",
}


@operation(*_UNARY)
def elementwise(call: Call) -> Tensor:
    """Read a function of one number."""
    kind = call.kind
    x = call.x
    call.options.forbid("decimals")
    if kind not in {"Absolute", "Negative", "Sign"}:
        x = ops.cast(call.b, x, "float32")
    dtype = "bool" if kind in {"Isinf", "Isnan"} else None
    return ops.unary(call.b, _UNARY[kind], x, dtype)


_COMPOSED: dict[str, Callable[[Builder, Tensor], Tensor]] = {
    "Expm1": lambda b, x: ops.binary(b, "Sub", ops.unary(b, "Exp", x), 1.0),
    "Log10": lambda b, x: ops.binary(b, "Div", ops.unary(b, "Log", x), float(np.log(10))),
    "Log1p": lambda b, x: ops.unary(b, "Log", ops.binary(b, "Add", x, 1.0)),
    "Log2": lambda b, x: ops.binary(b, "Div", ops.unary(b, "Log", x), float(np.log(2))),
    "Rsqrt": lambda b, x: ops.unary(b, "Reciprocal", ops.unary(b, "Sqrt", x)),
    "Square": lambda b, x: ops.binary(b, "Mul", x, x),
}
# Keras's operations that are activation functions without options.
_ACTIVATIONS = {
    "HardShrink": "hard_shrink",
    "HardSigmoid": "hard_sigmoid",
    "HardSilu": "hard_silu",
    "HardTanh": "hard_tanh",
    "LogSigmoid": "log_sigmoid",
    "Mish": "mish",
    "Relu": "relu",
    "Relu6": "relu6",
    "Selu": "selu",
    "Sigmoid": "sigmoid",
    "Silu": "silu",
    "SoftShrink": "soft_shrink",
    "Softplus": "softplus",
    "Softsign": "softsign",
    "SparsePlus": "sparse_plus",
    "SparseSigmoid": "sparse_sigmoid",
    "Squareplus": "squareplus",
    "TanhShrink": "tanh_shrink",
}


@operation(*_COMPOSED)
def composed(call: Call) -> Tensor:
    """Read a function that takes two or three of ONNX's."""
    return _COMPOSED[call.kind](call.b, ops.cast(call.b, call.x, "float32"))


@operation(*_ACTIVATIONS)
def activation(call: Call) -> Tensor:
    """Read an activation function without options."""
    name = _ACTIVATIONS[call.kind]
    y = activations.FUNCTIONS[name](call.b, ops.cast(call.b, call.x, "float32"))
    y.activation = name
    return y


@operation("ReLU", "LeakyRelu", "Elu", "Celu", "Gelu")
def activation_with_options(call: Call) -> Tensor:
    """Read an activation function with options."""
    b, x, kind = call.b, ops.cast(call.b, call.first, "float32"), call.kind
    if kind == "Gelu":
        return activations.gelu(b, x, approximate=bool(call.given(1, "approximate", default=True)))
    if kind in {"Elu", "Celu"}:
        return ops.unary(b, kind, x, alpha=float(call.given(1, "alpha", default=1.0)))
    slope = float(
        call.given(1, "negative_slope", "alpha", default=0.2 if kind == "LeakyRelu" else 0.0)
    )
    ceiling = call.given(2, "max_value")
    threshold = float(call.given(3, "threshold", default=0.0))
    return activations.relu(
        b,
        x,
        slope=slope,
        threshold=threshold,
        ceiling=None if ceiling is None else float(ceiling),
    )


@operation("Softmax", "LogSoftmax")
def softmax(call: Call) -> Tensor:
    """Read softmax along an axis."""
    axis = call.given(1, "axis", default=-1)
    x = call.first
    if not isinstance(axis, int) or axis % x.rank == 0:
        raise call.options.unsupported("axis")
    y = ops.softmax(call.b, x, axis, call.kind)
    is_last = axis % x.rank == x.rank - 1
    y.activation = "softmax" if is_last and call.kind == "Softmax" else ""
    return y


_REDUCTIONS = {
    "All": "ReduceMin",
    "Amax": "ReduceMax",
    "Amin": "ReduceMin",
    "Any": "ReduceMax",
    "Logsumexp": "ReduceLogSumExp",
    "Max": "ReduceMax",
    "Mean": "ReduceMean",
    "Min": "ReduceMin",
    "Prod": "ReduceProd",
    "Sum": "ReduceSum",
}


def axes_of(call: Call, x: Tensor, value: Any) -> list[int]:
    """Return axes counted from 0 for the batch, which must not be among them."""
    axes = value if isinstance(value, list | tuple) else [value]
    if not axes or not all(isinstance(a, int) and -x.rank <= a < x.rank for a in axes):
        raise call.options.unsupported("axis")
    axes = sorted({a % x.rank for a in axes})
    if 0 in axes:
        raise call.options.unsupported("axis")
    return axes


@operation(*_REDUCTIONS)
def reduction(call: Call) -> Tensor:
    """Read a reduction over axes of a sample."""
    b, x, kind = call.b, call.first, call.kind
    axes = axes_of(call, x, call.given(1, "axis"))
    keepdims = bool(call.given(2, "keepdims", default=False))
    call.options.ignore("dtype", "initial")
    logical = kind in {"Any", "All"}
    if logical or kind in {"Mean", "Logsumexp"}:
        x = ops.cast(b, x, "float32")
    y = ops.reduce(b, _REDUCTIONS[kind], x, axes, keepdims=keepdims)
    return ops.binary(b, "Greater", y, 0.5, "bool") if logical else y


@operation("Var", "Std")
def spread(call: Call) -> Tensor:
    """Read the variance or its root over axes of a sample."""
    b, x = call.b, ops.cast(call.b, call.first, "float32")
    axes = axes_of(call, x, call.given(1, "axis"))
    centred = ops.binary(b, "Sub", x, ops.reduce(b, "ReduceMean", x, axes, keepdims=True))
    squares = ops.binary(b, "Mul", centred, centred)
    keepdims = bool(call.given(2, "keepdims", default=False))
    y = ops.reduce(b, "ReduceMean", squares, axes, keepdims=keepdims)
    return ops.unary(b, "Sqrt", y) if call.kind == "Std" else y


@operation("Normalize")
def normalize(call: Call) -> Tensor:
    """Read `x / |x|` with the Euclidean norm over axes."""
    b, x = call.b, ops.cast(call.b, call.first, "float32")
    if call.given(2, "order", default=2) != 2:  # noqa: PLR2004 - Euclidean
        raise call.options.unsupported("order")
    axes = axes_of(call, x, call.given(1, "axis", default=-1))
    floor = float(call.given(3, "epsilon", default=1e-7))
    total = ops.reduce(b, "ReduceSum", ops.binary(b, "Mul", x, x), axes, keepdims=True)
    return ops.binary(b, "Div", x, ops.binary(b, "Max", ops.unary(b, "Sqrt", total), floor))


@operation("Clip")
def clip(call: Call) -> Tensor:
    """Hold numbers between two bounds."""
    low, high = call.given(1, "x_min", "clip_value_min"), call.given(2, "x_max", "clip_value_max")
    if not all(isinstance(bound, int | float) for bound in (low, high)):
        raise call.misfit("numbers as bounds", "something else")
    return activations.clip(call.b, call.first, low, high)


@operation("Where")
def where(call: Call) -> Tensor:
    """Choose between two operands."""
    b = call.b
    condition, x, y = (operand(call, call.given(n, name)) for n, name in enumerate(_WHERE))
    if not isinstance(condition, Tensor):
        raise call.misfit("a tensor as condition", "something else")
    floating = any(_is_float(value) for value in (x, y))
    condition = ops.cast(b, condition, "bool")
    return ops.where(b, condition, _as(b, x, floating), _as(b, y, floating))


_WHERE = ("condition", "x1", "x2")


@operation("Cast")
def cast(call: Call) -> Tensor:
    """Convert to another dtype."""
    dtype = str(call.given(1, "dtype"))
    kinds = {"float": "float32", "bfloat": "float32", "int": "int32", "uint": "int32"}
    to = "bool" if dtype == "bool" else kinds.get(dtype.rstrip("0123456789"))
    if to is None:
        raise call.options.unsupported("dtype")
    return ops.cast(call.b, call.first, to)


@operation("OnesLike", "ZerosLike")
def filled_like(call: Call) -> Tensor:
    """Return ones or zeros of an input's shape."""
    b, x = call.b, call.first
    dtype = str(call.given(1, "dtype", default=x.dtype))
    value = 1.0 if call.kind == "OnesLike" else 0.0
    shape = b.node("Shape", [x.names[x.layout]], (), dtype="int64")
    name = b.node("Expand", [b.constant(np.float32(value)), shape], x.shape)
    y = ops.tensor(name, x.shape, "float32", x.layout)
    return ops.cast(b, y, "bool" if dtype == "bool" else x.dtype)


@operation("ConvertToTensor", "Copy", "Identity", "StopGradient")
def identity(call: Call) -> Tensor:
    """Hand on the input."""
    call.options.ignore("dtype", "sparse", "ragged")
    return call.first


@operation("Matmul")
def matmul(call: Call) -> Tensor:
    """Multiply matrices sample by sample, or each sample by a constant matrix."""
    b = call.b
    x, y = (operand(call, call.given(n, f"x{n + 1}", "ab"[n])) for n in (0, 1))
    if not isinstance(x, Tensor):
        raise call.misfit("a tensor on the left", "a constant")
    if isinstance(y, Tensor):
        return ops.matmul(b, ops.cast(b, x, "float32"), ops.cast(b, y, "float32"))
    kernel = np.asarray(y, np.float32)
    if kernel.ndim != 2 or x.shape[-1] != kernel.shape[0]:  # noqa: PLR2004 - a matrix
        raise call.misfit((*x.shape[:-1], kernel.shape[0]), x.shape)
    return ops.dense(b, ops.cast(b, x, "float32"), kernel, "")


@operation("Einsum")
def einsum(call: Call) -> Tensor:
    """Sum products over letters."""
    equation = str(call.given(len(call.args), "subscripts"))
    values: list[Tensor | npt.NDArray[np.generic]] = []
    for argument in call.args:
        value = operand(call, argument)
        values.append(value if isinstance(value, Tensor) else np.asarray(value, np.float32))
    return ops.einsum(call.b, equation, *values)


@operation("OneHot")
def one_hot(call: Call) -> Tensor:
    """Return 1 at the category's place."""
    b, x = call.b, ops.cast(call.b, call.first, "int32")
    depth = call.given(1, "num_classes", "depth")
    call.options.ignore("dtype", "sparse")
    if not isinstance(depth, int) or not 0 < depth <= LARGEST_CONSTANT:
        raise call.options.unsupported("num_classes")
    if call.given(2, "axis", default=-1) != -1:
        raise call.options.unsupported("axis")
    raised = ops.expand_dims(b, x, x.rank)
    same = ops.binary(b, "Equal", raised, np.arange(depth, dtype=np.int32), "bool")
    return ops.cast(b, same, "float32")


@operation("Argmax")
def argmax(call: Call) -> Tensor:
    """Return the place of the largest number along an axis."""
    b, x = call.b, call.first
    [axis, *more] = axes_of(call, x, call.given(1, "axis"))
    if more or call.given(2, "keepdims", default=False):
        raise call.options.unsupported("axis")
    shape = (*x.shape[: axis - 1], *x.shape[axis:])
    name = b.node("ArgMax", [ops.last(b, x)], shape, dtype="int64", axis=axis, keepdims=0)
    return ops.cast(b, ops.tensor(name, shape, "int64"), "int32")
