"""Runs the description of a model: calls its layers in order and so builds the graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from assay.grading import refusals
from assay.grading.modelfile import ops
from assay.grading.modelfile.builder import Builder
from assay.grading.modelfile.graph import shown
from assay.grading.modelfile.layer import Call, Layer, Masks, Result, covers
from assay.grading.modelfile.models import Network, Ref, all_refs, network_of
from assay.grading.modelfile.ops import Mismatch
from assay.grading.modelfile.saved import Variable
from assay.grading.modelfile.tensor import Tensor

MOST_CALLS = 20_000  # of layers in one model, those of shared nested models counted each time


def run(b: Builder, network: Network, inputs: Sequence[Tensor]) -> list[Tensor]:
    """Call the layers that the outputs need and return the outputs.

    Args:
        b: Takes the nodes.
        network: The model.
        inputs: One for each of the model's inputs.

    Raises:
        Refusal: A layer cannot be called as the description says.
    """
    done: dict[tuple[str, int], Sequence[Tensor]] = {
        (ref.layer, ref.call): (tensor,) for ref, tensor in zip(network.inputs, inputs, strict=True)
    }
    waiting = [(ref.layer, ref.call) for ref in reversed(network.outputs)]
    entered: set[tuple[str, int]] = set()
    while waiting:
        key, number = waiting[-1]
        if (key, number) in done:
            waiting.pop()
            continue
        args, kwargs = _arguments(network, key, number)
        missing = [
            (ref.layer, ref.call)
            for ref in all_refs([args, kwargs])
            if (ref.layer, ref.call) not in done
        ]
        if missing:
            if (key, number) in entered:  # it waits for itself
                raise refusals.UnreadableConfig(layer=network.owner.name, part="inbound_nodes")
            entered.add((key, number))
            waiting += missing
            continue
        layer = network.layers[key]
        given = _filled([args, kwargs], done, network)
        result = call(Call(b=b, layer=layer, args=given[0], kwargs=given[1]))
        done[key, number] = result if isinstance(result, tuple) else (result,)
        waiting.pop()
    return [_output(done, ref, network) for ref in network.outputs]


def call(request: Call) -> Result:
    """Call one layer: build its nodes, check its options, hand on the mask.

    Raises:
        Refusal: The layer cannot be called like this.
    """
    layer = request.layer
    request.b.count_call(MOST_CALLS)
    request = _with_masks(request)
    inputs = request.inputs
    try:
        result = layer.coverage.emit(request)
    except Mismatch as error:
        raise refusals.ShapesDoNotFit(
            layer=layer.name,
            kind=layer.kind,
            expected="?",
            received=", ".join(shown(tensor.shape) for tensor in inputs),
        ) from error
    layer.options.finish()
    if isinstance(result, Tensor) and result in inputs and layer.coverage.masks is Masks.DROP:
        result = replace(result, mask=None)  # nothing was to be done, and yet the mask is lost
    results = result if isinstance(result, tuple) else (result,)
    layer.memo["shape"] = results[0].shape
    for tensor in results:
        tensor.layer = layer.name
        if tensor in inputs or layer.coverage.masks is Masks.OWN:
            continue
        passes = layer.coverage.masks is Masks.KEEP and len(inputs) > 0
        tensor.mask = inputs[0].mask if passes else None
    return result


def _with_masks(request: Call) -> Call:
    """Return the call with the masks that its argument `mask` names on its inputs."""
    masks = request.kwargs.get("mask")
    if masks is None or not request.args:
        return request
    masked = _masked(request.b, request.args[0], masks)
    return Call(
        b=request.b,
        layer=request.layer,
        args=[masked, *request.args[1:]],
        kwargs=request.kwargs,
    )


def _masked(b: Builder, value: Any, mask: Any) -> Any:
    if isinstance(value, Tensor) and isinstance(mask, Tensor):
        return replace(value, mask=ops.cast(b, mask, "bool"))
    if isinstance(value, list) and isinstance(mask, list) and len(value) == len(mask):
        return [_masked(b, one, other) for one, other in zip(value, mask, strict=True)]
    return value


def _arguments(network: Network, key: str, number: int) -> tuple[Sequence[Any], Mapping[str, Any]]:
    calls = network.calls.get(key, [])
    if number >= len(calls):
        raise refusals.UnreadableConfig(layer=network.owner.name, part="inbound_nodes")
    return calls[number]


def _filled(value: Any, done: Mapping[tuple[str, int], Sequence[Tensor]], network: Network) -> Any:
    """Return `value` with tensors in the place of references."""
    if isinstance(value, Ref):
        return _output(done, value, network)
    if isinstance(value, list | tuple):
        return [_filled(item, done, network) for item in value]
    if isinstance(value, Mapping):
        return {key: _filled(item, done, network) for key, item in value.items()}
    return value


def _output(done: Mapping[tuple[str, int], Sequence[Tensor]], ref: Ref, network: Network) -> Tensor:
    tensors = done[ref.layer, ref.call]
    if ref.tensor >= len(tensors):
        raise refusals.UnreadableConfig(layer=network.owner.name, part="inbound_nodes")
    return tensors[ref.tensor]


def _model_variables(layer: Layer) -> Sequence[Variable]:
    network = network_of(layer)
    return [
        variable.under(inner.path.removeprefix(f"{layer.path}/") if layer.path else inner.path)
        for inner in network.layers.values()
        for variable in inner.variables()
    ]


@covers("Sequential", "Functional", "Model", variables=_model_variables, masks=Masks.OWN)
def model(request: Call) -> Result:
    """Read a model inside another one."""
    network = network_of(request.layer)
    request.options.ignore(
        "layers", "input_layers", "output_layers", "build_input_shape", "input_shape"
    )
    inputs = request.inputs
    if len(inputs) != len(network.entrances):
        raise request.misfit(f"{len(network.entrances)} inputs", f"{len(inputs)} inputs")
    outputs = run(request.b, network, inputs)
    return outputs[0] if len(outputs) == 1 else tuple(outputs)
