"""Recurrent layers by ONNX's own operators, for those whose functions they know.

ONNX skips steps only at the end of a sequence. Keras's mask may have them
anywhere, so the steps that count are first moved to the front, and the answers
back to where they belong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assay.grading.modelfile import ops
from assay.grading.modelfile.builder import Builder
from assay.grading.modelfile.layer import Call, Weight
from assay.grading.modelfile.layers.activations import function_name
from assay.grading.modelfile.layers.cells import Outcome
from assay.grading.modelfile.saved import Dialect
from assay.grading.modelfile.tensor import Tensor, size_of

# Keras's name → ONNX's name and the constants that the function takes there. Softplus is
# left out: in ONNX Runtime's recurrent operators it overflows.
_ACTIVATIONS: dict[str, tuple[str, Sequence[float]]] = {
    "elu": ("Elu", [1.0]),
    "hard_sigmoid": ("HardSigmoid", [1 / 6, 0.5]),
    "leaky_relu": ("LeakyRelu", [0.2]),
    "linear": ("Affine", [1.0, 0.0]),
    "relu": ("Relu", []),
    "sigmoid": ("Sigmoid", []),
    "softsign": ("Softsign", []),
    "tanh": ("Tanh", []),
}


def can_run(call: Call) -> bool:
    """Return whether ONNX has an operator for the layer and its functions."""
    if call.layer.kind not in _UNITS:
        return False
    options = [o for o in ("activation", "recurrent_activation") if call.options.has(o)]
    values = [call.options.raw(option) for option in options]
    if any(isinstance(v, Mapping) and isinstance(v.get("config"), Mapping) for v in values):
        return False  # a layer in the place of a function
    return all(function_name(call, value) in _ACTIVATIONS for value in values)


def run(
    call: Call,
    x: Tensor,
    *,
    backwards: bool,
    initial: Sequence[Tensor],
    zero_output_for_mask: bool,
) -> Outcome:
    """Run a layer that `can_run` over the steps of `x`, `(steps, features)`.

    Args:
        call: The call of the layer.
        x: The steps; its mask says which of them count.
        backwards: Whether to begin with the last step.
        initial: The states before the first step; zeros if there are none.
        zero_output_for_mask: Whether a masked step answers 0; else it repeats the answer before.

    Raises:
        UnsupportedOption: An option has a value that ONNX's operator does not know.
    """
    outcome = _pass(
        call.b,
        _UNITS[call.layer.kind](call),
        x,
        backwards=backwards,
        initial=initial,
        zero_output_for_mask=zero_output_for_mask,
    )
    if not zero_output_for_mask or x.mask is None:
        return outcome
    kept = ops.cast(call.b, x.mask, "float32")
    end = ops.cut(call.b, kept, 1, 0, 1) if backwards else ops.cut(call.b, kept, 1, -1, None)
    last = ops.binary(call.b, "Mul", outcome.last, end)
    return Outcome(steps=outcome.steps, last=last, states=outcome.states)


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A recurrent layer as ONNX's operator wants it."""

    operator: str  # "RNN", "GRU" or "LSTM"
    units: int
    kernel: Weight  # (gates * units, features)
    recurrent: Weight  # (gates * units, units)
    bias: Weight  # (2 * gates * units,)
    activations: Sequence[str]
    alphas: Sequence[float]  # of those activations that take one, in order
    betas: Sequence[float]
    reset_after: bool = True

    @property
    def states(self) -> int:
        """How many states the layer carries from step to step."""
        return 2 if self.operator == "LSTM" else 1


def _simple(call: Call) -> Unit:
    return _unit(call, "RNN", [0], ("activation",))


def _gru(call: Call) -> Unit:
    return _unit(call, "GRU", [0, 1, 2], ("recurrent_activation", "activation"))


def _lstm(call: Call) -> Unit:
    # Keras's gates are input, forget, cell, output; ONNX's input, output, forget, cell.
    return _unit(call, "LSTM", [0, 3, 1, 2], ("recurrent_activation", "activation", "activation"))


_UNITS: dict[str, Callable[[Call], Unit]] = {"SimpleRNN": _simple, "GRU": _gru, "LSTM": _lstm}


