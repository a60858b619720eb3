"""A layer of a saved model, a call of it, and the table of those that are covered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

import numpy as np
import numpy.typing as npt

from assay.grading import refusals
from assay.grading.modelfile.builder import Builder
from assay.grading.modelfile.graph import Shape, shown
from assay.grading.modelfile.names import harmless
from assay.grading.modelfile.options import Options
from assay.grading.modelfile.saved import Dialect, Stored, Variable
from assay.grading.modelfile.tensor import Tensor
from assay.grading.modelfile.uncovered import NOT_COVERED

Weight = npt.NDArray[np.float32]
Result = Tensor | tuple[Tensor, ...]
DEEPEST = 12  # layers inside layers


class Masks(Enum):
    """What a layer does with Keras's mask of its input."""

    DROP = "drop"  # the output has none
    KEEP = "keep"  # the output has the same
    OWN = "own"  # the layer sees to it itself


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """How one class of layers is read."""

    kind: str
    emit: Callable[[Call], Result]
    variables: Callable[[Layer], Sequence[Variable]]
    masks: Masks
    family: str  # the module that covers it
    note: str  # what is not covered, in English; empty if everything is


COVERED: dict[str, Coverage] = {}
OPERATIONS: dict[str, Coverage] = {}  # what functional models hold beside layers: `keras.ops`


def _nothing(_layer: Layer) -> Sequence[Variable]:
    return ()


def covers(
    *kinds: str,
    variables: Callable[[Layer], Sequence[Variable]] = _nothing,
    masks: Masks = Masks.DROP,
    note: str = "",
    table: dict[str, Coverage] = COVERED,
) -> Callable[[Callable[[Call], Result]], Callable[[Call], Result]]:
    """Register a function as the reader of the layers, or operations, called `kinds`."""

    def register(emit: Callable[[Call], Result]) -> Callable[[Call], Result]:
        family = emit.__module__.rsplit(".", 1)[-1]
        for kind in kinds:
            table[kind] = Coverage(
                kind=kind, emit=emit, variables=variables, masks=masks, family=family, note=note
            )
        return emit

    return register


@dataclass(eq=False, kw_only=True)
class Layer:
    """A layer as the file describes it."""

    name: str  # harmless
    kind: str  # harmless name of the class
    options: Options
    dialect: Dialect
    outer: Layer | None  # the layer that this one is inside of
    attribute: str  # under which Keras keeps it there
    coverage: Coverage
    stored: dict[str, Stored]  # of the whole model, by path and name
    parameters: int = 0  # of a top-level layer, with all inside
    _children: dict[str, Layer] = field(default_factory=dict)
    _read: dict[str, Weight] = field(default_factory=dict)
    memo: dict[str, Any] = field(default_factory=dict)  # what the layer's reader wants to keep

    @property
    def path(self) -> str:
        """The way here from the outermost model, through Keras's attributes."""
        if self.outer is None:
            return ""
        return f"{self.outer.path}/{self.attribute}" if self.outer.path else self.attribute

    @property
    def depth(self) -> int:
        """How many layers this one is inside of."""
        return 0 if self.outer is None else self.outer.depth + 1

    def child(self, attribute: str, config: Any) -> Layer:
        """Return the layer inside this one that Keras keeps as `attribute`."""
        if attribute not in self._children:
            self._children[attribute] = make_layer(
                config,
                dialect=self.dialect,
                stored=self.stored,
                outer=self,
                attribute=attribute,
            )
        return self._children[attribute]

    def variables(self) -> Sequence[Variable]:
        """Return the weights that the layer has according to its options, in Keras's order."""
        found = self.coverage.variables(self)
        if self.is_trainable():
            return found
        return [replace(variable, trainable=False) for variable in found]

    def is_trainable(self) -> bool:
        """Whether the layer was saved as trainable; it decides the order in old files."""
        return self.options.raw("trainable", default=True) is not False

    def weight(self, name: str, shape: Shape | None = None) -> Weight:
        """Return a weight as float32.

        Args:
            name: As in `Variable.key`.
            shape: That it must have; None leaves a size, or all of them, open.

        Raises:
            WeightsMissing: It is not in the file.
            WeightsDoNotFit: It has another shape.
        """
        key = f"{self.path}/{name}" if self.path else name
        stored = self.stored.get(key)
        if stored is None:
            raise refusals.WeightsMissing(layer=self.name)
        if shape is not None and not _fits(stored.shape, shape):
            raise refusals.WeightsDoNotFit(
                layer=self.name, expected=shown(shape), received=shown(stored.shape)
            )
        if name not in self._read:
            self._read[name] = np.ascontiguousarray(stored.read(), dtype=np.float32)
        return self._read[name]


