"""The second path: Keras itself, for what the reader does not cover.

Only a locked child of a warm parent imports this module, and only where Keras is
installed (`assay[keras]`) and the grader was told to use it. The file is opened by the
reader's own parsers, its configuration is checked against an allow-list, and Keras
only puts together layers of its own; a layer that carries a program never reaches it.

What such a model costs is not known beforehand as it is of a graph: parameters and
the file's size are checked, and for the rest the limits on memory and time hold.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import scipy.signal  # Keras imports it when the first window of a spectrogram is made
import tensorflow as tf
from keras.src.saving import saving_lib

from assay.grading import refusals
from assay.grading.modelfile import archive, saved
from assay.grading.modelfile.graph import LayerSummary, ModelGraph, Port, Shape
from assay.grading.modelfile.kinds import Kind, kind_of
from assay.grading.modelfile.names import harmless
from assay.grading.modelfile.reading import open_file
from assay.grading.modelfile.saved import SavedModel
from assay.grading.modelfile.uncovered import PROGRAMS
from assay.items.contract import Contract

Array = npt.NDArray[np.generic]
Predictions = npt.NDArray[np.float32]

BATCH_BYTES = 4_000_000  # of the inputs of one batch
LARGEST_BATCH = 512  # samples
_SIGNALS = scipy.signal
# Where names in a configuration may come from. Not `keras.utils` and `keras.saving`, which hold
# functions that fetch and load.
_MODULES = (
    "keras.layers",
    "keras.models",
    "keras.initializers",
    "keras.regularizers",
    "keras.constraints",
    "keras.activations",
    "keras.dtype_policies",
    "keras.random",
    "keras.ops",
    "keras.src.layers",
    "keras.src.models",
    "keras.src.initializers",
    "keras.src.regularizers",
    "keras.src.constraints",
    "keras.src.activations",
    "keras.src.dtype_policies",
    "keras.src.ops",
)


class KerasModel:
    """A model that Keras put together, ready to run.

    Args:
        model: The model, with its weights.
        graph: What is known of it.
    """

    def __init__(self, model: Any, graph: ModelGraph) -> None:
        self._model = model
        self.graph = graph

    def predict(self, inputs: Mapping[str, Array]) -> Predictions:
        """Return the predictions.

        Args:
            inputs: By the names of the task's inputs, in the task's order; `(n, *shape)` each.

        Returns:
            `(n, *output shape)`, float32.

        Raises:
            ModelFailed: The model cannot be run on these inputs.
            WrongPredictions: Something else comes out than the model says of itself.
        """
        ports = self.graph.inputs
        by_name = len(ports) > 1 and {port.name for port in ports} == set(inputs)
        given = [inputs[port.name] for port in ports] if by_name else list(inputs.values())
        arrays = [
            np.ascontiguousarray(array, dtype=port.dtype)
            for port, array in zip(ports, given, strict=True)
        ]
        n = len(arrays[0])
        sample = sum(array.nbytes for array in arrays) // max(n, 1)
        size = max(1, min(LARGEST_BATCH, BATCH_BYTES // max(sample, 1)))
        parts = []
        try:
            for start in range(0, n, size):
                batch = [array[start : start + size] for array in arrays]
                parts.append(np.asarray(self._model(_unpacked(batch), training=False)))
            predictions = np.concatenate(parts).astype(np.float32, copy=False)
        except MemoryError:
            raise
        except Exception as error:
            raise refusals.ModelFailed from error
        if predictions.shape != (n, *self.graph.output.shape):  # Keras promised another
            raise refusals.WrongPredictions
        return predictions


def open_model(data: bytes, contract: Contract | None) -> KerasModel:
    """Return the model of a Keras file, ready to run.

    Args:
        data: The whole file.
        contract: Fills in the sizes that the model leaves open.

    Raises:
        Refusal: The file is not for Keras either; the class says why.
    """
    kind = kind_of(data)
    if kind is Kind.ONNX:
        raise refusals.OnnxInvalid
    opened = open_file(data, is_archive=kind is Kind.ZIP)
    try:
        _check(opened.config)
        model = _model_of(opened)
        if opened.flat is not None:
            _load_lists(model, opened)
        else:
            _load_tree(model, data)
        return KerasModel(model, _graph(model, opened, len(data), contract))
    finally:
        opened.close()


def warm_up(threads: int) -> None:
    """Make every thread and lazy part of Keras and its backend exist.

    Args:
        threads: That one model's inference may use.
    """
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    series = keras.Sequential(
        [
            keras.Input((8,)),
            keras.layers.Reshape((8, 1)),
            keras.layers.Conv1D(2, 3),
            keras.layers.LSTM(2),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )
    pictures = keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            keras.layers.Resizing(6, 6),
            keras.layers.Conv2D(2, 3),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dense(1),
        ]
    )
    for model in (series, pictures):
        model(np.zeros((2, *model.input_shape[1:]), np.float32), training=False)


# -- before Keras sees it ------------------------------------------------------------------------


def _check(config: Mapping[str, Any]) -> None:
    """Refuse a configuration that names anything but Keras's own layers and their parts."""
    for name, entry in _entries(config, "?"):
        kind = str(entry.get("class_name"))
        if kind in {"Lambda", "__lambda__"}:
            raise refusals.LambdaLayer(layer=name)
        if kind in PROGRAMS or entry.get("registered_name") not in {None, "", kind}:
            raise refusals.CustomLayer(layer=name, kind=harmless(kind))
        module = entry.get("module")
        known = module in {None, "keras", "builtins"} or str(module).startswith(
            tuple(f"{m}." for m in _MODULES)
        )
        if not known and module not in _MODULES:
            raise refusals.CustomLayer(layer=name, kind=harmless(f"{module}.{kind}"))
        if module == "builtins" and kind not in {"function", "slice", "list", "tuple"}:
            raise refusals.CustomLayer(layer=name, kind=harmless(kind))


