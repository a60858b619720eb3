"""Models as layers: Sequential and functional, on their own or inside others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from assay.grading import refusals
from assay.grading.modelfile.graph import Shape
from assay.grading.modelfile.layer import Layer
from assay.grading.modelfile.names import harmless, snake_case
from assay.grading.modelfile.saved import Dialect

_MODELS = {"Sequential", "Functional", "Model"}


@dataclass(frozen=True)
class Ref:
    """The tensor that a call of a layer gave: layer, number of the call, number of the tensor."""

    layer: str
    call: int
    tensor: int


@dataclass(frozen=True, kw_only=True)
class Slice:
    """A Python slice among the arguments of a call."""

    start: Any
    stop: Any
    step: Any


@dataclass(frozen=True, kw_only=True)
class Entrance:
    """An input of a model."""

    name: str
    shape: Shape | None  # None: the file does not say
    dtype: str


@dataclass(kw_only=True)
class Network:
    """The layers of a model and who calls whom."""

    owner: Layer
    layers: dict[str, Layer] = field(default_factory=dict)  # by the name in the file
    calls: dict[str, list[tuple[Sequence[Any], Mapping[str, Any]]]] = field(default_factory=dict)
    entrances: list[Entrance] = field(default_factory=list)
    inputs: list[Ref] = field(default_factory=list)
    outputs: list[Ref] = field(default_factory=list)


def network_of(model: Layer) -> Network:
    """Return the inside of a model; it is read only once.

    Raises:
        Refusal: A layer is not covered, or the description does not hold together.
    """
    if "network" not in model.memo:
        reader = _sequential if model.kind == "Sequential" else _functional
        model.memo["network"] = reader(model)
    network: Network = model.memo["network"]
    return network


def is_model(layer: Layer) -> bool:
    """Whether the layer is a model."""
    return layer.kind in _MODELS


# Reading the description


# Classes that Keras exports under another name.
_CLASSES = {"GroupQueryAttention": "GroupedQueryAttention"}


class _Paths:
    """Numbers the layers that have weights: `layers/dense`, `layers/dense_1`, ...

    `.keras` files name them after their classes, too. How they number them depends on
    the version of Keras, but the order is the same.
    """

    def __init__(self) -> None:
        self._used: dict[str, int] = {}

    def of(self, layer: Layer) -> str:
        """Return the path of a layer inside its model."""
        name = snake_case(_CLASSES.get(layer.kind, layer.kind))
        if not layer.variables():
            return f"weightless/{layer.name}"
        number = self._used.get(name, 0)
        self._used[name] = number + 1
        return f"layers/{name}_{number}" if number else f"layers/{name}"


def _entries(model: Layer) -> list[Mapping[str, Any]]:
    entries = model.options.list("layers", [])
    for entry in entries:
        inner = entry.get("config") if isinstance(entry, Mapping) else None
        bare = isinstance(inner, list) and entry.get("class_name") == "Sequential"
        if not isinstance(inner, Mapping) and not bare:
            raise refusals.UnreadableConfig(layer=model.name, part="layers")
    return entries


def _entrance(entry: Mapping[str, Any], model: Layer) -> Entrance:
    config = entry["config"]
    shape = config.get("batch_shape", config.get("batch_input_shape"))
    dtype = config.get("dtype", "float32")
    return Entrance(
        name=harmless(config.get("name", "input")),
        shape=None if shape is None else _shape(shape, model),
        dtype=dtype if isinstance(dtype, str) else "float32",
    )


def _shape(value: Any, model: Layer) -> Shape:
    """Return a shape without its batch."""
    if not isinstance(value, list | tuple) or len(value) < 1 or len(value) > 8:  # noqa: PLR2004
        raise refusals.UnreadableConfig(layer=model.name, part="shape")
    for size in value[1:]:
        if size is not None and (isinstance(size, bool) or not isinstance(size, int) or size < 1):
            raise refusals.UnreadableConfig(layer=model.name, part="shape")
    return tuple(value[1:])


def _sequential(model: Layer) -> Network:
    network = Network(owner=model)
    paths = _Paths()
    entries = _entries(model)
    options = model.options
    shape = options.raw("build_input_shape")
    dtype = "float32"
    name = "input"
    if entries and entries[0].get("class_name") == "InputLayer":
        entrance = _entrance(entries[0], model)
        name, dtype = entrance.name, entrance.dtype
        network.entrances.append(entrance)
        entries = entries[1:]
    elif entries:
        first = entries[0]["config"]
        while isinstance(first, Mapping) and "batch_input_shape" not in first:
            inner = first.get("layers", first.get("layer"))
            inner = inner[0] if isinstance(inner, list) and inner else inner
            if not isinstance(inner, Mapping):
                break
            first = inner.get("config")
        if isinstance(first, Mapping):
            shape = first.get("batch_input_shape", first.get("batch_shape", shape))
            if isinstance(first.get("dtype"), str) and first["dtype"].startswith("int"):
                dtype = first["dtype"]
    if not network.entrances:
        known = None if shape is None else _shape(shape, model)
        network.entrances.append(Entrance(name=name, shape=known, dtype=dtype))
    before = Ref(name, 0, 0)
    network.inputs = [before]
    for number, entry in enumerate(entries):
        kind = str(entry.get("class_name"))
        if kind == "InputLayer":
            continue
        layer = model.child(f"{number}", entry)
        layer.attribute = paths.of(layer)
        key = f"{number}"
        network.layers[key] = layer
        network.calls[key] = [([before], {})]
        before = Ref(key, 0, 0)
    network.outputs = [before]
    return network


def _functional(model: Layer) -> Network:
    network = Network(owner=model)
    paths = _Paths()
    entrances: dict[str, Entrance] = {}
    for entry in _entries(model):
        kind = str(entry.get("class_name"))
        config = entry["config"]
        key = entry.get("name", config.get("name") if isinstance(config, Mapping) else None)
        if not isinstance(key, str) or key in network.layers or key in entrances:
            raise refusals.UnreadableConfig(layer=model.name, part="name")
        if kind == "InputLayer":
            entrances[key] = _entrance(entry, model)
            continue
        layer = model.child(f"{len(network.layers)}", entry)
        layer.attribute = paths.of(layer)
        network.layers[key] = layer
        nodes = entry.get("inbound_nodes", [])
        if not isinstance(nodes, list):
            raise refusals.UnreadableConfig(layer=layer.name, part="inbound_nodes")
        network.calls[key] = [_call(node, layer) for node in nodes]
    network.inputs = _refs(model.options.raw("input_layers", []), model)
    network.outputs = _refs(model.options.raw("output_layers", []), model)
    for ref in network.inputs:
        if ref.layer not in entrances:
            raise refusals.UnreadableConfig(layer=model.name, part="input_layers")
        network.entrances.append(entrances[ref.layer])
    if not network.outputs:
        raise refusals.NoLayers
    _renumber(network)
    return network


def _refs(value: Any, model: Layer) -> list[Ref]:
    """Return the references in `input_layers` or `output_layers`, however nested."""
    if _is_ref(value):
        return [Ref(value[0], value[1], value[2])]
    if isinstance(value, list):
        return [ref for item in value for ref in _refs(item, model)]
    if isinstance(value, Mapping):
        return [ref for key in sorted(value) for ref in _refs(value[key], model)]
    raise refusals.UnreadableConfig(layer=model.name, part="output_layers")


def _is_ref(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) in {3, 4}
        and isinstance(value[0], str)
        and all(isinstance(number, int) and number >= 0 for number in value[1:3])
    )


def _call(node: Any, layer: Layer) -> tuple[Sequence[Any], Mapping[str, Any]]:
    """Return the arguments of one entry of `inbound_nodes`, references in the place of tensors."""
    if isinstance(node, Mapping):  # Keras 3
        args, kwargs = node.get("args", []), node.get("kwargs", {})
        if not isinstance(args, list) or not isinstance(kwargs, Mapping):
            raise refusals.UnreadableConfig(layer=layer.name, part="inbound_nodes")
        return (
            [_argument(value, layer) for value in args],
            {str(key): _argument(value, layer) for key, value in kwargs.items()},
        )
    if isinstance(node, list) and node and isinstance(node[0], str):  # a single input
        node = [node]
    if not isinstance(node, list) or not node:
        raise refusals.UnreadableConfig(layer=layer.name, part="inbound_nodes")
    arguments: dict[str, Any] = {}
    refs: list[Any] = []
    for item in node:
        if isinstance(item, list) and item and item[0] == "_CONSTANT_VALUE" and len(item) >= 3:  # noqa: PLR2004
            refs.append(item[2])
        elif _is_ref(item):
            refs.append(Ref(item[0], item[1], item[2]))
        else:
            raise refusals.UnreadableConfig(layer=layer.name, part="inbound_nodes")
        if len(item) == 4 and isinstance(item[3], Mapping):  # noqa: PLR2004 - the call's other arguments
            arguments |= {str(key): _old_argument(value) for key, value in item[3].items()}
    return ([refs] if len(refs) > 1 else refs), arguments


def _old_argument(value: Any) -> Any:
    """Return an argument of a call as Keras 2 writes it."""
    if _is_ref(value):
        return Ref(value[0], value[1], value[2])
    if isinstance(value, list):
        return [_old_argument(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _old_argument(item) for key, item in value.items()}
    return value


def _argument(value: Any, layer: Layer) -> Any:  # noqa: PLR0911 - one for each form
    """Return an argument of a call as Keras 3 writes it."""
    if isinstance(value, list):
        return [_argument(item, layer) for item in value]
    if not isinstance(value, Mapping):
        return value
    kind = value.get("class_name")
    config = value.get("config")
    if kind == "__keras_tensor__" and isinstance(config, Mapping):
        history = config.get("keras_history")
        if not isinstance(history, list) or not _is_ref(history):
            raise refusals.UnreadableConfig(layer=layer.name, part="keras_history")
        return Ref(history[0], history[1], history[2])
    if kind == "__slice__" and isinstance(config, Mapping):
        return Slice(start=config.get("start"), stop=config.get("stop"), step=config.get("step"))
    if kind == "__ellipsis__":
        return ...
    if kind == "__numpy__" and isinstance(config, Mapping):
        return config.get("value")
    if kind is None:
        return {key: _argument(item, layer) for key, item in value.items()}
    raise refusals.UnreadableConfig(layer=layer.name, part=harmless(kind))


def _renumber(network: Network) -> None:
    """Let the calls of nested models count from 0.

    A functional model is called once when it is built; that call is not saved
    but counted. Keras 2 builds Sequential models that way too.
    """
    refs = [*network.outputs]
    for calls in network.calls.values():
        refs += [ref for args, kwargs in calls for ref in all_refs([args, kwargs])]
    shift: dict[str, int] = {}
    for key, layer in network.layers.items():
        if not is_model(layer):
            continue
        numbers = {ref.call for ref in refs if ref.layer == key}
        built_at_once = layer.kind != "Sequential" or layer.dialect is Dialect.KERAS2
        beyond = any(number >= len(network.calls[key]) for number in numbers)
        if beyond or (built_at_once and numbers and 0 not in numbers):
            shift[key] = 1
    if shift:
        network.outputs = _moved(network.outputs, shift)
        for key, calls in network.calls.items():
            network.calls[key] = [(_moved(a, shift), _moved(k, shift)) for a, k in calls]


def all_refs(value: Any) -> list[Ref]:
    if isinstance(value, Ref):
        return [value]
    if isinstance(value, list | tuple):
        return [ref for item in value for ref in all_refs(item)]
    if isinstance(value, Mapping):
        return [ref for item in value.values() for ref in all_refs(item)]
    return []


def _moved(value: Any, shift: Mapping[str, int]) -> Any:
    if isinstance(value, Ref):
        return Ref(value.layer, value.call - shift.get(value.layer, 0), value.tensor)
    if isinstance(value, list | tuple):
        return [_moved(item, shift) for item in value]
    if isinstance(value, Mapping):
        return {key: _moved(item, shift) for key, item in value.items()}
    return value
