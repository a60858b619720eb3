"""Recurrent cells, step by step: what ONNX's own recurrent operators cannot do.

`RNN` around any built-in cell, stacks of cells, ConvLSTM, and the recurrent
layers with activations that ONNX's operators do not know.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from assay.grading import refusals
from assay.grading.modelfile import ops
from assay.grading.modelfile.builder import Builder
from assay.grading.modelfile.layer import Call, Layer, Weight
from assay.grading.modelfile.layers.activations import activate
from assay.grading.modelfile.layers.convolution import convolve
from assay.grading.modelfile.layers.windows import Windows
from assay.grading.modelfile.names import snake_case
from assay.grading.modelfile.saved import Variable
from assay.grading.modelfile.tensor import Layout, Tensor

States = list[Tensor]
MOST_STEPS = 100_000


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a pass over the steps gave."""

    steps: Tensor  # (steps, ...), in the order of the input
    last: Tensor  # the answer at the last step that the pass came to
    states: Sequence[Tensor]  # after the last step


class Cell(Protocol):
    """What happens at one step."""

    def state_shapes(self, x: Tensor, /) -> list[tuple[int, ...]]:
        """Return the shapes of the states for an input like `x` at one step."""
        ...

    def step(self, b: Builder, x: Tensor, states: States) -> tuple[Tensor, States]:
        """Return the answer and the new states."""
        ...


@dataclass(frozen=True, kw_only=True)
class _Plain:
    """Base of the cells with matrices.

    `owner` has the options; its weights are found under `prefix`.
    """

    owner: Layer
    prefix: str = ""

    @property
    def units(self) -> int:
        """The size of the answer."""
        return self.owner.options.count("units")

    def weight(self, name: str, shape: tuple[int | None, ...]) -> Weight:
        """Return a weight of the cell."""
        return self.owner.weight(f"{self.prefix}{name}", shape)

    def bias(self, shape: tuple[int, ...]) -> Weight:
        """Return the bias, zeros if there is none."""
        if self.owner.options.boolean("use_bias", default=True):
            return self.weight("bias", shape)
        return np.zeros(shape, np.float32)

    def product(self, b: Builder, x: Tensor, name: str, width: int, bias: Weight) -> Tensor:
        """Return `x weight + bias`."""
        kernel = self.weight(name, (x.shape[-1], width))
        return ops.dense(b, x, kernel, b.constant(bias) if bias.any() else "")

    def activated(self, b: Builder, x: Tensor, option: str) -> Tensor:
        """Apply the function that the option names."""
        default = {"activation": "tanh", "recurrent_activation": "sigmoid"}[option]
        return activate(Call(b=b, layer=self.owner, args=[x]), x, option, default)


class _Simple(_Plain):
    def state_shapes(self, _: Tensor, /) -> list[tuple[int, ...]]:
        return [(self.units,)]

    def step(self, b: Builder, x: Tensor, states: States) -> tuple[Tensor, States]:
        units = self.units
        product = self.product(b, x, "kernel", units, self.bias((units,)))
        before = self.product(b, states[0], "recurrent_kernel", units, _none(units))
        h = self.activated(b, ops.binary(b, "Add", product, before), "activation")
        return h, [h]


class _Lstm(_Plain):
    def state_shapes(self, _: Tensor, /) -> list[tuple[int, ...]]:
        return [(self.units,)] * 2

    def step(self, b: Builder, x: Tensor, states: States) -> tuple[Tensor, States]:
        units = self.units
        product = self.product(b, x, "kernel", 4 * units, self.bias((4 * units,)))
        before = self.product(b, states[0], "recurrent_kernel", 4 * units, _none(4 * units))
        gates = _parts(b, ops.binary(b, "Add", product, before), 4)
        return self.combined(b, gates, states[1])

    def combined(self, b: Builder, gates: Sequence[Tensor], c: Tensor) -> tuple[Tensor, States]:
        """Return answer and states from the gates before activation: input, forget, cell, output."""
        i, f, o = (self.activated(b, gates[n], "recurrent_activation") for n in (0, 1, 3))
        kept = ops.binary(b, "Mul", f, c)
        added = ops.binary(b, "Mul", i, self.activated(b, gates[2], "activation"))
        c = ops.binary(b, "Add", kept, added)
        h = ops.binary(b, "Mul", o, self.activated(b, c, "activation"))
        return h, [h, c]


