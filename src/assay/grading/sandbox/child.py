"""What happens inside a grading child.

The hidden inputs arrive after the child's last word: it locks itself, reads,
checks and builds the model first, and may say in one frame why it does not
take the file, with names and shapes that help a beginner. Only after READY
does the grader fill in the inputs, and from then on nothing but predictions or
a bare code comes back. So no word, however hostile, can carry hidden data.
"""

from __future__ import annotations

import contextlib
import gc
import math
import mmap
import os
import signal
import threading
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol

import numpy as np

from assay.errors import Refusal
from assay.grading.refusals import OutOfMemory
from assay.grading.sandbox import frames, lock, seccomp
from assay.grading.sandbox.frames import Kind
from assay.grading.sandbox.job import Job, Task
from assay.items.variant import Array

Say = Callable[[Kind, bytes | memoryview], None]
Attempts = Mapping[str, Callable[..., Any]]

FAILED_ON_INPUTS = "failed_on_inputs"  # the code for an error of ours after READY


class Model(Protocol):
    """Whatever turns inputs into predictions."""

    def predict(self, inputs: Mapping[str, Array]) -> Array:
        """Return the predictions for `inputs`."""
        ...


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What a child inherits from the parent."""

    address_space: int  # bytes that the warm parent takes
    with_landlock: bool
    attempts: Attempts  # by name, for the self-test and the tests of the lock


def live(
    request: bytes,
    *,
    result: int,
    go: int,
    inputs: int | None,
    file: int | None,
    parent: int,
    surroundings: Surroundings,
) -> NoReturn:
    """Do one job behind the lock, and exit; called in the child after `fork`.

    Args:
        request: The job, as JSON.
        result: Descriptor that the frames go to.
        go: Descriptor where one byte arrives when the inputs are filled in.
        inputs: Descriptor of the memory that will hold the inputs, still empty.
        file: Descriptor of the model file.
        parent: The parent's process id, as the child sees it.
        surroundings: What is inherited.
    """
    try:
        lock.die_with(parent)
        _forget_signals()
        job = Job.load(request)
        data = _read(file, job.limits.file_bytes)
        memory = _map(inputs, job.layout.size)
        os.dup2(go, seccomp.READ_END)
        os.dup2(result, seccomp.WRITE_END)
        lock.close_all_descriptors_from(seccomp.WRITE_END + 1)
        lock.limit(
            lock.Bounds(
                address_space=surroundings.address_space
                + job.layout.size
                + job.limits.memory_bytes,
                cpu_seconds=math.ceil(job.limits.seconds * job.threads) + 1,
            )
        )
        lock.wall_in(with_landlock=surroundings.with_landlock)
        with _workers(job.threads) as workers:
            lock.seal()
            answer(
                job,
                data,
                say=_say,
                inputs=lambda: _await_inputs(job, memory),
                workers=workers,
                attempts=surroundings.attempts,
            )
            os.close(seccomp.WRITE_END)  # the grader need not wait for the memory to be freed
            os._exit(0)
    except BaseException:  # noqa: BLE001 - a child never returns to the parent's code
        os._exit(70)
    os._exit(70)


def answer(
    job: Job,
    data: bytes,
    *,
    say: Say,
    inputs: Callable[[], Mapping[str, Array]],
    workers: Executor | None,
    attempts: Attempts,
) -> None:
    """Do `job` and say the outcome.

    Args:
        job: What to do.
        data: The model file.
        say: Sends one frame to the grader.
        inputs: Waits until the inputs are there, and returns them by name.
        workers: Threads that exist already; None for one thread.
        attempts: What may be tried in the place of the honest code, by name.
    """
    try:
        if job.task is Task.ATTEMPT:
            assert job.attempt is not None
            say(Kind.REPORT, frames.encode_report([str(attempts[job.attempt]())]))
            return
        model = _build(job, data, workers, attempts)
    except Refusal as refusal:
        say(Kind.REFUSED, frames.encode_reason(refusal.code, refusal.params))
        return
    except Exception as error:  # noqa: BLE001 - whatever a hostile file provokes
        if _is_out_of_memory(error):
            say(Kind.REFUSED, frames.encode_reason(OutOfMemory.code, {}))
        else:
            say(Kind.FAILED, frames.encode_detail(_describe(error)))
        return
    say(Kind.READY, b"")
    arrays = inputs()
    try:
        predictions = model.predict(arrays)
        wire = np.ascontiguousarray(predictions, dtype="<f4").data.cast("B")
    except Refusal as refusal:
        say(Kind.CODE, frames.encode_code(refusal.code))
    except Exception as error:  # noqa: BLE001 - the same, and not a word about the inputs
        code = OutOfMemory.code if _is_out_of_memory(error) else FAILED_ON_INPUTS
        say(Kind.CODE, frames.encode_code(code))
    else:
        say(Kind.DONE, wire)


def _build(job: Job, data: bytes, workers: Executor | None, attempts: Attempts) -> Model:
    if job.attempt is not None:
        model: Model = attempts[job.attempt](data)
        return model
    assert job.contract is not None
    from assay.grading import engine, modelfile

    graph = modelfile.read(data)
    engine.check(graph, job.contract, job.limits)
    return engine.Session(graph, threads=job.threads)


def _is_out_of_memory(error: Exception) -> bool:
    # ONNX Runtime and HDF5 put the failed allocation into words.
    words = ("bad_alloc", "Failed to allocate memory", "Unable to allocate", "memory allocation")
    return isinstance(error, MemoryError) or any(word in str(error) for word in words)


def _describe(error: Exception) -> str:
    lines = traceback.format_exception(error)
    return "".join(lines)[-frames.MAX_DETAIL :]


def _forget_signals() -> None:
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    gc.enable()


def _read(file: int | None, limit: int) -> bytes:
    if file is None:
        return b""
    size = min(os.fstat(file).st_size, limit)
    data = os.pread(file, size, 0)
    while len(data) < size:  # one call reads 2 GiB at the most
        piece = os.pread(file, size - len(data), len(data))
        if not piece:
            break
        data += piece
    return data


def _map(inputs: int | None, size: int) -> memoryview:
    if inputs is None or size == 0:
        return memoryview(b"")
    return memoryview(mmap.mmap(inputs, size, mmap.MAP_SHARED, mmap.PROT_READ))


@contextlib.contextmanager
def _workers(threads: int) -> Any:
    if threads == 1:
        yield None
        return
    pool = ThreadPoolExecutor(threads)
    # Every thread must exist before the lock shuts.
    together = threading.Barrier(threads)
    for waiting in [pool.submit(together.wait) for _ in range(threads)]:
        waiting.result()
    yield pool


def _say(kind: Kind, payload: bytes | memoryview) -> None:
    for part in (memoryview(frames.header(kind, len(payload))), memoryview(payload)):
        rest = part
        while rest:
            rest = rest[os.write(seccomp.WRITE_END, rest) :]


def _await_inputs(job: Job, memory: memoryview) -> Mapping[str, Array]:
    if os.read(seccomp.READ_END, 1) != b"!":
        os._exit(0)  # the grader is gone
    return job.layout.views(memory)
