"""Bytes and inputs → predictions → points.

Names are loaded when they are first used: the command line imports the reasons
for refusals on machines without NumPy, and the sandbox's warm parent imports
only what children need.
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assay.grading.grading import GradeOutcome, grade

__all__ = ["GradeOutcome", "grade"]

# ONNX Runtime reports to its maker, over the network and from a thread, unless
# this is set before it is first imported; all our imports of it come after this one.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")


def __getattr__(name: str) -> object:
    if name in __all__:
        return getattr(importlib.import_module("assay.grading.grading"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
