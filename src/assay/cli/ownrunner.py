"""A grader's runner on one's own machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from assay.cli.bankoptions import require
from assay.cli.talk import Talk
from assay.messages import N_

if TYPE_CHECKING:
    from assay.grading.sandbox import Runner

_MOST_THREADS = 2


@contextmanager
def own_runner(talk: Talk) -> Iterator[Runner]:
    """Start a runner: locked where the system has what that needs, else plain, and say so.

    Raises:
        ExtraMissing: What grades is not installed.
    """
    for module in ("h5py", "numpy", "onnx", "onnxruntime"):
        require(module, "grader")
    from assay.grading.sandbox import Runner  # noqa: PLC0415 - takes its time

    threads = min(os.cpu_count() or 1, _MOST_THREADS)
    runner = _locked(threads, second_path=os.environ.get("ASSAY_KERAS") == "1")
    if runner is None:
        talk.warn(
            N_(
                "The model runs without a sandbox here. That is fine for files of your own; "
                "do not run those of other people."
            )
        )
        runner = Runner(threads=threads, plain=True)
    with runner:
        yield runner


def _locked(threads: int, *, second_path: bool) -> Runner | None:
    """Return a runner whose lock holds, running; None where there is none."""
    from assay.grading.sandbox import GradingFault, Runner  # noqa: PLC0415 - the same

    runner = Runner(threads=threads, second_path=second_path)
    try:
        runner.start()
        if runner.self_test().is_sandboxed:
            return runner
    except GradingFault:
        pass  # this system does not let a process lock itself
    runner.close()
    return None
