"""Recurrent layers and Bidirectional.

ONNX skips steps only at the end of a sequence. Keras's mask may have them
anywhere, so the steps that count are first moved to the front, and the answers
back to where they belong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from assay.grading import refusals
from assay.grading.modelfile import ops
from assay.grading.modelfile.builder import Builder
from assay.grading.modelfile.graph import shown
from assay.grading.modelfile.layer import (
    Call,
    Layer,
    Masks,
    Result,
    Weight,
    covers,
    flat_tensors,
)
from assay.grading.modelfile.layers import cells
from assay.grading.modelfile.layers.activations import function_name
from assay.grading.modelfile.layers.cells import Outcome
from assay.grading.modelfile.saved import Dialect, Variable
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


_LAYERS = ("SimpleRNN", "GRU", "LSTM", "RNN", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D")


@covers(*_LAYERS, variables=cells.variables, masks=Masks.OWN, note="stateful=True; time_major=True")
def recurrent(call: Call) -> Result:
    """Read a recurrent layer."""
    outcome = _run(call, backwards=call.options.boolean("go_backwards", default=False))
    answers = _answers(call, outcome)
    if call.options.boolean("return_state", default=False):
        return (answers, *(_saved(call, state) for state in outcome.states))
    return answers


@covers("SimpleRNNCell", "GRUCell", "LSTMCell", "StackedRNNCells", variables=cells.variables)
def cell(call: Call) -> Result:
    """Read one step of a cell that is called by itself."""
    given = call.argument(1, "states")
    states = given if isinstance(given, list) else [given]
    one = cells.cell_of(call.layer)
    x = call.first
    shapes = one.state_shapes(x)
    if [state.shape if isinstance(state, Tensor) else None for state in states] != shapes:
        raise call.misfit(" ".join(shown(shape) for shape in shapes), "other states")
    answer, after = one.step(call.b, x, states)
    _finish(call.layer)
    return (answer, *after)


def _run(call: Call, *, backwards: bool) -> Outcome:
    """Run a recurrent layer over the steps of its first input."""
    options, layer = call.options, call.layer
    if options.raw("stateful", default=False):
        raise refusals.StatefulLayer(layer=layer.name)
    options.forbid("time_major")
    x = _sequence(call)
    run = _run_fast if _is_fast(call) else _run_slowly
    outcome = run(
        call,
        x,
        backwards=backwards,
        zero_output_for_mask=options.boolean("zero_output_for_mask", default=False),
    )
    _finish(layer)
    return outcome


def _finish(layer: Layer) -> None:
    """Refuse options that nobody asked for, of the cells inside too."""
    layer.options.ignore(
        "return_sequences", "return_state", "cell", "cells", "reset_after", "stateful"
    )
    for _, inner in cells.inner_layers(layer):
        inner.options.ignore("return_sequences", "return_state")
        _finish(inner)
        inner.options.finish()


def _is_fast(call: Call) -> bool:
    """Whether ONNX has an operator for the layer and its functions."""
    if call.layer.kind not in _UNITS:
        return False
    options = [o for o in ("activation", "recurrent_activation") if call.options.has(o)]
    values = [call.options.raw(option) for option in options]
    if any(isinstance(v, Mapping) and isinstance(v.get("config"), Mapping) for v in values):
        return False  # a layer in the place of a function
    return all(function_name(call, value) in _ACTIVATIONS for value in values)


def _run_fast(call: Call, x: Tensor, *, backwards: bool, zero_output_for_mask: bool) -> Outcome:
    outcome = _pass(
        call.b,
        _UNITS[call.layer.kind](call),
        x,
        backwards=backwards,
        initial=_initial_states(call),
        zero_output_for_mask=zero_output_for_mask,
    )
    if not zero_output_for_mask or x.mask is None:
        return outcome
    kept = ops.cast(call.b, x.mask, "float32")
    end = ops.cut(call.b, kept, 1, 0, 1) if backwards else ops.cut(call.b, kept, 1, -1, None)
    last = ops.binary(call.b, "Mul", outcome.last, end)
    return Outcome(steps=outcome.steps, last=last, states=outcome.states)


def _run_slowly(call: Call, x: Tensor, *, backwards: bool, zero_output_for_mask: bool) -> Outcome:
    return cells.scan(
        call.b,
        call.layer,
        x,
        backwards=backwards,
        initial=_initial_states(call),
        zero_output_for_mask=zero_output_for_mask,
    )


def _sequence(call: Call) -> Tensor:
    """Return the steps, each with its channels last."""
    x = call.first
    rank = 3 + int(call.layer.kind[-2]) if call.layer.kind.startswith("ConvLSTM") else 3
    if x.rank != rank:
        raise call.misfit("(steps, features)" if rank == 3 else f"{rank - 1} axes", x.shape)  # noqa: PLR2004
    if call.options.raw("data_format") == "channels_first":
        mask = x.mask
        x = ops.transpose(call.b, x, [0, 1, *range(3, rank), 2])
        x.mask = mask
    return x


def _saved(call: Call, x: Tensor) -> Tensor:
    """Return a state or an answer as the layer's `data_format` has it."""
    if call.options.raw("data_format") != "channels_first":
        return x
    extra = x.rank - int(call.layer.kind[-2]) - 2  # 1 with steps, else 0
    front = list(range(1 + extra))
    return ops.transpose(call.b, x, [*front, x.rank - 1, *range(1 + extra, x.rank - 1)])


