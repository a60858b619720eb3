"""What is known of a model file once it has been read, and how to run it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Shape = tuple[int | None, ...]  # of one sample, without the batch; None: any size


@dataclass(frozen=True, kw_only=True)
class Port:
    """An input or an output of a model."""

    name: str  # as the file calls it, made harmless
    key: str  # in the ONNX graph
    shape: Shape
    dtype: str  # NumPy's name: "float32", "int32", ...
    rows: int | None = None  # of the embedding that takes this input as it is
    embedding: str = ""  # that embedding's name


@dataclass(frozen=True, kw_only=True)
class LayerSummary:
    """One layer, for people."""

    name: str
    kind: str  # class of the layer, or ONNX operator
    shape: Shape | None  # of its output
    parameters: int


@dataclass(frozen=True, kw_only=True)
class ModelGraph:
    """A model as a function from inputs to predictions.

    `onnx` names its larger weights as external data; `initializers` holds them
    under the same names, so that ONNX Runtime takes them without a copy.
    """

    kind: str  # "keras-h5", "keras" or "onnx"
    framework: str  # such as "keras 3.15.0"
    file_bytes: int
    layers: tuple[LayerSummary, ...]
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    parameters: int
    multiply_adds: int  # of one sample; sizes that the model leaves open count as 1
    activation_bytes: int  # that one sample occupies at the most
    onnx: bytes
    initializers: Mapping[str, npt.NDArray[np.generic]] = field(default_factory=dict)
    last_layer: str = ""  # name of the layer that gives the output
    last_activation: str = ""  # of that layer; empty if unknown
    batch: int | None = None  # the only number of samples that it takes at once

    @property
    def output(self) -> Port:
        """The first output."""
        return self.outputs[0]


def shown(shape: Shape) -> str:
    """Return `shape` as a person writes it: `(28, 28, 1)`."""
    inside = ", ".join("None" if size is None else str(size) for size in shape)
    return f"({inside},)" if len(shape) == 1 else f"({inside})"
