"""The open bank, as it is in the repository."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from assay.items import Bank, load_bank

OPEN_BANK = Path(__file__).resolve().parents[2] / "bank"


@pytest.fixture(scope="session")
def open_bank() -> Bank:
    return load_bank(OPEN_BANK)


@pytest.fixture
def source_of(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], ModuleType]]:
    """Load an item's data.py, to look inside."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def load(key: str) -> ModuleType:
        name = "tested_" + key.replace("/", "_")
        spec = importlib.util.spec_from_file_location(name, OPEN_BANK / key / "data.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, name, module)
        spec.loader.exec_module(module)
        return module

    return load
