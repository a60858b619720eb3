"""The grader's side of the sandbox: a file and inputs go in, predictions come out."""

from __future__ import annotations

import contextlib
import platform
import stat
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol, Self, TypeVar

import numpy as np

from assay.errors import Refusal
from assay.grading.predictions import check_predictions
from assay.grading.refusals import (
    CustomLayer,
    FileTooLarge,
    LambdaLayer,
    OnnxInvalid,
    SizeUnknown,
    UnknownFunction,
    UnknownLayer,
    UnreadableConfig,
    UnsupportedOption,
    WeightsMissing,
)
from assay.grading.sandbox.conversation import (
    Child,
    Predictions,
    Until,
    ask_for_inspection,
    ask_for_predictions,
)
from assay.grading.sandbox.enclosure import Enclosure
from assay.grading.sandbox.faults import GradingFault, NoKeras
from assay.grading.sandbox.inspection import Inspection
from assay.grading.sandbox.job import Job, Layout, Task
from assay.grading.sandbox.plain import PlainHouse
from assay.grading.sandbox.protection import Protection
from assay.items.contract import Contract, InputSpec, Limits, OutputKind, OutputSpec
from assay.items.variant import Array

# What looking at a file may cost, whatever a task allows.
INSPECTION_LIMITS = Limits(
    file_bytes=500_000_000,
    parameters=0,
    multiply_adds=0,
    memory_bytes=3_000_000_000,
    seconds=60.0,
)
# What running a file of one's own may cost: whatever the machine gives.
_OWN_LIMITS = Limits(
    file_bytes=500_000_000,
    parameters=0,
    multiply_adds=0,
    memory_bytes=16_000_000_000,
    seconds=3600.0,
)
# What the reader does not cover, and Keras may.
_NOT_COVERED = (UnknownLayer, UnknownFunction, UnsupportedOption)
# With these the second path only says that it cannot do it either.
_NOT_FOR_KERAS = (CustomLayer, LambdaLayer, OnnxInvalid, UnreadableConfig, WeightsMissing)
_SECOND_PATH_NEEDS = ("keras", "tensorflow", "scipy")
Answer = TypeVar("Answer")
_LOCKABLE = platform.system() == "Linux" and platform.machine() in {"x86_64", "aarch64"}


class House(Protocol):
    """Where children live."""

    def start(self) -> None:
        """Get ready."""
        ...

    def close(self) -> None:
        """End every child."""
        ...

    def child(self, job: Job, file: Path) -> contextlib.AbstractContextManager[Child]:
        """Start a child for `job`; leaving the context kills what is left of it."""
        ...

    def self_test(self) -> Protection:
        """Say what protects this machine."""
        ...


