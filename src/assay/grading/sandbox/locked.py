"""Runs each job in a locked child of a warm parent."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from assay.grading.sandbox import attempts as forbidden
from assay.grading.sandbox.conversation import Child, Until, ask_for_report
from assay.grading.sandbox.enclosure import Enclosure
from assay.grading.sandbox.faults import ChildCrashed, ParentLost, ReaderFailed
from assay.grading.sandbox.job import Job, Task
from assay.grading.sandbox.link import Link, LockedChild
from assay.grading.sandbox.protection import Protection
from assay.items.contract import Limits

_ATTEMPT_LIMITS = Limits(
    file_bytes=0, parameters=0, multiply_adds=0, memory_bytes=200_000_000, seconds=10.0
)


class LockedHouse:
    """Owns the warm parent, and starts another one when it died.

    Args:
        threads: Threads that one model's inference may use.
        enclosures: What to put around the warm parent: the first that works.
        with_landlock: False to do without Landlock where the kernel has it.
        second_path: Let children run Keras.
        attempts: A file of attempts, for the tests of the lock.
    """

    def __init__(
        self,
        *,
        threads: int,
        enclosures: Sequence[Enclosure],
        with_landlock: bool,
        attempts: Path | None,
        second_path: bool = False,
    ) -> None:
        self._threads = threads
        self._enclosures = list(enclosures)
        self._with_landlock = with_landlock
        self._second_path = second_path
        self._attempts = attempts
        self._link: Link | None = None
        self._linking = threading.Lock()

    def start(self) -> None:
        """Start the warm parent, if it does not run.

        Raises:
            ParentLost: It did not start.
        """
        self.link()

    def close(self) -> None:
        """End the warm parent and every child of it."""
        with self._linking:
            if self._link is not None:
                self._link.close()
                self._link = None

    def link(self) -> Link:
        """Return a parent that runs.

        Raises:
            ParentLost: It did not start.
        """
        with self._linking:
            if self._link is not None and not self._link.is_alive:
                self._link.close()
                self._link = None
            if self._link is None:
                self._link = self._new_link()
            return self._link

    @contextlib.contextmanager
    def child(self, job: Job, file: Path) -> Iterator[Child]:
        """Fork a child for `job`; leaving the context kills what is left of it.

        Raises:
            OSError: The file cannot be opened.
            ParentLost: There is no warm parent.
        """
        with contextlib.ExitStack() as stack:
            descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
            stack.callback(os.close, descriptor)
            yield stack.enter_context(LockedChild(self.link(), job.dump(), file=descriptor))

    def self_test(self) -> Protection:
        """Try in a locked child what must not be possible, and say what is in force.

        Raises:
            GradingFault: The test itself could not be made.
        """
        standing = self.link().standing
        came_through = [name for name in forbidden.ATTEMPTS if not self._holds(name)]
        return Protection(
            seccomp=True,
            enclosure=standing.enclosure,
            landlock=standing.landlock,
            unprivileged=standing.unprivileged,
            came_through=tuple(came_through),
        )

    def _holds(self, attempt: str) -> bool:
        job = Job(task=Task.ATTEMPT, limits=_ATTEMPT_LIMITS, attempt=attempt)
        seconds = _ATTEMPT_LIMITS.seconds
        until = Until(moment=time.monotonic() + seconds, seconds=seconds, cancel=None)
        with LockedChild(self.link(), job.dump()) as child:
            try:
                ask_for_report(child, limits=_ATTEMPT_LIMITS, until=until)
            except (ChildCrashed, ReaderFailed) as end:
                return end.detail.endswith("SIGSYS") or "PermissionError" in end.detail
        return False

    def _new_link(self) -> Link:
        while True:
            try:
                return Link(
                    threads=self._threads,
                    enclosure=self._enclosures[0],
                    with_landlock=self._with_landlock,
                    second_path=self._second_path,
                    attempts=self._attempts,
                )
            except ParentLost:
                if len(self._enclosures) == 1:
                    raise
                # This system does not permit it; many do not.
                self._enclosures = self._enclosures[1:]
