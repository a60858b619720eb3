"""What all tests share: how a test says what it needs from the system."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

# In this order where several processes share the tests: what waits most begins first, so that no
# process is left with a long file when the others have ended.
_LONGEST_FIRST = ("browser", "journey", "bank", "unit/grading", "cli", "hostile", "server")
_HERE = Path(__file__).resolve().parent
_BESIDE_THE_CHECKOUT = _HERE.parents[1] / "shared" / "data"


def require_program(*names: str) -> str:
    """Return the path of the first of `names` that is installed.

    Skips the test with a reason otherwise; on a machine that promises to be
    complete (`ASSAY_COMPLETE=1`), it fails instead.
    """
    for name in names:
        path = shutil.which(name)
        if path:
            return path
    reason = f"needs the system package {' or '.join(names)}"
    if os.environ.get("ASSAY_COMPLETE") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the folders with the longest files first, for the processes of `pytest -n`."""
    if not hasattr(config, "workerinput"):
        return

    def place(item: pytest.Item) -> int:
        folder = item.path.relative_to(_HERE).as_posix()
        fitting = (n for n, name in enumerate(_LONGEST_FIRST) if folder.startswith(f"{name}/"))
        return next(fitting, len(_LONGEST_FIRST))

    items.sort(key=place)


@pytest.fixture(scope="session")
def installed() -> Callable[..., str]:
    """The path of a system package's program: `installed("chromium")`, or a skip."""
    return require_program


@pytest.fixture
def data_mirror(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files of the data sets that items download.

    `ASSAY_DATA_MIRROR` names it, or it is `shared/data` beside the checkout; a test that
    needs one is skipped where there is none. The cache is an empty folder.
    """
    named = os.environ.get("ASSAY_DATA_MIRROR")
    folder = Path(named) if named else _BESIDE_THE_CHECKOUT
    if not folder.is_dir():
        pytest.skip("needs the data sets: ASSAY_DATA_MIRROR=FOLDER")
    monkeypatch.setenv("ASSAY_DATA_MIRROR", str(folder))
    monkeypatch.setenv("ASSAY_DATA_CACHE", str(tmp_path_factory.mktemp("cache")))
    return folder