def _fits(received: tuple[int, ...], expected: Shape) -> bool:
    return len(received) == len(expected) and all(
        wanted in (None, size) for size, wanted in zip(received, expected, strict=True)
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class Call:
    """One call of a layer."""

    b: Builder
    layer: Layer
    args: Sequence[Any]  # tensors, lists of them, constants
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    operation: str = ""  # that a layer by another name stands for

    @property
    def kind(self) -> str:
        """The class of the layer, or the operation that it stands for."""
        return self.operation or self.layer.kind

    @property
    def options(self) -> Options:
        """The layer's options."""
        return self.layer.options

    @property
    def x(self) -> Tensor:
        """The only input.

        Raises:
            ShapesDoNotFit: There are several.
        """
        inputs = self.inputs
        if len(inputs) != 1:
            raise self.misfit("one input", f"{len(inputs)} inputs")
        return inputs[0]

    @property
    def first(self) -> Tensor:
        """The first input.

        Raises:
            ShapesDoNotFit: There is none.
        """
        inputs = self.inputs
        if not inputs:
            raise self.misfit("an input", "none")
        return inputs[0]

    @property
    def inputs(self) -> list[Tensor]:
        """All tensors among the positional arguments."""
        return list(flat_tensors(self.args))

    def argument(self, position: int, name: str) -> Any:
        """Return an argument by position or name; None if it is not given."""
        if position < len(self.args):
            return self.args[position]
        return self.kwargs.get(name)

    def given(self, position: int, *names: str, default: Any = None) -> Any:
        """Return an argument of an operation: of the call, by any of its names, or an option."""
        self.options.ignore(*names)
        if position < len(self.args):
            return self.args[position]
        for name in names:
            if name in self.kwargs:
                return self.kwargs[name]
            if self.options.has(name):
                return self.options.raw(name)
        return default

    def misfit(self, expected: Shape | str, received: Shape | str) -> refusals.ShapesDoNotFit:
        """Return the refusal of the input's shape."""
        return refusals.ShapesDoNotFit(
            layer=self.layer.name,
            kind=self.layer.kind,
            expected=expected if isinstance(expected, str) else shown(expected),
            received=received if isinstance(received, str) else shown(received),
        )

    def known(self, x: Tensor) -> tuple[int, ...]:
        """Return the shape of `x`, which must leave nothing open.

        Raises:
            SizeUnknown: It leaves a size open.
        """
        sizes = tuple(size for size in x.shape if size is not None)
        if len(sizes) != len(x.shape):
            raise refusals.SizeUnknown(
                layer=self.layer.name, kind=self.layer.kind, received=shown(x.shape)
            )
        return sizes

    def needs_rank(self, x: Tensor, rank: int) -> None:
        """Refuse an input that does not have `rank` axes, the batch included."""
        if x.rank != rank:
            raise self.misfit(f"{rank - 1} axes", x.shape)


def flat_tensors(value: Any) -> list[Tensor]:
    """Return the tensors in a nest of lists and tuples, in order."""
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, list | tuple):
        return [tensor for item in value for tensor in flat_tensors(item)]
    if isinstance(value, Mapping):
        return [tensor for key in sorted(value) for tensor in flat_tensors(value[key])]
    return []


