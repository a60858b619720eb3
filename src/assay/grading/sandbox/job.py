"""What the grader asks of a child. It travels only towards the child, so JSON is safe."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from assay.items.contract import Contract, InputSpec, Limits, OutputKind, OutputSpec
from assay.items.variant import Array

_ALIGNMENT = 64  # bytes: where vectorized code likes an array to begin


class Task(StrEnum):
    """What a child is to do with the file."""

    PREDICT = "predict"
    INSPECT = "inspect"
    ATTEMPT = "attempt"  # no file: try something forbidden; see `attempts`


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where one input lies in the shared memory."""

    name: str
    dtype: str
    shape: tuple[int, ...]  # with the batch
    offset: int  # bytes


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How the inputs are laid out in the shared memory."""

    places: tuple[Place, ...]
    size: int  # bytes

    @classmethod
    def of(cls, inputs: Mapping[str, Array]) -> Layout:
        """Return the layout for `inputs`."""
        places = []
        end = 0
        for name, array in inputs.items():
            offset = -(-end // _ALIGNMENT) * _ALIGNMENT
            places.append(Place(name=name, dtype=array.dtype.str, shape=array.shape, offset=offset))
            end = offset + array.nbytes
        return cls(places=tuple(places), size=end)

    @property
    def samples(self) -> int:
        """The number of samples."""
        return self.places[0].shape[0] if self.places else 0

    def views(self, memory: memoryview) -> dict[str, Array]:
        """Return the inputs as arrays on `memory`, which is not copied."""
        return {
            p.name: np.frombuffer(
                memory, np.dtype(p.dtype), count=math.prod(p.shape), offset=p.offset
            ).reshape(p.shape)
            for p in self.places
        }


@dataclass(frozen=True, kw_only=True)
class Job:
    """What one child is to do."""

    task: Task
    contract: Contract | None = None  # None: an inspection without a task
    limits: Limits
    layout: Layout = Layout(places=(), size=0)
    judged: bool = True  # of a prediction: refuse what does not fit the contract and the limits
    judged_by: Limits | None = None  # of an inspection: say why these and the contract say no
    attempt: str | None = None  # name of what is tried in the place of the honest code

    def dump(self) -> bytes:
        """Return the job as JSON."""
        return json.dumps(dataclasses.asdict(self)).encode()

    @classmethod
    def load(cls, data: bytes) -> Job:
        """Return the job that `dump` wrote."""
        raw = json.loads(data)
        return cls(
            task=Task(raw["task"]),
            contract=None if raw["contract"] is None else _contract(raw["contract"]),
            limits=Limits(**raw["limits"]),
            layout=Layout(
                places=tuple(
                    Place(**(p | {"shape": tuple(p["shape"])})) for p in raw["layout"]["places"]
                ),
                size=raw["layout"]["size"],
            ),
            judged=raw["judged"],
            judged_by=None if raw["judged_by"] is None else Limits(**raw["judged_by"]),
            attempt=raw["attempt"],
        )


def _contract(raw: dict[str, object]) -> Contract:
    inputs, output = raw["inputs"], raw["output"]
    assert isinstance(inputs, list)
    assert isinstance(output, dict)
    return Contract(
        inputs=tuple(InputSpec(**(i | {"shape": tuple(i["shape"])})) for i in inputs),
        output=OutputSpec(shape=tuple(output["shape"]), kind=OutputKind(output["kind"])),
    )