class Runner:
    """Runs model files, each in a child of its own.

    On Linux children are locked, and forked from a warm parent. Elsewhere, and
    with `plain`, they are mere subprocesses: good for one's own files, and no
    sandbox, as `self_test` says. Several threads may call a runner at once.

    Args:
        threads: Threads that one model's inference may use.
        plain: Do without a lock.
        enclosures: What to put around the warm parent: the first that works.
        with_landlock: False to do without Landlock where the kernel has it.
        second_path: Give Keras itself, behind the same lock, what the reader does
            not cover. Its warm parent is started when it is first needed.
        attempts: A file of attempts, for the tests of the lock.

    Raises:
        NoKeras: `second_path` is asked for, and Keras is not installed.
    """

    def __init__(
        self,
        *,
        threads: int = 1,
        plain: bool = not _LOCKABLE,
        enclosures: Sequence[Enclosure] = tuple(Enclosure),
        with_landlock: bool = True,
        second_path: bool = False,
        attempts: Path | None = None,
    ) -> None:
        self._house: House
        self._second_house: House | None = None
        self._second_is_tried = threading.Lock()
        self._second_holds = False
        if second_path and (plain or not all(map(find_spec, _SECOND_PATH_NEEDS))):
            raise NoKeras
        if plain:
            self._house = PlainHouse(threads=threads)
        else:
            # Not importable elsewhere.
            from assay.grading.sandbox.locked import LockedHouse  # noqa: PLC0415

            self._house = LockedHouse(
                threads=threads,
                enclosures=enclosures,
                with_landlock=with_landlock,
                attempts=attempts,
            )
            if second_path:
                self._second_house = LockedHouse(
                    threads=threads,
                    enclosures=enclosures,
                    with_landlock=with_landlock,
                    attempts=attempts,
                    second_path=True,
                )

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
        self._house.start()

    def close(self) -> None:
        """End the warm parent and every child of it."""
        self._house.close()
        if self._second_house is not None:
            self._second_house.close()

    def self_test(self) -> Protection:
        """Try in a child what must not be possible, and say what is in force.

        Raises:
            GradingFault: The test itself could not be made.
        """
        return self._house.self_test()

    def predict(
        self,
        file: Path,
        inputs: Mapping[str, Array],
        contract: Contract,
        limits: Limits,
        cancel: threading.Event | None = None,
    ) -> Predictions:
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
        predictions = self._predict(file, inputs, contract, limits, cancel, judged=True)
        check_predictions(predictions, contract, len(predictions))
        return predictions

    def run(self, file: Path, inputs: Mapping[str, Array]) -> Predictions:
        """Return what a model of one's own gives for any inputs; no task judges it.

        Args:
            file: The model file.
            inputs: By name, `(n, *shape)`; a model with one input takes any name.

        Returns:
            `(n, *output shape)`, float32; NaN and infinity included.

        Raises:
            Refusal: The file cannot be read or run, for a reason its author can mend.
            GradingFault: Something else failed.
            OSError: The file cannot be opened.
        """
        specs = tuple(
            InputSpec(
                name=name,
                shape=array.shape[1:],
                dtype="int32" if array.dtype.kind in "iub" else "float32",
            )
            for name, array in inputs.items()
        )
        unknown = OutputSpec(shape=(), kind=OutputKind.VALUE)
        found = self.inspect(file, Contract(inputs=specs, output=unknown))
        port = found.outputs[0]
        shape = tuple(size for size in port.shape if size is not None)
        if len(shape) < len(port.shape):
            raise SizeUnknown(layer=port.name, kind=found.kind, received=str(port.shape))
        output = OutputSpec(shape=shape, kind=OutputKind.VALUE)
        contract = Contract(inputs=specs, output=output)
        return self._predict(file, inputs, contract, _OWN_LIMITS, None, judged=False)

    def _predict(
        self,
        file: Path,
        inputs: Mapping[str, Array],
        contract: Contract,
        limits: Limits,
        cancel: threading.Event | None,
        *,
        judged: bool,
    ) -> Predictions:
        _check_size(file, limits)
        arrays, layout = _laid_out(inputs, contract)
        job = Job(
            task=Task.PREDICT,
            contract=contract,
            limits=limits,
            layout=layout,
            judged=judged,
        )

        def ask(house: House) -> Predictions:
            with house.child(job, file) as child:
                until = Until(
                    moment=time.monotonic() + limits.seconds, seconds=limits.seconds, cancel=cancel
                )
                return ask_for_predictions(
                    child,
                    contract=contract,
                    limits=limits,
                    layout=layout,
                    inputs=arrays,
                    until=until,
                )

        return self._on_either_path(ask)

    def inspect(
        self, file: Path, contract: Contract | None = None, limits: Limits | None = None
    ) -> Inspection:
        """Return what a model file holds, without running it.

        Args:
            file: The model file.
            contract: Fills in sizes that the model leaves open.
            limits: With the contract: say why they would refuse the file.

        Returns:
            The inspection; with `problems` only where contract and limits are given,
            or where the model cannot be run at all.

        Raises:
            Refusal: The file cannot be read, for a reason its author can mend.
            GradingFault: Something else failed.
            OSError: The file cannot be opened.
        """
        bounds = INSPECTION_LIMITS
        _check_size(file, bounds)
        job = Job(task=Task.INSPECT, contract=contract, limits=bounds, judged_by=limits)

        def ask(house: House) -> Inspection:
            with house.child(job, file) as child:
                until = Until(
                    moment=time.monotonic() + bounds.seconds, seconds=bounds.seconds, cancel=None
                )
                return ask_for_inspection(child, limits=bounds, until=until)

        return self._on_either_path(ask)

    def _on_either_path(self, ask: Callable[[House], Answer]) -> Answer:
        """Ask on the first path, and on the second one what the reader does not cover."""
        try:
            return ask(self._house)
        except Refusal as refusal:
            if self._second_house is None or not isinstance(refusal, _NOT_COVERED):
                raise
            try:
                return ask(self._second())
            except _NOT_FOR_KERAS:
                raise refusal from None

    def _second(self) -> House:
        """Return the second path's house, whose lock has been tried.

        Raises:
            GradingFault: It does not hold.
        """
        assert self._second_house is not None
        with self._second_is_tried:
            if not self._second_holds:
                problem = self._second_house.self_test().problem
                if problem is not None:
                    raise problem
                self._second_holds = True
        return self._second_house


def share(inputs: Mapping[str, Array]) -> Mapping[str, Array]:
    """Return `inputs` in memory that `Runner.predict` hands out as it is.

    Worth it where the same inputs are used again: nothing is copied any more.
    They must be of the contract's types and in its order. Where memory cannot
    be shared, they are returned as they are.
    """
    if not _LOCKABLE:
        return inputs
    from assay.grading.sandbox.shared import SharedInputs  # noqa: PLC0415 - Linux only

    return SharedInputs({name: np.ascontiguousarray(array) for name, array in inputs.items()})


def _laid_out(
    inputs: Mapping[str, Array], contract: Contract
) -> tuple[Mapping[str, Array], Layout]:
    wanted = [(spec.name, np.dtype(spec.dtype)) for spec in contract.inputs]
    shared = getattr(inputs, "layout", None)  # of SharedInputs, which not every system has
    places = shared.places if isinstance(shared, Layout) else ()
    if shared and [(place.name, np.dtype(place.dtype)) for place in places] == wanted:
        return inputs, shared
    arrays = {name: np.ascontiguousarray(inputs[name], dtype) for name, dtype in wanted}
    return arrays, Layout.of(arrays)


def _check_size(file: Path, limits: Limits) -> None:
    status = file.stat()
    if not stat.S_ISREG(status.st_mode):
        raise GradingFault(f"{file} is not a regular file")
    if status.st_size > limits.file_bytes:
        raise FileTooLarge(size=status.st_size, limit=limits.file_bytes)
