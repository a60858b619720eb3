"""The open bank, as it is in the repository."""

from __future__ import annotations

import functools
import importlib.util
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from assay.items import Bank, Item, load_bank
from assay.items.downloads import fetch
from assay.items.errors import DataMissing
from assay.items.variant import Variant

OPEN_BANK = Path(__file__).resolve().parents[2] / "bank"


@functools.lru_cache(maxsize=4)
def _drawn(item: DrawnOnce, seed: int) -> Variant:
    variant = Item.draw(item, seed)
    for split in (variant.hidden, variant.sealed):
        for array in (*split.inputs.values(), split.labels, split.baseline):
            if array is not None:
                array.flags.writeable = False  # the next test reads the same
    return variant


class DrawnOnce(Item):
    """An item whose last variants are kept: tests only look at them."""

    def draw(self, seed: int) -> Variant:
        return _drawn(self, seed)

    def __hash__(self) -> int:
        return hash(self.key)


@pytest.fixture(scope="session")
def open_bank() -> Bank:
    bank = load_bank(OPEN_BANK)
    items = {key: DrawnOnce(**vars(item)) for key, item in bank.items.items()}
    return replace(bank, items=items)


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


@pytest.fixture(params=sorted(load_bank(OPEN_BANK).items))
def item(request: pytest.FixtureRequest, open_bank: Bank) -> Item:
    """Each item of the bank."""
    found = open_bank.items[request.param]
    if not found.spec.offline:
        request.getfixturevalue("data_mirror")
    return found


@pytest.fixture
def drawable(item: Item) -> Item:
    """An item whose data are here; the mirror need not have every data set."""
    try:
        for file in item.spec.data.files:
            fetch(item.folder, file.name)
    except DataMissing as missing:
        pytest.skip(str(missing))
    return item