def _entries(value: Any, name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield everything in a configuration that names a class, with the layer that it is in."""
    if isinstance(value, Mapping):
        inner = value.get("config")
        if isinstance(inner, Mapping) and isinstance(inner.get("name"), str):
            name = harmless(inner["name"])
        if "class_name" in value or "module" in value:
            yield name, value
        for part in value.values():
            yield from _entries(part, name)
    elif isinstance(value, list):
        for part in value:
            yield from _entries(part, name)


# -- Keras at work -------------------------------------------------------------------------------


def _model_of(opened: SavedModel) -> Any:
    try:
        model = keras.models.model_from_json(json.dumps(_placed(opened.config)))
    except MemoryError:
        raise
    except Exception as error:
        raise refusals.UnreadableConfig(layer="?", part="model_config") from error
    if not model.built:
        raise refusals.InputShapeUnknown
    return model


def _placed(value: Any) -> Any:
    """Return a configuration in which each class has its module, which `.h5` files leave out."""
    if isinstance(value, list):
        return [_placed(part) for part in value]
    if not isinstance(value, Mapping):
        return value
    placed = {key: _placed(part) for key, part in value.items()}
    kind = placed.get("class_name")
    if isinstance(kind, str) and "config" in placed and placed.get("module") is None:
        homes = (home for home in _HOMES if hasattr(home, kind))
        home = next(homes, None)
        if home is not None:
            name = home.__name__.replace("keras._tf_keras.", "").replace(".api", "")
            placed |= {"module": name, "registered_name": None}
    return placed


_HOMES = (
    keras.layers,
    keras.models,
    keras.src.models.functional,
    keras.initializers,
    keras.regularizers,
    keras.constraints,
)


def _load_lists(model: Any, opened: SavedModel) -> None:
    """Load the weights of an `.h5` file, which lists them layer by layer."""
    assert opened.flat is not None
    for layer in model.layers:
        stored = opened.flat(layer.name) or ()
        wanted = [*layer.trainable_weights, *layer.non_trainable_weights]
        name = harmless(layer.name)
        if len(stored) != len(wanted):
            raise refusals.WeightsMissing(layer=name)
        for variable, (_, weight) in zip(wanted, stored, strict=True):
            if tuple(variable.shape) != weight.shape:
                raise refusals.WeightsMissing(layer=name)
            variable.assign(weight.read())


def _load_tree(model: Any, data: bytes) -> None:
    """Load the weights of a `.keras` file, which keeps them as Keras's attributes lie."""
    members = archive.unpack(data, byte_budget=saved.LARGEST_MODEL)
    try:
        store = saving_lib.H5IOStore(io.BytesIO(members[archive.WEIGHTS]), mode="r")
        saving_lib._load_state(  # noqa: SLF001 - the public function reads only from a path
            model, weights_store=store, assets_store=None, inner_path=""
        )
        store.close()
    except MemoryError:
        raise
    except Exception as error:
        raise refusals.WeightsMissing(layer="?") from error


def _graph(
    model: Any, opened: SavedModel, file_bytes: int, contract: Contract | None
) -> ModelGraph:
    """Return what is known of the model; its operations stay Keras's own."""
    specs: Sequence[Any] = contract.inputs if contract is not None else ()
    inputs = [
        Port(
            name=harmless(tensor.name),
            key=f"input_{number}",
            shape=_filled(_shape(tensor), specs[number].shape if number < len(specs) else ()),
            dtype=_dtype(tensor),
        )
        for number, tensor in enumerate(model.inputs)
    ]
    outputs = [
        Port(name=harmless(tensor.name), key=f"output_{n}", shape=_shape(tensor), dtype="float32")
        for n, tensor in enumerate(model.outputs)
    ]
    last = model.layers[-1]
    activation = getattr(last, "activation", None)
    return ModelGraph(
        kind=opened.kind,
        framework=opened.framework,
        file_bytes=file_bytes,
        layers=tuple(_summaries(model)),
        inputs=tuple(inputs),
        outputs=tuple(outputs),
        parameters=int(model.count_params()),
        multiply_adds=0,  # unknown; the time limit holds
        activation_bytes=sum(4 * math.prod(size or 1 for size in p.shape) for p in inputs),
        onnx=b"",
        last_layer=harmless(last.name),
        last_activation=harmless(getattr(activation, "__name__", "")),
    )


def _summaries(model: Any) -> Iterator[LayerSummary]:
    for layer in model.layers:
        output = getattr(layer, "output", None)
        shape = None if output is None or isinstance(output, list | dict) else _shape(output)
        yield LayerSummary(
            name=harmless(layer.name),
            kind=harmless(type(layer).__name__),
            shape=shape,
            parameters=int(layer.count_params()),
        )


def _shape(tensor: Any) -> Shape:
    return tuple(None if size is None else int(size) for size in tensor.shape[1:])


def _filled(shape: Shape, given: Shape) -> Shape:
    if len(shape) != len(given):
        return shape
    return tuple(b if a is None else a for a, b in zip(shape, given, strict=True))


def _dtype(tensor: Any) -> str:
    return "int32" if str(tensor.dtype).startswith(("int", "uint")) else "float32"


def _unpacked(batch: list[Array]) -> Any:
    return batch[0] if len(batch) == 1 else batch
