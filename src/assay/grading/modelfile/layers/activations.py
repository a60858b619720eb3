"""Activation functions, as options of other layers and as layers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from assay.grading import refusals
from assay.grading.modelfile import ops
from assay.grading.modelfile.builder import Builder
from assay.grading.modelfile.layer import Call, Masks, covers
from assay.grading.modelfile.names import harmless
from assay.grading.modelfile.saved import Dialect, Variable
from assay.grading.modelfile.tensor import Tensor

Function = Callable[[Builder, Tensor], Tensor]


def relu(
    b: Builder,
    x: Tensor,
    *,
    slope: float = 0.0,
    threshold: float = 0.0,
    ceiling: float | None = None,
) -> Tensor:
    """Return `x` above `threshold`, else `slope * (x - threshold)`, at most `ceiling`."""
    if threshold == 0.0:
        y = ops.unary(b, "LeakyRelu", x, alpha=slope) if slope else ops.unary(b, "Relu", x)
    else:
        below = ops.binary(b, "Mul", ops.binary(b, "Sub", x, threshold), slope)
        y = ops.where(b, ops.binary(b, "Greater", x, threshold, "bool"), x, below)
    return y if ceiling is None else ops.binary(b, "Min", y, ceiling)


def clip(b: Builder, x: Tensor, low: float, high: float) -> Tensor:
    """Return `x` held between `low` and `high`."""
    return ops.binary(b, "Min", ops.binary(b, "Max", x, low), high)


def elu(b: Builder, x: Tensor, alpha: float = 1.0) -> Tensor:
    """Return `x` above 0, else `alpha * (exp(x) - 1)`."""
    return ops.unary(b, "Elu", x, alpha=alpha)


def gelu(b: Builder, x: Tensor, *, approximate: bool = False) -> Tensor:
    """Return `x Φ(x)`, Φ exact or approximated by tanh.

    Reference: https://arxiv.org/abs/1606.08415
    """
    if approximate:
        cube = ops.binary(b, "Mul", ops.binary(b, "Mul", x, x), x)
        inner = ops.binary(b, "Add", x, ops.binary(b, "Mul", cube, 0.044715))
        inner = ops.unary(b, "Tanh", ops.binary(b, "Mul", inner, math.sqrt(2 / math.pi)))
    else:
        inner = ops.unary(b, "Erf", ops.binary(b, "Mul", x, math.sqrt(0.5)))
    return ops.binary(b, "Mul", ops.binary(b, "Mul", x, 0.5), ops.binary(b, "Add", inner, 1.0))


def silu(b: Builder, x: Tensor) -> Tensor:
    """Return `x * sigmoid(x)`."""
    return ops.binary(b, "Mul", x, ops.unary(b, "Sigmoid", x))


def hard_sigmoid(b: Builder, x: Tensor) -> Tensor:
    """Return `relu6(x + 3) / 6`, Keras 3's definition."""
    return ops.unary(b, "HardSigmoid", x, alpha=1 / 6, beta=0.5)


def hard_sigmoid_of_keras_2(b: Builder, x: Tensor) -> Tensor:
    """Return `0.2 x + 0.5` held between 0 and 1."""
    return ops.unary(b, "HardSigmoid", x, alpha=0.2, beta=0.5)


def hard_silu(b: Builder, x: Tensor) -> Tensor:
    """Return `x * hard_sigmoid(x)`."""
    return ops.binary(b, "Mul", x, hard_sigmoid(b, x))


def log_sigmoid(b: Builder, x: Tensor) -> Tensor:
    """Return `-softplus(-x)`."""
    return ops.unary(b, "Neg", ops.unary(b, "Softplus", ops.unary(b, "Neg", x)))


