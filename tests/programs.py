"""The programs in `tools/`: no package, but modules to the tests of what they do."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

TOOLS = str(Path(__file__).resolve().parents[1] / "tools")


def program(name: str) -> ModuleType:
    """Return `tools/<name>.py` as a module; it finds its neighbours as when it runs."""
    sys.path.insert(0, TOOLS)
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(TOOLS)
