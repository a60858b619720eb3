"""How a child answers, wherever it runs.

The hidden inputs arrive after the child's last word: it reads, checks and
builds the model first, and may say in one frame why it does not take the file,
with names and shapes that help a beginner. Only after READY does the grader
hand out the inputs, and from then on nothing but predictions or a bare code
comes back. So no word, however hostile, can carry hidden data.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from assay.errors import Refusal
from assay.grading import engine, modelfile
from assay.grading.modelfile import ModelGraph, Port
from assay.grading.refusals import OutOfMemory
from assay.grading.sandbox import frames, inspection
from assay.grading.sandbox.conversation import FAILED_ON_INPUTS
from assay.grading.sandbox.frames import Kind
from assay.grading.sandbox.inspection import InspectedLayer, InspectedPort, Inspection
from assay.grading.sandbox.job import Job, Task
from assay.items.contract import Contract
from assay.items.variant import Array

Say = Callable[[Kind, bytes | memoryview], None]
Attempts = Mapping[str, Callable[..., Any]]


class Model(Protocol):
    """Whatever turns inputs into predictions."""

    def predict(self, inputs: Mapping[str, Array]) -> Array:
        """Return the predictions for `inputs`."""
        ...


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A model file that was read and not run yet."""

    graph: ModelGraph  # what it is and what it costs
    ready: Callable[[ThreadPoolExecutor | None], Model]  # with these threads


Open = Callable[[bytes, Contract | None], Opened]


def open_directly(data: bytes, contract: Contract | None) -> Opened:
    """Open a model file with the reader, for ONNX Runtime."""
    graph = modelfile.read(data, contract)
    return Opened(graph=graph, ready=lambda workers: engine.Session(graph, pool=workers))


def answer(
    job: Job,
    data: bytes,
    *,
    say: Say,
    inputs: Callable[[], Mapping[str, Array]],
    workers: ThreadPoolExecutor | None,
    attempts: Attempts,
    open_model: Open = open_directly,
) -> None:
    """Do `job` and say the outcome.

    Args:
        job: What to do.
        data: The model file.
        say: Sends one frame to the grader.
        inputs: Waits until the inputs are there, and returns them by name.
        workers: Threads that exist already; None for one thread.
        attempts: What may be tried in the place of the honest code, by name.
        open_model: Reads the file.
    """
    try:
        if job.task is Task.ATTEMPT:
            assert job.attempt is not None
            say(Kind.REPORT, frames.encode_report([str(attempts[job.attempt]())]))
            return
        if job.task is Task.INSPECT:
            found = _inspect(job, open_model(data, job.contract))
            say(Kind.REPORT, frames.encode_report(inspection.encode(found)))
            return
        model = _build(job, data, workers, attempts, open_model)
    except Exception as error:  # noqa: BLE001 - whatever a hostile file provokes
        if _is_out_of_memory(error):
            say(Kind.REFUSED, frames.encode_reason(OutOfMemory.code, {}))
        elif isinstance(error, Refusal):
            say(Kind.REFUSED, frames.encode_reason(error.code, error.params))
        else:
            say(Kind.FAILED, frames.encode_detail(_describe(error)))
        return
    say(Kind.READY, b"")
    arrays = inputs()
    try:
        predictions = model.predict(arrays)
        wire = np.ascontiguousarray(predictions, dtype="<f4").data.cast("B")
    except Exception as error:  # noqa: BLE001 - the same, and not a word about the inputs
        if _is_out_of_memory(error):
            say(Kind.CODE, frames.encode_code(OutOfMemory.code))
        elif isinstance(error, Refusal):
            say(Kind.CODE, frames.encode_code(error.code))
        else:
            say(Kind.CODE, frames.encode_code(FAILED_ON_INPUTS))
    else:
        say(Kind.DONE, wire)


def _build(
    job: Job,
    data: bytes,
    workers: ThreadPoolExecutor | None,
    attempts: Attempts,
    open_model: Open,
) -> Model:
    if job.attempt is not None:
        model: Model = attempts[job.attempt](data)
        return model
    assert job.contract is not None
    opened = open_model(data, job.contract)
    if job.judged:
        engine.check(opened.graph, job.contract, job.limits)
    return opened.ready(workers)


def _inspect(job: Job, opened: Opened) -> Inspection:
    graph = opened.graph
    problems: list[Refusal] = []
    if job.judged_by is not None and job.contract is not None:
        problems += engine.problems(graph, job.contract, job.judged_by)
    if not problems:
        try:
            opened.ready(None)
        except Refusal as refusal:
            problems.append(refusal)
    return Inspection(
        kind=graph.kind,
        framework=graph.framework,
        file_bytes=graph.file_bytes,
        parameters=graph.parameters,
        multiply_adds=graph.multiply_adds,
        activation_bytes=graph.activation_bytes,
        layer_count=len(graph.layers),
        layers=tuple(
            InspectedLayer(name=a.name, kind=a.kind, shape=a.shape, parameters=a.parameters)
            for a in graph.layers[: inspection.MOST_LAYERS]
        ),
        inputs=_ports(graph.inputs),
        outputs=_ports(graph.outputs),
        problems=tuple(problems),
    )


def _ports(ports: Sequence[Port]) -> tuple[InspectedPort, ...]:
    return tuple(InspectedPort(name=p.name, shape=p.shape, dtype=p.dtype) for p in ports)


def _is_out_of_memory(error: BaseException | None) -> bool:
    """Whether a failed allocation is behind `error`, whatever was made of it."""
    while error is not None:
        # ONNX Runtime and HDF5 put it into words.
        if isinstance(error, MemoryError) or any(words in str(error) for words in _NO_MEMORY):
            return True
        error = error.__cause__ or error.__context__
    return False


_NO_MEMORY = ("bad_alloc", "Failed to allocate memory", "memory allocation failed")


def _describe(error: Exception) -> str:
    lines = traceback.format_exception(error)
    return "".join(lines)[-frames.MAX_DETAIL :]
