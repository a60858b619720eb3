"""The item bank: folders that draw variants of themselves.

Names are loaded when they are first used, because the sandbox's warm parent
imports `assay.items.contract` and must stay free of pydantic and YAML.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assay.items.loader import Bank, Blueprint, Item, Scan, load_bank, scan_bank

__all__ = ["Bank", "Blueprint", "Item", "Scan", "load_bank", "scan_bank"]


def __getattr__(name: str) -> object:
    if name in __all__:
        return getattr(importlib.import_module("assay.items.loader"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
