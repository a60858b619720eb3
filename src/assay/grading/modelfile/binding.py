"""Finds each layer's weights in the file."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from assay.grading import refusals
from assay.grading.modelfile.layer import Layer
from assay.grading.modelfile.models import Network
from assay.grading.modelfile.saved import SavedModel, Stored, Variable


def bind(saved: SavedModel, network: Network, stored: dict[str, Stored]) -> None:
    """Put every weight that the layers have into `stored`, by path and name.

    Args:
        saved: The file.
        network: The outermost model.
        stored: Filled in; the layers look here for their weights.

    Raises:
        Refusal: The file has other weights than the layers ask for.
    """
    for layer in network.layers.values():
        variables = layer.variables()
        if not variables:
            continue
        if saved.flat is not None:
            found = _from_list(saved, layer, variables)
        else:
            found = _from_tree(saved, layer, variables)
        stored.update({f"{layer.path}/{key}": value for key, value in found.items()})
        repeated = {variable.key for variable in variables if variable.repeated}
        layer.parameters = sum(
            math.prod(value.shape)
            for key, value in found.items()
            if key not in repeated and key.rsplit("/", 1)[-1] != "count"
        )


def _from_list(saved: SavedModel, layer: Layer, variables: Sequence[Variable]) -> dict[str, Stored]:
    """Match the list of a `.h5` file: what is trainable first, unless the layer is frozen."""
    assert saved.flat is not None
    listed = saved.flat(str(layer.options.raw("name", "")))
    if not listed:
        raise refusals.WeightsMissing(layer=layer.name)
    ordered = [variable for variable in variables if not variable.repeated]
    if layer.is_trainable():  # a frozen layer's are listed as they are
        ordered.sort(key=lambda variable: not variable.trainable)
    if len(listed) != len(ordered):
        raise refusals.WeightsDoNotFit(
            layer=layer.name,
            expected=f"{len(ordered)} arrays",
            received=f"{len(listed)} arrays",
        )
    return {variable.key: item for variable, (_, item) in zip(ordered, listed, strict=True)}


def _from_tree(saved: SavedModel, layer: Layer, variables: Sequence[Variable]) -> dict[str, Stored]:
    """Match the groups of a `.keras` file: one for each part that owns weights."""
    assert saved.at is not None
    owners: dict[str, list[Variable]] = {}
    for variable in variables:
        owners.setdefault(variable.path, []).append(variable)
    found: dict[str, Stored] = {}
    for path, owned in owners.items():
        arrays = _owned(saved.at, f"{layer.path}/{path}" if path else layer.path)
        if not arrays:
            raise refusals.WeightsMissing(layer=layer.name)
        if len(arrays) != len(owned):
            raise refusals.WeightsDoNotFit(
                layer=layer.name,
                expected=f"{len(owned)} arrays",
                received=f"{len(arrays)} arrays",
            )
        found |= {variable.key: item for variable, item in zip(owned, arrays, strict=True)}
    return found


def _owned(at: Callable[[str], Sequence[Stored]], path: str) -> Sequence[Stored]:
    """Return the weights at `path`; some versions of Keras found it by its private name."""
    front, slash, last = path.rpartition("/")
    return at(path) or at(f"{front}{slash}_{last}")
