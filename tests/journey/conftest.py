"""Journeys: real processes on data folders of their own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tree import Tree, copy_of, environment, no_process_left

from small_bank import write_bank


@pytest.fixture(scope="session")
def home() -> Iterator[Path]:
    """A folder outside pytest's own, whose name is short enough for a Unix socket."""
    folder = Path(tempfile.mkdtemp(prefix="assay-journey-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def bank(home: Path) -> Path:
    return write_bank(home / "bank")


@pytest.fixture(scope="session")
def fresh(home: Path, bank: Path) -> Path:
    """A data folder with a database that nobody has used, made once for all tests."""
    folder = home / "fresh"
    made = Tree(folder, environment(ASSAY_BANK=str(bank)))
    made.manage("check")
    return folder


@pytest.fixture
def tree(home: Path, fresh: Path, bank: Path) -> Iterator[Tree]:
    """A server that can be started on a data folder with an empty database."""
    data = copy_of(fresh, home)
    tree = Tree(data, environment(ASSAY_BANK=str(bank)))
    with no_process_left(tree):
        yield tree
    shutil.rmtree(data.parent)


@pytest.fixture(scope="module")
def house(home: Path, fresh: Path, bank: Path) -> Iterator[Tree]:
    """A server for a module's tests, down at first; some modules have one of their own kind."""
    tree = Tree(copy_of(fresh, home), environment(ASSAY_BANK=str(bank)))
    with no_process_left(tree):
        yield tree
