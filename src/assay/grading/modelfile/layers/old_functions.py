"""TensorFlow's functions in functional models of Keras 2: `TFOpLambda`, `SlicingOpLambda`.

Despite their names these layers carry no code, only the name of a function and
its arguments. Those that `keras.ops` has too are read the same way.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from assay.grading import refusals
from assay.grading.modelfile.layer import OPERATIONS, Call, Masks, Result, covers
from assay.grading.modelfile.layers import shaping
from assay.grading.modelfile.layers.images import resize
from assay.grading.modelfile.names import harmless
from assay.grading.modelfile.tensor import Tensor

_FUNCTIONS = {
    "__operators__.add": "Add",
    "__operators__.eq": "Equal",
    "__operators__.logical_and": "LogicalAnd",
    "__operators__.logical_or": "LogicalOr",
    "__operators__.ne": "NotEqual",
    "abs": "Absolute",
    "add": "Add",
    "cast": "Cast",
    "clip_by_value": "Clip",
    "compat.v1.transpose": "Transpose",
    "concat": "Concatenate",
    "divide": "TrueDivide",
    "einsum": "Einsum",
    "exp": "Exp",
    "expand_dims": "ExpandDims",
    "floor": "Floor",
    "identity": "Identity",
    "l2_normalize": "Normalize",
    "linalg.l2_normalize": "Normalize",
    "linalg.matmul": "Matmul",
    "math.abs": "Absolute",
    "math.add": "Add",
    "math.ceil": "Ceil",
    "math.cos": "Cos",
    "math.divide": "TrueDivide",
    "math.exp": "Exp",
    "math.floor": "Floor",
    "math.floordiv": "FloorDivide",
    "math.floormod": "Mod",
    "math.greater": "Greater",
    "math.greater_equal": "GreaterEqual",
    "math.l2_normalize": "Normalize",
    "math.less": "Less",
    "math.less_equal": "LessEqual",
    "math.log": "Log",
    "math.log1p": "Log1p",
    "math.logical_not": "LogicalNot",
    "math.maximum": "Maximum",
    "math.minimum": "Minimum",
    "math.multiply": "Multiply",
    "math.negative": "Negative",
    "math.pow": "Power",
    "math.reciprocal": "Reciprocal",
    "math.reduce_max": "Max",
    "math.reduce_mean": "Mean",
    "math.reduce_min": "Min",
    "math.reduce_prod": "Prod",
    "math.reduce_std": "Std",
    "math.reduce_sum": "Sum",
    "math.reduce_variance": "Var",
    "math.rsqrt": "Rsqrt",
    "math.sigmoid": "Sigmoid",
    "math.sign": "Sign",
    "math.sin": "Sin",
    "math.softplus": "Softplus",
    "math.sqrt": "Sqrt",
    "math.square": "Square",
    "math.squared_difference": "SquaredDifference",
    "math.subtract": "Subtract",
    "math.tanh": "Tanh",
    "math.truediv": "TrueDivide",
    "maximum": "Maximum",
    "minimum": "Minimum",
    "multiply": "Multiply",
    "nn.elu": "Elu",
    "nn.gelu": "Gelu",
    "nn.leaky_relu": "LeakyRelu",
    "nn.log_softmax": "LogSoftmax",
    "nn.relu": "Relu",
    "nn.relu6": "Relu6",
    "nn.selu": "Selu",
    "nn.sigmoid": "Sigmoid",
    "nn.silu": "Silu",
    "nn.softmax": "Softmax",
    "nn.softplus": "Softplus",
    "nn.softsign": "Softsign",
    "nn.swish": "Silu",
    "nn.tanh": "Tanh",
    "one_hot": "OneHot",
    "ones_like": "OnesLike",
    "reduce_max": "Max",
    "reduce_mean": "Mean",
    "reduce_min": "Min",
    "reduce_sum": "Sum",
    "reshape": "Reshape",
    "reverse": "Flip",
    "round": "Round",
    "sigmoid": "Sigmoid",
    "split": "Split",
    "sqrt": "Sqrt",
    "square": "Square",
    "squeeze": "Squeeze",
    "stack": "Stack",
    "stop_gradient": "StopGradient",
    "subtract": "Subtract",
    "tanh": "Tanh",
    "tile": "Tile",
    "transpose": "Transpose",
    "truediv": "TrueDivide",
    "where": "Where",
    "zeros_like": "ZerosLike",
}
# Arguments that have other names, or other defaults, than in `keras.ops`.
_RENAMED = {"num_or_size_splits": "indices_or_sections"}
_DEFAULTS: dict[str, dict[str, Any]] = {
    "nn.gelu": {"approximate": False},
    "math.l2_normalize": {"epsilon": 1e-6},
}


@covers("TFOpLambda", masks=Masks.KEEP, note="functions that `keras.ops` does not have")
def function(call: Call) -> Result:
    """Read a function by name."""
    name = str(call.options.raw("function"))
    given = dict(_DEFAULTS.get(name, {}))
    given |= {
        _RENAMED.get(key, key): value
        for key, value in call.kwargs.items()
        if value is not None and key not in {"name", "mask"}
    }
    plain = Call(b=call.b, layer=call.layer, args=call.args, kwargs=given)
    if name in {"image.resize", "image.resize_with_crop_or_pad"}:
        return _resized(plain)
    kind = _FUNCTIONS.get(name)
    if kind is None:
        raise refusals.UnknownFunction(layer=call.layer.name, function=f"tf.{harmless(name)}")
    return OPERATIONS[kind].emit(replace(plain, operation=kind))


def _resized(call: Call) -> Tensor:
    size = call.kwargs.get("size")
    if not isinstance(size, list) or not all(isinstance(side, int) for side in size):
        raise call.misfit("size=[height, width]", "something else")
    height, width = size
    method = call.kwargs.get("method", "bilinear")
    antialias = bool(call.kwargs.get("antialias", False))
    return resize(call, call.x, (height, width), method, antialias=antialias)


@covers("SlicingOpLambda", masks=Masks.KEEP)
def slicing(call: Call) -> Result:
    """Read `x[...]`."""
    call.options.ignore("function")
    return shaping.get_item(call)
