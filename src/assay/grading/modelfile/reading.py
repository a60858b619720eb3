"""From the bytes of a Keras file to a graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assay.grading import refusals
from assay.grading.modelfile import layers, ops, saved
from assay.grading.modelfile.binding import bind
from assay.grading.modelfile.builder import Builder
from assay.grading.modelfile.graph import LayerSummary, ModelGraph, Port, Shape
from assay.grading.modelfile.layer import make_layer
from assay.grading.modelfile.models import Entrance, Network, is_model, network_of
from assay.grading.modelfile.running import run
from assay.grading.modelfile.saved import SavedModel, Stored
from assay.grading.modelfile.tensor import Tensor
from assay.items.contract import Contract

_MODEL_INPUTS = {"int32": "int32", "int64": "int32", "uint8": "int32", "bool": "bool"}


def read_keras(model: SavedModel, file_bytes: int, contract: Contract | None) -> ModelGraph:
    """Return the graph of a saved Keras model.

    Args:
        model: The file, opened.
        file_bytes: Its size.
        contract: Fills in sizes that the model leaves open; None if there is no task.

    Raises:
        Refusal: The model cannot be graded; the class says why and what to do.
    """
    assert layers.COVERED
    stored: dict[str, Stored] = {}
    outermost = make_layer(model.config, dialect=model.dialect, stored=stored)
    if not is_model(outermost):
        raise refusals.CustomLayer(layer=outermost.name, kind=outermost.kind)
    network = network_of(outermost)
    if not network.layers:
        raise refusals.NoLayers
    bind(model, network, stored)
    b = Builder()
    entrances = _with_sizes(network, contract)
    inputs = [
        b.input(f"input_{number}", entrance.shape or (), _input_dtype(entrance))
        for number, entrance in enumerate(entrances)
    ]
    for number, tensor in enumerate(inputs):
        tensor.port = number
    outputs = run(b, network, inputs)
    ports = [
        _port(b, number, entrance, tensor)
        for number, (entrance, tensor) in enumerate(zip(entrances, inputs, strict=True))
    ]
    return _graph(model, file_bytes, b, network, (ports, outputs))


def _with_sizes(network: Network, contract: Contract | None) -> list[Entrance]:
    """Return the model's inputs, sizes that it leaves open filled in from the contract."""
    given: list[Shape] = []
    if contract is not None and len(contract.inputs) == len(network.entrances):
        by_name = {spec.name: spec.shape for spec in contract.inputs}
        names = [entrance.name for entrance in network.entrances]
        if set(names) == set(by_name):
            given = [by_name[name] for name in names]
        else:
            given = [spec.shape for spec in contract.inputs]
    result = []
    for number, entrance in enumerate(network.entrances):
        shape = entrance.shape
        offered = given[number] if given else None
        if shape is None:
            shape = offered
        elif offered is not None and len(offered) == len(shape):
            shape = tuple(
                theirs if ours is None else ours
                for ours, theirs in zip(shape, offered, strict=True)
            )
        if shape is None:
            raise refusals.InputShapeUnknown
        result.append(replace(entrance, shape=shape))
    return result


def _input_dtype(entrance: Entrance) -> str:
    """Return what the graph takes: whole numbers as int32, truth values as such, all else as float32."""
    return _MODEL_INPUTS.get(entrance.dtype, "float32")


def _graph(
    model: SavedModel,
    file_bytes: int,
    b: Builder,
    network: Network,
    ends: tuple[Sequence[Port], Sequence[Tensor]],
) -> ModelGraph:
    ports, outputs = ends
    values = [ops.last(b, tensor) for tensor in outputs]
    results = [
        Port(name=tensor.layer, key=f"output_{number}", shape=tensor.shape, dtype=tensor.dtype)
        for number, tensor in enumerate(outputs)
    ]
    return ModelGraph(
        kind=model.kind,
        framework=model.framework,
        file_bytes=file_bytes,
        layers=tuple(_summaries(network)),
        inputs=tuple(ports),
        outputs=tuple(results),
        parameters=sum(layer.parameters for layer in network.layers.values()),
        multiply_adds=b.multiply_adds,
        activation_bytes=b.activation_bytes(values),
        onnx=b.serialize(
            [(port.key, value, port.dtype) for port, value in zip(results, values, strict=True)]
        ),
        initializers=b.initializers,
        last_layer=outputs[0].layer,
        last_activation=outputs[0].activation,
    )


def _port(b: Builder, number: int, entrance: Entrance, tensor: Tensor) -> Port:
    embedding, rows = b.rows.get(number, ("", None))
    return Port(
        name=entrance.name,
        key=f"input_{number}",
        shape=tensor.shape,
        dtype=tensor.dtype,
        rows=rows,
        embedding=embedding,
    )


def _summaries(network: Network) -> list[LayerSummary]:
    return [
        LayerSummary(
            name=layer.name,
            kind=layer.kind,
            shape=layer.memo.get("shape"),
            parameters=layer.parameters,
        )
        for layer in network.layers.values()
    ]


def open_file(data: bytes, *, is_archive: bool) -> SavedModel:
    """Open a Keras file of either format."""
    return saved.open_keras(data) if is_archive else saved.open_h5(data)