def _answers(call: Call, outcome: Outcome) -> Tensor:
    """Return all answers or the last one, as the options say."""
    options = call.options
    if not options.boolean("return_sequences", default=False):
        y = _saved(call, outcome.last)
        return ops.tensor(ops.last(call.b, y), y.shape)
    y = outcome.steps
    if options.boolean("go_backwards", default=False):
        y = ops.cut(call.b, y, 1, -1, None, -1)
    y = _saved(call, y)
    y.mask = call.first.mask
    return y


def _initial_states(call: Call) -> list[Tensor]:
    given = call.argument(1, "initial_state")
    if given is None and call.args and isinstance(call.args[0], list | tuple):
        given = list(call.args[0][1:])
    elif given is None:
        given = call.inputs[1:]
    return flat_tensors(given)


def _both(layer: Layer) -> tuple[Layer, Layer]:
    """Return the forward and the backward layer of a Bidirectional."""
    forward = layer.options.mapping("layer")
    backward = layer.options.raw("backward_layer")
    if backward is None:
        inner = forward.get("config")
        config: dict[str, Any] = dict(inner) if isinstance(inner, Mapping) else {}
        config["go_backwards"] = not config.get("go_backwards", False)
        backward = {**forward, "config": config}
    return layer.child("forward_layer", forward), layer.child("backward_layer", backward)


def _bidirectional_variables(layer: Layer) -> Sequence[Variable]:
    forward, backward = _both(layer)
    return [
        *(variable.under("forward_layer") for variable in forward.variables()),
        *(variable.under("backward_layer") for variable in backward.variables()),
    ]


@covers("Bidirectional", variables=_bidirectional_variables, masks=Masks.OWN)
def bidirectional(call: Call) -> Result:
    """Read a recurrent layer that goes over the steps both ways."""
    b = call.b
    mode = call.options.raw("merge_mode", "none")
    call.options.ignore("layer", "backward_layer")
    x, given = call.first, _initial_states(call)
    results: list[Tensor] = []
    states: list[Tensor] = []
    for number, layer in enumerate(_both(call.layer)):
        if layer.kind not in _LAYERS:
            raise call.options.unsupported("layer")
        half = len(given) // 2
        own = given[:half] if number == 0 else given[half:]
        inner = Call(b=b, layer=layer, args=[x], kwargs={"initial_state": own})
        outcome = _run(inner, backwards=layer.options.boolean("go_backwards", default=False))
        y = _answers(inner, outcome)
        if number == 1 and layer.options.boolean("return_sequences", default=False):
            mask = y.mask  # Keras turns the second one's answers around
            y = ops.cut(b, y, 1, -1, None, -1)
            y.mask = mask
        results.append(y)
        if layer.options.boolean("return_state", default=False):
            states += [_saved(inner, state) for state in outcome.states]
        layer.options.finish()
    merged = _merged(call, results, mode)
    for y in merged:
        y.mask = results[0].mask
    return (*merged, *states) if len(merged) + len(states) > 1 else merged[0]


def _merged(call: Call, results: Sequence[Tensor], mode: Any) -> list[Tensor]:
    b = call.b
    forward, backward = results
    if mode == "none":
        return list(results)
    if mode == "concat":
        return [ops.concat(b, results, -1)]
    if mode == "sum":
        return [ops.binary(b, "Add", forward, backward)]
    if mode == "ave":
        return [ops.binary(b, "Mul", ops.binary(b, "Add", forward, backward), 0.5)]
    if mode == "mul":
        return [ops.binary(b, "Mul", forward, backward)]
    raise call.options.unsupported("merge_mode")