class _Gru(_Plain):
    def state_shapes(self, _: Tensor, /) -> list[tuple[int, ...]]:
        return [(self.units,)]

    def step(self, b: Builder, x: Tensor, states: States) -> tuple[Tensor, States]:
        units, h = self.units, states[0]
        after = self.owner.options.boolean("reset_after", default=False)
        both = self.bias((2, 3 * units) if after else (3 * units,)).reshape(-1, 3 * units)
        zx, rx, hx = _parts(b, self.product(b, x, "kernel", 3 * units, both[0]), 3)
        if after:
            zh, rh, hh = _parts(b, self.product(b, h, "recurrent_kernel", 3 * units, both[1]), 3)
            z, r = self._gate(b, zx, zh), self._gate(b, rx, rh)
            candidate = ops.binary(b, "Mul", r, hh)
        else:
            kernel = self.weight("recurrent_kernel", (units, 3 * units))
            gates, rest = np.split(kernel, [2 * units], axis=1)
            zh, rh = _parts(b, ops.dense(b, h, np.ascontiguousarray(gates), ""), 2)
            z, r = self._gate(b, zx, zh), self._gate(b, rx, rh)
            reset = ops.binary(b, "Mul", r, h)
            candidate = ops.dense(b, reset, np.ascontiguousarray(rest), "")
        candidate = self.activated(b, ops.binary(b, "Add", hx, candidate), "activation")
        kept = ops.binary(b, "Mul", z, h)
        new = ops.binary(b, "Mul", ops.binary(b, "Sub", 1.0, z), candidate)
        h = ops.binary(b, "Add", kept, new)
        return h, [h]

    def _gate(self, b: Builder, x: Tensor, h: Tensor) -> Tensor:
        return self.activated(b, ops.binary(b, "Add", x, h), "recurrent_activation")


class _ConvLstm(_Lstm):
    """LSTM whose products are convolutions."""

    @property
    def rank(self) -> int:
        """Number of spatial axes."""
        return int(self.owner.kind[-2])

    def _windows(self) -> tuple[Windows, Windows]:
        """Return how the input's and the state's windows slide."""
        options = self.owner.options
        ones = (1,) * self.rank
        size = options.sizes("kernel_size", self.rank)
        into = Windows(
            size=size,
            strides=options.sizes("strides", self.rank, 1),
            dilation=options.sizes("dilation_rate", self.rank, 1),
            padding=options.choice("padding", ("valid", "same"), "valid"),
        )
        return into, Windows(size=size, strides=ones, dilation=ones, padding="same")

    def state_shapes(self, x: Tensor, /) -> list[tuple[int, ...]]:
        call = Call(b=Builder(), layer=self.owner, args=[x])
        places = self._windows()[0].places(call.known(x)[:-1], call)
        shape = (*(place or 1 for place in places), self.owner.options.count("filters"))
        return [shape, shape]

    def step(self, b: Builder, x: Tensor, states: States) -> tuple[Tensor, States]:
        filters = self.owner.options.count("filters")
        into, again = self._windows()
        bias = self.bias((4 * filters,))
        product = self._convolved(b, x, "kernel", into, bias)
        before = self._convolved(b, states[0], "recurrent_kernel", again, None)
        gates = _parts(b, ops.binary(b, "Add", product, before), 4)
        return self.combined(b, gates, states[1])

    def _convolved(
        self, b: Builder, x: Tensor, name: str, size: Windows, bias: Weight | None
    ) -> Tensor:
        filters = self.owner.options.count("filters")
        kernel = self.weight(name, (*size.size, x.shape[-1], 4 * filters))
        order = (self.rank + 1, self.rank, *range(self.rank))
        moved = np.ascontiguousarray(kernel.transpose(order))
        call = Call(b=b, layer=self.owner, args=[x])
        return convolve(call, x, moved, size, groups=1, bias=bias)


@dataclass(frozen=True, kw_only=True)
class _Stack:
    """Cells on top of each other."""

    cells: Sequence[Cell]

    def state_shapes(self, x: Tensor, /) -> list[tuple[int, ...]]:
        shapes: list[tuple[int, ...]] = []
        for cell in self.cells:
            own = cell.state_shapes(x)
            shapes += own
            x = Tensor(shape=own[0], names={Layout.LAST: ""})
        return shapes

    def step(self, b: Builder, x: Tensor, states: States) -> tuple[Tensor, States]:
        new: States = []
        for cell in self.cells:
            own = states[len(new) : len(new) + len(cell.state_shapes(x))]
            x, after = cell.step(b, x, own)
            new += after
        return x, new


def _none(width: int) -> Weight:
    return np.zeros(width, np.float32)


def _parts(b: Builder, x: Tensor, count: int) -> list[Tensor]:
    """Cut the last axis into equal parts."""
    layout = x.layout
    each = (x.shape[-1] or count) // count
    shape = (*x.shape[:-1], each)
    sizes = b.constant(np.full(count, each, np.int64))
    names = b.nodes(
        "Split",
        [x.names[layout], sizes],
        [(shape, x.dtype)] * count,
        axis=ops.place(-1, x.rank, layout),
    )
    return [ops.tensor(name, shape, x.dtype, layout) for name in names]


_CELLS: dict[str, type[_Simple | _Lstm | _Gru]] = {
    "SimpleRNN": _Simple,
    "LSTM": _Lstm,
    "GRU": _Gru,
}


