"""The life of a locked child: from `fork` to `exit`."""

from __future__ import annotations

import math
import mmap
import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from assay.grading import engine
from assay.grading.sandbox import frames, lock, seccomp
from assay.grading.sandbox.answer import Attempts, answer
from assay.grading.sandbox.frames import Kind
from assay.grading.sandbox.job import Job
from assay.items.variant import Array

_COPIES = 3  # of the file: HDF5 makes two


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
                # The inputs and the copies of the file that reading makes are not
                # charged to the model.
                address_space=surroundings.address_space
                + job.layout.size
                + _COPIES * len(data)
                + job.limits.memory_bytes,
                cpu_seconds=math.ceil(job.limits.seconds * job.threads) + 1,
            )
        )
        lock.wall_in(with_landlock=surroundings.with_landlock)
        workers = engine.open_pool(job.threads) if job.threads > 1 else None
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


def _forget_signals() -> None:
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


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


def _say(kind: Kind, payload: bytes | memoryview) -> None:
    for part in (memoryview(frames.header(kind, len(payload))), memoryview(payload)):
        rest = part
        while rest:
            rest = rest[os.write(seccomp.WRITE_END, rest) :]


def _await_inputs(job: Job, memory: memoryview) -> Mapping[str, Array]:
    if os.read(seccomp.READ_END, 1) != b"!":
        os._exit(0)  # the grader is gone
    return job.layout.views(memory)
