"""Runs hostile model files: a fresh, locked child for each, of a warm parent.

    with Runner() as runner:
        predictions = runner.predict(file, inputs, contract, limits)

`Runner.self_test` says what protects this machine. Names are loaded when they
are first used, so that the warm parent does not import the grader's side.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assay.grading.sandbox.enclosure import Enclosure
    from assay.grading.sandbox.faults import (
        BrokenFrame,
        Cancelled,
        ChildCrashed,
        DeadlineExceeded,
        GradingFault,
        ParentLost,
        ReaderFailed,
    )
    from assay.grading.sandbox.protection import Protection
    from assay.grading.sandbox.runner import Runner, share

__all__ = [
    "BrokenFrame",
    "Cancelled",
    "ChildCrashed",
    "DeadlineExceeded",
    "Enclosure",
    "GradingFault",
    "ParentLost",
    "Protection",
    "ReaderFailed",
    "Runner",
    "share",
]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    part = {
        "Runner": "runner",
        "share": "runner",
        "Protection": "protection",
        "Enclosure": "enclosure",
    }.get(name, "faults")
    return getattr(importlib.import_module(f"{__name__}.{part}"), name)