def glu(b: Builder, x: Tensor, axis: int = -1) -> Tensor:
    """Return the first half times the sigmoid of the second."""
    size = x.shape[axis % x.rank - 1]
    if size is None or size % 2:
        raise ops.Mismatch
    front = ops.cut(b, x, axis, 0, size // 2)
    back = ops.cut(b, x, axis, size // 2, None)
    return ops.binary(b, "Mul", front, ops.unary(b, "Sigmoid", back))


def squareplus(b: Builder, x: Tensor, curve: float = 4.0) -> Tensor:
    """Return `(x + sqrt(x² + curve)) / 2`."""
    root = ops.unary(b, "Sqrt", ops.binary(b, "Add", ops.binary(b, "Mul", x, x), curve))
    return ops.binary(b, "Mul", ops.binary(b, "Add", x, root), 0.5)


def sparse_plus(b: Builder, x: Tensor) -> Tensor:
    """Return 0 up to -1, `(x + 1)² / 4` up to 1, then `x`."""
    shifted = ops.binary(b, "Add", x, 1.0)
    curve = ops.binary(b, "Mul", ops.binary(b, "Mul", shifted, shifted), 0.25)
    y = ops.where(b, ops.binary(b, "Less", x, 1.0, "bool"), curve, x)
    return ops.where(b, ops.binary(b, "Greater", x, -1.0, "bool"), y, 0.0)


def sparsemax(b: Builder, x: Tensor) -> Tensor:
    """Return Keras's sparsemax of the last axis.

    Keras adds up the running sums of the support where the paper takes the last
    one. A model has been trained with what Keras does, so this does the same.

    Reference: https://arxiv.org/abs/1602.02068
    """
    size = x.shape[-1]
    if size is None:
        raise ops.Mismatch
    k = b.constant(np.array([size], np.int64))
    ordered, _ = b.nodes("TopK", [ops.last(b, x), k], [(x.shape, x.dtype), (x.shape, "int64")])
    total = b.node("CumSum", [ordered, b.constant(np.array(x.rank - 1, np.int64))], x.shape)
    z, sums = ops.tensor(ordered, x.shape), ops.tensor(total, x.shape)
    ranks = np.arange(1, size + 1, dtype=np.float32)
    bound = ops.binary(b, "Div", ops.binary(b, "Sub", sums, 1.0), ranks)
    support = ops.cast(b, ops.binary(b, "Greater", z, bound, "bool"), "float32")
    count = ops.reduce(b, "ReduceSum", support, [-1], keepdims=True)
    kept = ops.reduce(b, "ReduceSum", ops.binary(b, "Mul", sums, support), [-1], keepdims=True)
    threshold = ops.binary(b, "Div", ops.binary(b, "Sub", kept, 1.0), count)
    return ops.unary(b, "Relu", ops.binary(b, "Sub", x, threshold))


def _operator(name: str, **attributes: Any) -> Function:
    return lambda b, x: ops.unary(b, name, x, **attributes)


FUNCTIONS: dict[str, Function] = {
    "celu": _operator("Celu", alpha=1.0),
    "elu": elu,
    "exponential": _operator("Exp"),
    "gelu": gelu,
    "glu": glu,
    "hard_shrink": _operator("Shrink", lambd=0.5, bias=0.0),
    "hard_sigmoid": hard_sigmoid,
    "hard_silu": hard_silu,
    "hard_swish": hard_silu,
    "hard_tanh": lambda b, x: clip(b, x, -1.0, 1.0),
    "leaky_relu": _operator("LeakyRelu", alpha=0.2),
    "linear": lambda _b, x: x,
    "log_sigmoid": log_sigmoid,
    "log_softmax": lambda b, x: ops.softmax(b, x, operator="LogSoftmax"),
    "mish": _operator("Mish"),
    "relu": relu,
    "relu6": lambda b, x: relu(b, x, ceiling=6.0),
    "selu": _operator("Selu", alpha=1.6732632423543772, gamma=1.0507009873554805),
    "sigmoid": _operator("Sigmoid"),
    "silu": silu,
    "soft_shrink": _operator("Shrink", lambd=0.5, bias=0.5),
    "softmax": ops.softmax,
    "softplus": _operator("Softplus"),
    "softsign": _operator("Softsign"),
    "sparse_plus": sparse_plus,
    "sparse_sigmoid": _operator("HardSigmoid", alpha=0.5, beta=0.5),
    "sparsemax": sparsemax,
    "squareplus": squareplus,
    "swish": silu,
    "tanh": _operator("Tanh"),
    "tanh_shrink": lambda b, x: ops.binary(b, "Sub", x, ops.unary(b, "Tanh", x)),
}


def activate(call: Call, x: Tensor, option: str = "activation", default: str = "linear") -> Tensor:
    """Apply the function that the layer's option names.

    Raises:
        UnknownFunction: It is not Keras's own.
    """
    value = call.options.raw(option, default)
    if isinstance(value, Mapping) and isinstance(value.get("config"), Mapping):
        layer = call.layer.child(option, value)  # a layer in the place of a function
        return _called(Call(b=call.b, layer=layer, args=[x]))
    name = function_name(call, value)
    y = _function(name, call.layer.dialect)(call.b, x)
    y.activation = name
    return y


def function_name(call: Call, value: Any) -> str:
    """Return the name of an activation, in whatever way the file spells it.

    Raises:
        UnknownFunction: It is not Keras's own.
    """
    named = value
    if isinstance(value, Mapping):
        inner = value.get("config")
        named = inner if isinstance(inner, str) else value.get("class_name")
    if isinstance(named, str) and named.rpartition(">")[2] in FUNCTIONS:
        return named.rpartition(">")[2]
    if isinstance(named, str) and "lambda" in named:
        named = "lambda"
    raise refusals.UnknownFunction(layer=call.layer.name, function=harmless(named))


def _function(name: str, dialect: Dialect) -> Function:
    if name == "hard_sigmoid" and dialect is Dialect.KERAS2:
        return hard_sigmoid_of_keras_2
    return FUNCTIONS[name]


def _called(call: Call) -> Tensor:
    y = call.layer.coverage.emit(call)
    call.options.finish()
    assert isinstance(y, Tensor)
    return y


@covers("Activation", masks=Masks.KEEP)
def activation(call: Call) -> Tensor:
    """Apply a function by name."""
    return activate(call, call.x)


@covers("ReLU", masks=Masks.KEEP)
def relu_layer(call: Call) -> Tensor:
    """Apply relu with slope, threshold and ceiling."""
    options = call.options
    ceiling = options.number("max_value") if options.has("max_value") else None
    return relu(
        call.b,
        call.x,
        slope=options.number("negative_slope", 0.0),
        threshold=options.number("threshold", 0.0),
        ceiling=ceiling,
    )


@covers("LeakyReLU", masks=Masks.KEEP)
def leaky_relu_layer(call: Call) -> Tensor:
    """Apply relu with a slope; Keras 2 calls it alpha."""
    old = call.options.number("alpha", 0.3)
    return relu(call.b, call.x, slope=call.options.number("negative_slope", old))


@covers("ThresholdedReLU", masks=Masks.KEEP)
def thresholded_relu_layer(call: Call) -> Tensor:
    """Return x above theta, else 0 (Keras 2)."""
    return ops.unary(call.b, "ThresholdedRelu", call.x, alpha=call.options.number("theta", 1.0))


@covers("ELU", masks=Masks.KEEP)
def elu_layer(call: Call) -> Tensor:
    """Apply elu."""
    return elu(call.b, call.x, call.options.number("alpha", 1.0))


@covers("PReLU", variables=lambda _layer: [Variable(name="alpha")], masks=Masks.KEEP)
def prelu_layer(call: Call) -> Tensor:
    """Apply relu with a learned slope for each number of a sample; shared axes have size 1."""
    b, x = call.b, call.x
    call.options.ignore("shared_axes")
    alpha = call.layer.weight("alpha")
    positive = ops.unary(b, "Relu", x)
    negative = ops.binary(b, "Min", x, 0.0)
    return ops.binary(b, "Add", positive, ops.binary(b, "Mul", negative, alpha))


@covers("Softmax", masks=Masks.KEEP)
def softmax_layer(call: Call) -> Tensor:
    """Apply softmax along one axis, or several; a mask leaves places out."""
    b, x = call.b, call.first
    value = call.options.raw("axis", -1)
    axes = value if isinstance(value, list) else [value]
    if not axes or not all(isinstance(a, int) and -x.rank < a < x.rank for a in axes):
        raise call.options.unsupported("axis")
    axes = sorted(a % x.rank for a in axes)
    if 0 in axes:
        raise call.options.unsupported("axis")
    y = masked_softmax(b, x, axes, call.argument(1, "mask"))
    y.activation = "softmax" if axes == [x.rank - 1] else ""
    return y


def masked_softmax(b: Builder, x: Tensor, axes: Sequence[int], mask: Tensor | None) -> Tensor:
    """Return softmax over `axes`, 0 where `mask` does not hold."""
    if mask is not None:
        x = ops.where(b, ops.cast(b, mask, "bool"), x, -1e9)
    if len(axes) == 1:
        y = ops.softmax(b, x, axes[0])
    else:
        top = ops.reduce(b, "ReduceMax", x, axes, keepdims=True)
        powers = ops.unary(b, "Exp", ops.binary(b, "Sub", x, top))
        y = ops.binary(b, "Div", powers, ops.reduce(b, "ReduceSum", powers, axes, keepdims=True))
    return y if mask is None else ops.where(b, ops.cast(b, mask, "bool"), y, 0.0)
