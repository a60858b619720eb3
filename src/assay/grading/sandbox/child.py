"""The life of a locked child: from `fork` to `exit`."""

from __future__ import annotations

import math
import os
import select
import signal
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from assay.grading import engine, warmup
from assay.grading.sandbox import frames, kernel, lock, seccomp
from assay.grading.sandbox.answer import Attempts, Open, Opened, answer, open_directly
from assay.grading.sandbox.frames import Kind
from assay.grading.sandbox.job import Job
from assay.grading.sandbox.nursery import MAX_REQUEST
from assay.items.contract import Contract
from assay.items.variant import Array

_DESCRIPTORS = 3  # result, go, file
_COPIES = 3  # of the file: HDF5 makes two
_OWN_ROOM = 1 << 26  # bytes of address space for stacks and for what warming up took
_PIECES, _PIECE = 8, 1 << 22  # of memory that a spare child touches, bytes
_QUIET = 20  # milliseconds without a job before a spare child warms itself up


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What a child inherits from the parent."""

    threads: int  # that inference may use
    address_space: int  # bytes that the warm parent takes
    with_landlock: bool
    attempts: Attempts  # by name, for the self-test and the tests of the lock
    second_path: Any = None  # the module, where children run Keras


def live(
    orders: socket.socket, *, parent: int, surroundings: Surroundings, is_spare: bool
) -> NoReturn:
    """Wait for a job, do it behind the lock, and exit; called in the child after `fork`.

    Args:
        orders: Brings the job, as JSON, with the descriptors `result` for the
            frames, `go` where the inputs will arrive, and `file` if there is one.
        parent: The parent's process id, as the child sees it.
        surroundings: What is inherited.
        is_spare: There is no job yet, so there may be time to warm up.
    """
    try:
        lock.die_with(parent)
        _forget_signals()
        lock.close_all_descriptors_from(3, but=orders.fileno())
        if surroundings.second_path is not None:
            # Its backend's threads ask for a device of random numbers when they begin.
            surroundings.second_path.warm_up(surroundings.threads)
        lock.wall_in(with_landlock=surroundings.with_landlock)
        threads = surroundings.threads
        workers = engine.open_pool(threads) if threads > 1 else None
        if is_spare:
            _warm_up(orders)
        request, (result, go, *file), _, _ = socket.recv_fds(orders, MAX_REQUEST, _DESCRIPTORS)
        job = Job.load(request)
        data = _read(file[0], job.limits.file_bytes) if file else b""
        os.dup2(go, seccomp.INPUTS_END)
        os.dup2(result, seccomp.RESULT_END)
        lock.close_all_descriptors_from(seccomp.RESULT_END + 1)
        incoming = socket.socket(
            socket.AF_UNIX, socket.SOCK_SEQPACKET, 0, fileno=seccomp.INPUTS_END
        )
        lock.limit(
            lock.Bounds(
                # The inputs and the copies of the file that reading makes are not
                # charged to the model.
                address_space=surroundings.address_space
                + _OWN_ROOM
                + job.layout.size
                + _COPIES * len(data)
                + job.limits.memory_bytes,
                cpu_seconds=math.ceil(job.limits.seconds * threads) + 1,
            )
        )
        lock.seal()
        answer(
            job,
            data,
            say=_say,
            inputs=lambda: _receive_inputs(job, incoming),
            workers=workers,
            attempts=surroundings.attempts,
            open_model=_opener(surroundings),
        )
        os.close(seccomp.RESULT_END)  # the grader need not wait for the memory to be freed
        os._exit(0)
    except BaseException:  # noqa: BLE001 - a child never returns to the parent's code
        os._exit(70)
    os._exit(70)


def _opener(surroundings: Surroundings) -> Open:
    second_path = surroundings.second_path
    if second_path is None:
        return open_directly

    def open_with_keras(data: bytes, contract: Contract | None) -> Opened:
        model = second_path.open_model(data, contract)
        return Opened(graph=model.graph, ready=lambda _: model)  # its threads are its own

    return open_with_keras


def _warm_up(orders: socket.socket) -> None:
    """Touch, while nobody waits, the memory that every job touches.

    The kernel copies what is shared with the parent when it is first written
    to, and clears what is new when it is first touched. That would be a third
    of the time that a small model takes.
    """
    arrival = select.poll()
    arrival.register(orders, select.POLLIN)
    if arrival.poll(_QUIET):
        return
    warmup.warm_up()
    kept: list[bytearray] = []
    while len(kept) < _PIECES and not arrival.poll(0):
        kept.append(bytearray(_PIECE))


def _forget_signals() -> None:
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


def _read(file: int, limit: int) -> bytes:
    size = min(os.fstat(file).st_size, limit)
    data = os.pread(file, size, 0)
    while len(data) < size:  # one call reads 2 GiB at the most
        piece = os.pread(file, size - len(data), len(data))
        if not piece:
            break
        data += piece
    return data


def _say(kind: Kind, payload: bytes | memoryview) -> None:
    for part in (memoryview(frames.header(kind, len(payload))), memoryview(payload)):
        rest = part
        while rest:
            rest = rest[os.write(seccomp.RESULT_END, rest) :]


def _receive_inputs(job: Job, incoming: socket.socket) -> Mapping[str, Array]:
    word, descriptors, _, _ = socket.recv_fds(incoming, 1, 1)
    if word != b"!":
        os._exit(0)  # the grader is gone
    return job.layout.views(kernel.map_to_read(descriptors[0], job.layout.size))
