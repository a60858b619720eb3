"""A tensor of the graph that is being built."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum

from assay.grading.modelfile.graph import Shape

SIZES = {"float32": 4, "int32": 4, "int64": 8, "bool": 1, "float64": 8, "float16": 2, "uint8": 1}


class Layout(Enum):
    """Where the channels are: Keras has them last, ONNX's convolutions first."""

    LAST = "last"
    FIRST = "first"


@dataclass(eq=False, kw_only=True)
class Tensor:
    """Something that layers hand on.

    `shape` is as Keras has it: channels last, without the batch. `names` are the
    values in the ONNX graph that hold it, one for each layout that has been asked
    for. So a stack of convolutions is transposed once at its beginning and once
    at its end.
    """

    shape: Shape
    dtype: str = "float32"
    names: dict[Layout, str]
    mask: Tensor | None = None  # Keras's mask: (steps,) of bool
    port: int | None = None  # the model's input that this is, untouched
    activation: str = field(default="")  # what the layer that gave it ended with
    layer: str = ""  # name of the layer that gave it

    @property
    def rank(self) -> int:
        """Number of axes, the batch included."""
        return len(self.shape) + 1

    @property
    def layout(self) -> Layout:
        """A layout that it already has, the first ONNX value's."""
        return next(iter(self.names))


def size_of(shape: Shape) -> int:
    """Return how many numbers one sample has; a size that is left open counts as 1."""
    return math.prod(size or 1 for size in shape)


def bytes_of(shape: Shape, dtype: str) -> int:
    """Return how many bytes one sample occupies."""
    return size_of(shape) * SIZES[dtype]