def cell_of(layer: Layer) -> Cell:
    """Return the cell that a recurrent layer runs, or that a cell's layer is.

    Raises:
        UnsupportedOption: It is not one of Keras's own.
    """
    kind = layer.kind
    if kind in _CELLS:
        return _CELLS[kind](owner=layer, prefix="cell/")
    if kind.removesuffix("Cell") in _CELLS:
        return _CELLS[kind.removesuffix("Cell")](owner=layer)
    if kind.startswith("ConvLSTM"):
        return _ConvLstm(owner=layer, prefix="cell/")
    if kind == "RNN":
        return cell_of(layer.child("cell", layer.options.mapping("cell")))
    if kind == "StackedRNNCells":
        return _Stack(cells=[cell_of(inner) for inner in stacked(layer)])
    raise layer.options.unsupported("cell")


def stacked(layer: Layer) -> list[Layer]:
    """Return the cells of a stack, named as Keras's containers name their members."""
    used: dict[str, int] = {}
    result = []
    for config in layer.options.list("cells"):
        kind = str(config.get("class_name")) if isinstance(config, dict) else ""
        name = snake_case(kind)
        number = used.get(name, 0)
        used[name] = number + 1
        result.append(layer.child(f"cells/{name}_{number}" if number else f"cells/{name}", config))
    return result


def inner_layers(layer: Layer) -> list[tuple[str, Layer]]:
    """Return the layers inside a recurrent layer, each with the path to it."""
    if layer.kind == "RNN":
        return [("cell", layer.child("cell", layer.options.mapping("cell")))]
    if layer.kind == "StackedRNNCells":
        start = f"{layer.path}/" if layer.path else ""
        return [(inner.path.removeprefix(start), inner) for inner in stacked(layer)]
    return []


def variables(layer: Layer) -> Sequence[Variable]:
    """Return the weights of a cell, or of a layer that has cells inside."""
    inside = inner_layers(layer)
    if inside:
        return [v.under(path) for path, inner in inside for v in inner.variables()]
    names = ["kernel", "recurrent_kernel"]
    if layer.options.boolean("use_bias", default=True):
        names.append("bias")
    path = "" if layer.kind.endswith("Cell") else "cell"
    return [Variable(name=name, path=path) for name in names]


def scan(
    b: Builder,
    layer: Layer,
    x: Tensor,
    *,
    backwards: bool,
    initial: Sequence[Tensor],
    zero_output_for_mask: bool,
) -> Outcome:
    """Run a recurrent layer's cell over the steps of `x`, one after the other.

    A masked step leaves the states as they are and repeats the answer before it,
    or answers 0 with `zero_output_for_mask`.
    """
    cell = cell_of(layer)
    steps, each = x.shape[0], x.shape[1:]
    if (steps or 1) > MOST_STEPS:
        raise refusals.TooManyLayers(limit=MOST_STEPS)
    like = Tensor(shape=each, names={Layout.LAST: ""})
    shapes = cell.state_shapes(like)
    answer_shape = _answer_shape(cell, like, shapes)
    if initial and [state.shape for state in initial] != shapes:
        raise ops.Mismatch
    states = list(initial) or [ops.zeros(b, x, shape) for shape in shapes]
    states.append(ops.zeros(b, x, answer_shape))
    scanned = [x] if x.mask is None else [x, x.mask]
    with b.body(steps):
        inside = [b.value(state.shape) for state in states]
        now = b.value(each)
        ends: list[Tensor] = [*inside, now]
        answer, after = cell.step(b, now, inside[:-1])
        if x.mask is not None:
            kept = b.value((), "bool")
            ends.append(kept)
            after = [_chosen(b, kept, s, old) for s, old in zip(after, inside[:-1], strict=True)]
            answer = _chosen(b, kept, answer, 0.0 if zero_output_for_mask else inside[-1])
        out = [ops.last(b, state) for state in (*after, answer, answer)]
        graph, extra = b.end_body(ends, [(name, "float32") for name in out])
    direction = [1] if backwards else [0]
    names = b.nodes(
        "Scan",
        [ops.last(b, tensor) for tensor in (*states, *scanned)],
        [(s.shape, "float32") for s in states] + [((steps, *answer_shape), "float32")],
        multiply_adds=0,
        body=graph,
        num_scan_inputs=len(scanned),
        scan_input_axes=[1] * len(scanned),
        scan_input_directions=direction * len(scanned),
        scan_output_axes=[1],
        scan_output_directions=direction,
    )
    b.occupy(names[-1], extra)
    return Outcome(
        steps=ops.tensor(names[-1], (steps, *answer_shape)),
        last=ops.tensor(names[-2], answer_shape),
        states=[ops.tensor(n, s) for n, s in zip(names[:-2], shapes, strict=True)],
    )


def _answer_shape(cell: Cell, x: Tensor, shapes: list[tuple[int, ...]]) -> tuple[int, ...]:
    """Return the shape of the answer: the first state's of the last cell."""
    if isinstance(cell, _Stack):
        below = sum(len(inner.state_shapes(x)) for inner in cell.cells[:-1])
        return shapes[below]
    return shapes[0]


def _chosen(b: Builder, kept: Tensor, new: Tensor, old: Any) -> Tensor:
    """Return `new` for the samples whose step counts, `old` for the others."""
    raised = ops.reshape(b, kept, (1,) * len(new.shape))
    return ops.where(b, raised, new, old)