def make_layer(
    config: Any,
    *,
    dialect: Dialect,
    stored: dict[str, Stored],
    outer: Layer | None = None,
    attribute: str = "",
) -> Layer:
    """Return the layer that `{"class_name": ..., "config": ...}` describes.

    Args:
        config: As it stands in the file.
        dialect: Of the file.
        stored: The weights of the whole model, by path and name.
        outer: The layer that this one is inside of; None for the outermost model.
        attribute: Under which Keras keeps it there.

    Raises:
        Refusal: The class is not covered, or the description cannot be understood.
    """
    around = "?" if outer is None else outer.name
    if not isinstance(config, Mapping) or (outer is not None and outer.depth >= DEEPEST):
        raise refusals.UnreadableConfig(layer=around, part="layer")
    kind = config.get("class_name")
    inner = config.get("config")
    if isinstance(inner, list):  # Sequential, as Keras up to 2.2.2 wrote it
        inner = {"layers": inner}
    if not isinstance(kind, str) or not isinstance(inner, Mapping):
        raise refusals.UnreadableConfig(layer=around, part="class_name")
    name = harmless(inner.get("name", config.get("name", around)))
    coverage = _operation(kind, config, name) or _coverage(kind, config, name)
    _refuse_quantized(inner, name, coverage.kind)
    return Layer(
        name=name,
        kind=coverage.kind,
        options=Options(name, coverage.kind, inner),
        dialect=dialect,
        outer=outer,
        attribute=attribute,
        coverage=coverage,
        stored=stored,
    )


def is_operation(config: Mapping[str, Any]) -> bool:
    """Whether `{"class_name": ..., "config": ...}` is an operation of `keras.ops`.

    Some operations share their names with layers. Only layers say whether they are
    trainable, and `.keras` files name the module.
    """
    module = config.get("module")
    if isinstance(module, str):
        return module.startswith(("keras.src.ops.", "keras.src.activations."))
    inner = config.get("config")
    named = config.get("class_name") in OPERATIONS and "module" not in config
    return named and isinstance(inner, Mapping) and "trainable" not in inner


def _operation(kind: str, config: Mapping[str, Any], name: str) -> Coverage | None:
    """Return how an operation is read; None if this is a layer.

    Raises:
        UnknownFunction: The operation is not covered.
    """
    if not is_operation(config):
        return None
    if kind not in OPERATIONS:
        raise refusals.UnknownFunction(layer=name, function=harmless(kind))
    return OPERATIONS[kind]


def _coverage(kind: str, config: Mapping[str, Any], name: str) -> Coverage:
    """Return how the class is read.

    Raises:
        LambdaLayer: It carries code.
        CustomLayer: It is not Keras's own.
        UnknownLayer: It is not covered.
    """
    package, _, plain = kind.rpartition(">")  # "Custom>MyLayer", "Addons>..."
    registered = config.get("registered_name")
    if plain == "Lambda":
        raise refusals.LambdaLayer(layer=name)
    module = config.get("module", "keras")  # null: a class of the program that saved the model
    foreign = not isinstance(module, str) or module.split(".")[0] not in {"keras", "tf_keras"}
    custom = isinstance(registered, str) and ">" in registered
    if package or foreign or custom:
        raise refusals.CustomLayer(layer=name, kind=harmless(plain))
    coverage = COVERED.get(plain)
    if coverage is not None:
        return coverage
    if plain in NOT_COVERED:
        raise refusals.UnknownLayer(layer=name, kind=harmless(plain))
    inner = config.get("config")
    is_called = "inbound_nodes" in config and "module" not in config
    if is_called and isinstance(inner, Mapping) and "trainable" not in inner:
        raise refusals.UnknownFunction(layer=name, function=harmless(plain))
    raise refusals.CustomLayer(layer=name, kind=harmless(plain))


def _refuse_quantized(config: Mapping[str, Any], name: str, kind: str) -> None:
    """Refuse weights that are stored as small integers."""
    policy = config.get("dtype")
    quantized = isinstance(policy, Mapping) and "Quantized" in str(policy.get("class_name"))
    if quantized:
        raise refusals.UnsupportedOption(layer=name, kind=kind, option="dtype", value="quantized")
