"""What goes into a candidate's model and what must come out of it.

Light on purpose (no pydantic, no YAML): the sandbox's warm parent imports it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class OutputKind(StrEnum):
    """What the numbers of an output mean."""

    CLASS_PROBABILITIES = "class probabilities"  # rows add up to 1, argmax is the class
    PROBABILITY = "probability"  # of the positive class, 0 to 1
    VALUE = "value"  # a number in the unit that the item states


@dataclass(frozen=True, kw_only=True)
class InputSpec:
    """One input of a model."""

    name: str  # key of the array in the hidden inputs
    shape: tuple[int | None, ...]  # of one sample, without the batch; None: any size
    dtype: str  # of the hidden inputs: "float32" or "int32"
    low: float | None = None  # smallest value that occurs
    high: float | None = None  # largest value that occurs; for token ids, vocabulary size - 1


@dataclass(frozen=True, kw_only=True)
class OutputSpec:
    """The output of a model."""

    shape: tuple[int, ...]  # of one sample, without the batch
    kind: OutputKind


@dataclass(frozen=True, kw_only=True)
class Contract:
    """The inputs and the output that a task fixes."""

    inputs: tuple[InputSpec, ...]
    output: OutputSpec


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a submission may cost."""

    file_bytes: int
    parameters: int
    multiply_adds: int  # of one sample's inference
    memory_bytes: int  # address space of the child that runs the model
    seconds: float  # wall clock for reading and inference together
