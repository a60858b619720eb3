"""The grader's side of the sandbox: a file and inputs go in, predictions come out."""

from __future__ import annotations

import contextlib
import os
import stat
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Self

import numpy as np

from assay.grading.refusals import FileTooLarge
from assay.grading.sandbox import attempts as forbidden
from assay.grading.sandbox.conversation import Until, ask_for_predictions, ask_for_report
from assay.grading.sandbox.faults import ChildCrashed, GradingFault, ParentLost, ReaderFailed
from assay.grading.sandbox.job import Job, Layout, Task
from assay.grading.sandbox.link import Link, LockedChild
from assay.grading.sandbox.protection import Protection
from assay.grading.sandbox.shared import SharedInputs
from assay.items.contract import Contract, Limits
from assay.items.variant import Array

_ATTEMPT_LIMITS = Limits(
    file_bytes=0, parameters=0, multiply_adds=0, memory_bytes=200_000_000, seconds=10.0
)


class Runner:
    """Runs model files in locked children of a warm parent.

    Several threads may call it at once; each call has a child of its own. A
    parent that died is started again by the next call.

    Args:
        threads: Threads that one model's inference may use.
        with_namespaces: False to do without namespaces where they would work.
        with_landlock: False to do without Landlock where the kernel has it.
        attempts: A file of attempts, for the tests of the lock.
    """

    def __init__(
        self,
        *,
        threads: int = 1,
        with_namespaces: bool = True,
        with_landlock: bool = True,
        attempts: Path | None = None,
    ) -> None:
        self._threads = threads
        self._with_namespaces = with_namespaces
        self._with_landlock = with_landlock
        self._attempts = attempts
        self._link: Link | None = None
        self._linking = threading.Lock()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Start the warm parent, if it does not run.

        Raises:
            ParentLost: It did not start.
        """
        self._running_link()

    def close(self) -> None:
        """End the warm parent and every child of it."""
        with self._linking:
            if self._link is not None:
                self._link.close()
                self._link = None

    def predict(
        self,
        file: Path,
        inputs: Mapping[str, Array],
        contract: Contract,
        limits: Limits,
        cancel: threading.Event | None = None,
    ) -> Array:
        """Return the model's predictions for hidden inputs.

        Args:
            file: The model file.
            inputs: By the names of the contract's inputs, `(n, *shape)`.
            contract: What goes in and what must come out.
            limits: What the model may cost.
            cancel: Set from another thread, it kills the child at once.

        Returns:
            `(n, *output shape)`, float32, finite.

        Raises:
            Refusal: The file is not graded, for a reason its author can mend.
            Cancelled: `cancel` was set.
            GradingFault: Something else failed; another try may succeed.
            OSError: The file cannot be opened.
        """
        arrays = {
            spec.name: np.ascontiguousarray(inputs[spec.name], np.dtype(spec.dtype))
            for spec in contract.inputs
        }
        layout = Layout.of(arrays)
        job = Job(
            task=Task.PREDICT,
            contract=contract,
            limits=limits,
            layout=layout,
            threads=self._threads,
        )
        with _opened(file, limits) as descriptor, SharedInputs(layout) as shared:
            until = _deadline(limits, cancel)
            with LockedChild(
                self._running_link(), job.dump(), file=descriptor, inputs=shared
            ) as child:
                predictions = ask_for_predictions(
                    child,
                    contract=contract,
                    limits=limits,
                    layout=layout,
                    inputs=arrays,
                    until=until,
                )
        from assay.grading import engine

        engine.check_predictions(predictions, contract, layout.samples)
        return predictions

    def self_test(self) -> Protection:
        """Try in a locked child what must not be possible, and say what is in force.

        Raises:
            GradingFault: The test itself could not be made.
        """
        standing = self._running_link().standing
        outcomes = {name: self._try(name) for name in forbidden.ATTEMPTS}
        return Protection(
            namespaces=standing.namespaces,
            landlock=standing.landlock,
            unprivileged=standing.unprivileged,
            came_through=tuple(name for name, held in outcomes.items() if not held),
        )

    def _try(self, attempt: str) -> bool:
        """Return whether the lock held against `attempt`."""
        job = Job(task=Task.ATTEMPT, limits=_ATTEMPT_LIMITS, attempt=attempt)
        with LockedChild(self._running_link(), job.dump()) as child:
            try:
                ask_for_report(
                    child, limits=_ATTEMPT_LIMITS, until=_deadline(_ATTEMPT_LIMITS, None)
                )
            except (ChildCrashed, ReaderFailed) as end:
                return end.detail.endswith("SIGSYS") or "PermissionError" in end.detail
        return False

    def _running_link(self) -> Link:
        with self._linking:
            if self._link is not None and not self._link.is_alive:
                self._link.close()
                self._link = None
            if self._link is None:
                self._link = self._new_link()
            return self._link

    def _new_link(self) -> Link:
        if self._with_namespaces:
            # Many systems forbid them, and none needs them.
            with contextlib.suppress(ParentLost):
                return Link(
                    with_namespaces=True,
                    with_landlock=self._with_landlock,
                    attempts=self._attempts,
                )
            self._with_namespaces = False
        return Link(
            with_namespaces=False, with_landlock=self._with_landlock, attempts=self._attempts
        )


def _deadline(limits: Limits, cancel: threading.Event | None) -> Until:
    return Until(moment=time.monotonic() + limits.seconds, seconds=limits.seconds, cancel=cancel)


@contextlib.contextmanager
def _opened(file: Path, limits: Limits) -> Iterator[int]:
    # Not blocking: it might be a pipe.
    descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise GradingFault(f"{file} is not a regular file")
        if status.st_size > limits.file_bytes:
            raise FileTooLarge(size=status.st_size, limit=limits.file_bytes)
        yield descriptor
    finally:
        os.close(descriptor)
