"""Runs attacks in locked children, with something of ours for them to reach for."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from assay.grading.sandbox.conversation import Until, ask_for_predictions, ask_for_report
from assay.grading.sandbox.enclosure import Enclosure
from assay.grading.sandbox.job import Job, Layout, Task
from assay.grading.sandbox.link import LockedChild
from assay.grading.sandbox.locked import LockedHouse
from assay.items.contract import Contract, InputSpec, Limits, OutputKind, OutputSpec

CONTRACT = Contract(
    inputs=(InputSpec(name="input", shape=(1,), dtype="float32"),),
    output=OutputSpec(shape=(1,), kind=OutputKind.VALUE),
)
LIMITS = Limits(
    file_bytes=1_000_000,
    parameters=1_000_000,
    multiply_adds=1_000_000,
    memory_bytes=500_000_000,
    seconds=1.0,
)
INPUTS: Mapping[str, np.ndarray] = {"input": np.arange(64, dtype=np.float32).reshape(-1, 1)}


class House(LockedHouse):
    """A house whose children do what `attacks.py` says.

    Args:
        folder: For the file of attempts.
        bait: What attacks reach for: the globals of `attacks.py`.
        layers: Arguments of `LockedHouse`.
    """

    def __init__(self, folder: Path, bait: Mapping[str, object], **layers: Any) -> None:
        attempts = folder / "attempts.py"
        source = Path(__file__).with_name("attacks.py")
        attempts.write_text(
            "import runpy\n"
            f"ATTEMPTS = runpy.run_path({str(source)!r}, init_globals={dict(bait)!r})['ATTEMPTS']\n"
        )
        super().__init__(threads=2, attempts=attempts, **layers)

    def count_children(self) -> int:
        """Return how many children are still at work, after a moment for the kernel."""
        link = self.link()
        others = {Enclosure.NAMESPACES: 1, Enclosure.BUBBLEWRAP: 2, Enclosure.NOTHING: 0}
        expected = others[link.standing.enclosure] + 1  # the spare child
        deadline = time.monotonic() + 2
        while True:
            there = len(psutil.Process(link.pid).children(recursive=True))
            if there <= expected or time.monotonic() > deadline:
                return max(there - expected, 0)
            time.sleep(0.01)

    def attempt(self, name: str) -> list[str | int | float | None]:
        """Return what the attack `name` got, if it came through."""
        job = Job(task=Task.ATTEMPT, limits=LIMITS, attempt=name)
        with LockedChild(self.link(), job.dump()) as child:
            return ask_for_report(child, limits=LIMITS, until=until(10.0))

    def predict(self, name: str, file: Path, *, seconds: float = 1.0, cancel=None) -> np.ndarray:
        """Return the predictions of a child that does `name` in the place of the file."""
        job = Job(
            task=Task.PREDICT,
            contract=CONTRACT,
            limits=LIMITS,
            layout=Layout.of(INPUTS),
            attempt=name,
        )
        with self.child(job, file) as child:
            return ask_for_predictions(
                child,
                contract=CONTRACT,
                limits=LIMITS,
                layout=job.layout,
                inputs=INPUTS,
                until=until(seconds, cancel),
            )


def until(seconds: float, cancel=None) -> Until:
    """Return a deadline `seconds` from now."""
    return Until(moment=time.monotonic() + seconds, seconds=seconds, cancel=cancel)