def _unit(call: Call, operator: str, order: Sequence[int], functions: Sequence[str]) -> Unit:
    options, layer = call.options, call.layer
    units = options.count("units")
    gates = len(order)
    width = gates * units
    features = call.first.shape[-1]
    kernel = layer.weight("cell/kernel", (features, width))
    recurrent = layer.weight("cell/recurrent_kernel", (units, width))
    reset_after = operator != "GRU" or options.boolean("reset_after", default=False)
    both = np.zeros((2, width), np.float32)
    if options.boolean("use_bias", default=True):
        double = operator == "GRU" and reset_after
        bias = layer.weight("cell/bias", (2, width) if double else (width,))
        both[: bias.size // width] = bias.reshape(-1, width)
    defaults = {"recurrent_activation": "sigmoid", "activation": "tanh"}
    chosen = [
        _activation(call, option, function_name(call, options.raw(option, defaults[option])))
        for option in functions
    ]

    def gated(weights: Weight) -> Weight:
        """Reorder the gates on the last axis and put it first."""
        split = weights.reshape(*weights.shape[:-1], gates, units)[..., list(order), :]
        return np.ascontiguousarray(split.reshape(*weights.shape[:-1], width).T)

    return Unit(
        operator=operator,
        units=units,
        kernel=gated(kernel),
        recurrent=gated(recurrent),
        bias=np.concatenate([gated(both[0]), gated(both[1])]),
        activations=[name for name, _ in chosen],
        alphas=[constants[0] for _, constants in chosen if constants],
        betas=[constants[1] for _, constants in chosen if len(constants) > 1],
        reset_after=reset_after,
    )


def _activation(call: Call, option: str, name: str) -> tuple[str, Sequence[float]]:
    if name == "hard_sigmoid" and call.layer.dialect is Dialect.KERAS2:
        return ("HardSigmoid", [0.2, 0.5])
    if name not in _ACTIVATIONS:
        raise call.options.unsupported(option)
    return _ACTIVATIONS[name]


def _pass(
    b: Builder,
    unit: Unit,
    x: Tensor,
    *,
    backwards: bool,
    initial: Sequence[Tensor],
    zero_output_for_mask: bool,
) -> Outcome:
    """Run the layer over the steps of `x`, `(steps, features)`."""
    mask = None if x.mask is None else _Compaction(b, x.mask)
    source = x if mask is None else mask.compact(b, x)
    steps = x.shape[0]
    time_first = b.node("Transpose", [ops.last(b, source)], source.shape, perm=[1, 0, 2])
    lengths = "" if mask is None else mask.lengths
    inputs = [time_first, b.constant(unit.kernel[None]), b.constant(unit.recurrent[None])]
    inputs += [b.constant(unit.bias[None]), lengths]
    inputs += [
        b.node("Unsqueeze", [ops.last(b, state), b.constant(np.array([0]))], state.shape)
        for state in initial
    ]
    shape = (steps, unit.units)
    cost = size_of((steps,)) * (unit.kernel.size + unit.recurrent.size)
    out = b.nodes(
        unit.operator,
        inputs,
        [(shape, "float32")] + [((unit.units,), "float32")] * unit.states,
        multiply_adds=cost,
        hidden_size=unit.units,
        direction="reverse" if backwards else None,
        activations=unit.activations,
        activation_alpha=unit.alphas or None,
        activation_beta=unit.betas or None,
        linear_before_reset=int(unit.reset_after) if unit.operator == "GRU" else None,
    )
    time_first = b.node("Squeeze", [out[0], b.constant(np.array([1]))], shape)
    batch_first = b.node("Transpose", [time_first], shape, perm=[1, 0, 2])
    states = [
        ops.tensor(
            b.node("Squeeze", [name, b.constant(np.array([0]))], (unit.units,)), (unit.units,)
        )
        for name in out[1:]
    ]
    y = ops.tensor(batch_first, shape)
    if mask is not None:
        y = mask.restore(b, y, backwards=backwards, zero=zero_output_for_mask)
    return Outcome(steps=y, last=states[0], states=states)


class _Compaction:
    """Moves the steps that a mask keeps to the front, and answers back to their places."""

    def __init__(self, b: Builder, mask: Tensor) -> None:
        steps = mask.shape
        self._kept = ops.cast(b, mask, "int32")
        kept = ops.last(b, self._kept)
        counts = b.node("CumSum", [kept, b.constant(np.array(1))], steps, dtype="int32")
        self._counts = ops.tensor(counts, steps, "int32")
        self.lengths = b.node(
            "ReduceSum", [kept, b.constant(np.array([1]))], (), dtype="int32", keepdims=0
        )
        # Sorting by this brings the kept steps first and leaves them in order.
        shape = b.node("Shape", [kept], (), dtype="int64")
        length = b.node("Gather", [shape, b.constant(np.array([1]))], (), dtype="int64")
        as_float = b.node("Cast", [length], (), to=1)
        dropped = ops.cast(b, ops.unary(b, "Not", mask), "float32")
        late = b.node("Mul", [ops.last(b, dropped), as_float], steps)
        ones = b.node("Mul", [late, b.constant(np.float32(0))], steps)
        ones = b.node("Add", [ones, b.constant(np.float32(1))], steps)
        place = b.node("CumSum", [ones, b.constant(np.array(1))], steps)
        key = b.node("Add", [place, late], steps)
        _, order = b.nodes("TopK", [key, length], [(steps, "float32"), (steps, "int64")], largest=0)
        self._order = order

    def compact(self, b: Builder, x: Tensor) -> Tensor:
        """Return `x` with the kept steps first."""
        return self._gathered(b, x, self._order)

    def restore(self, b: Builder, y: Tensor, *, backwards: bool, zero: bool) -> Tensor:
        """Return answers in the order of the input.

        A masked step repeats the answer of the step before it (in the direction
        of the pass), which is 0 if there is none; with `zero`, it is always 0.
        """
        counts = self._counts
        if backwards:
            index = ops.binary(b, "Sub", counts, self._kept)
            answered = None  # beyond the kept steps ONNX's answers are 0
        else:
            index = ops.binary(b, "Max", ops.binary(b, "Sub", counts, 1), 0)
            answered = ops.binary(b, "Min", counts, 1)
        y = self._gathered(b, y, ops.last(b, ops.cast(b, index, "int64")))
        if zero:
            answered = self._kept
        if answered is not None:
            weights = ops.expand_dims(b, ops.cast(b, answered, "float32"), 2)
            y = ops.binary(b, "Mul", y, weights)
        return y

    def _gathered(self, b: Builder, x: Tensor, index: str) -> Tensor:
        column = b.node("Unsqueeze", [index, b.constant(np.array([2]))], x.shape[:1], dtype="int64")
        name = b.node("GatherND", [ops.last(b, x), column], x.shape, dtype=x.dtype, batch_dims=1)
        return ops.tensor(name, x.shape, x.dtype)
