"""Recurrent layers and Bidirectional: by ONNX's own operators where they can, else step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from assay.grading import refusals
from assay.grading.modelfile import ops
from assay.grading.modelfile.graph import shown
from assay.grading.modelfile.layer import (
    Call,
    Layer,
    Masks,
    Result,
    covers,
    flat_tensors,
)
from assay.grading.modelfile.layers import cells, rnn_operators
from assay.grading.modelfile.layers.cells import Outcome
from assay.grading.modelfile.saved import Variable
from assay.grading.modelfile.tensor import Tensor

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
    zero = options.boolean("zero_output_for_mask", default=False)
    initial = _initial_states(call)
    if rnn_operators.can_run(call):
        outcome = rnn_operators.run(
            call, x, backwards=backwards, initial=initial, zero_output_for_mask=zero
        )
    else:
        outcome = cells.scan(
            call.b, layer, x, backwards=backwards, initial=initial, zero_output_for_mask=zero
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
