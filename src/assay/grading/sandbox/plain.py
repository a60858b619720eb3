"""The grader's end of a child without a lock: a subprocess, and no sandbox.

For one's own files, on systems that have nothing to lock a child with.
"""

from __future__ import annotations

import contextlib
import os
import queue
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from assay.grading.sandbox.conversation import Child, Until
from assay.grading.sandbox.environment import ENVIRONMENT
from assay.grading.sandbox.faults import ChildCrashed, GradingFault
from assay.grading.sandbox.job import Job
from assay.grading.sandbox.protection import Protection
from assay.items.variant import Array

CHILD = f"{__package__}.plain_child"  # by its name: it imports far more than this side needs
LENGTH = struct.Struct("<I")  # of the job, before the job

_PIECE = 1 << 16  # bytes
_SLICE = 0.025  # seconds between looks at whether the work was cancelled
_FAREWELL = 2.0  # seconds for a process to end, once its pipe is closed


class PlainHouse:
    """Runs each job in a fresh interpreter, without a lock.

    Args:
        threads: Threads that one model's inference may use.
    """

    def __init__(self, *, threads: int) -> None:
        self._threads = threads

    def start(self) -> None:
        """There is nothing to start."""

    def close(self) -> None:
        """There is nothing to end."""

    @contextlib.contextmanager
    def child(self, job: Job, file: Path) -> Iterator[Child]:
        """Start a child for `job`; leaving the context kills what is left of it."""
        with _PlainChild(job, file, self._threads) as child:
            yield child

    def self_test(self) -> Protection:
        """Say that nothing protects this machine."""
        return Protection(seccomp=False)


class _PlainChild:
    def __init__(self, job: Job, file: Path, threads: int) -> None:
        self._job = job
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-I", "-m", CHILD, str(file), str(threads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **ENVIRONMENT},
        )
        # Pipes can be waited for on every system only by a thread that reads.
        self._pieces: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._rest = b""
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()
        request = job.dump()
        self._write(LENGTH.pack(len(request)) + request)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._reading.join()
        self._process.communicate()

    def receive(self, count: int, until: Until) -> bytearray:
        """Return the next `count` bytes; fewer where the child stopped talking."""
        data = bytearray()
        while len(data) < count:
            if not self._rest:
                self._rest = self._next_piece(until)
            if not self._rest:
                break
            need = count - len(data)
            data += self._rest[:need]
            self._rest = self._rest[need:]
        return data

    def prepare(self, inputs: Mapping[str, Array]) -> None:
        """Nothing can be prepared: the child must not have the inputs yet."""

    def hand_out(self, inputs: Mapping[str, Array]) -> None:
        """Give the child the inputs."""
        end = 0
        for place in self._job.layout.places:
            self._write(bytes(place.offset - end))
            self._write(inputs[place.name].data.cast("B"))
            end = place.offset + inputs[place.name].nbytes

    def explain_end(self) -> GradingFault:
        """Return the fault of a child that stopped talking too early."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_FAREWELL)
        return ChildCrashed(f"it ended with {self._process.returncode} before it had answered")

    def _next_piece(self, until: Until) -> bytes:
        while True:
            until.check()
            left = min(until.moment - time.monotonic(), _SLICE)
            with contextlib.suppress(queue.Empty):
                piece = self._pieces.get(timeout=max(left, 0.001))
                if not piece:
                    self._pieces.put(b"")  # for whoever asks again
                return piece

    def _read(self) -> None:
        assert self._process.stdout is not None
        while piece := os.read(self._process.stdout.fileno(), _PIECE):
            self._pieces.put(piece)
        self._pieces.put(b"")

    def _write(self, data: bytes | memoryview) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it died; `receive` will tell
            self._process.stdin.write(data)
            self._process.stdin.flush()
