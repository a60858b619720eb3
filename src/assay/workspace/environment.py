"""Makes the candidate's Python environment with the exam's pinned framework.

Prefers uv, which takes seconds where pip takes minutes, and goes on with pip where
uv fails: pip may know a mirror (`pip.conf`) that uv does not. What is installed
survives an interruption; a marker, written last, says that the environment is whole.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from enum import Enum, auto
from pathlib import Path
from typing import Any

from assay.workspace.atomic import write_atomically
from assay.workspace.errors import EnvironmentBroken, EnvironmentFailed

_MARKER = "assay.json"
_STDERR = 2  # file descriptor: the tools' own progress is talk, never a result

# Runs in the environment: imports every package that was asked for, says which one fails.
_CHECK = """
import importlib, importlib.metadata as metadata, json, re, sys
def normal(name): return re.sub(r"[-_.]+", "-", name).lower()
wanted, versions = set(sys.argv[1:]), {}
for module, packages in sorted(metadata.packages_distributions().items()):
    for package in sorted(set(packages)):
        if normal(package) in wanted and module.isidentifier() and not module.startswith("_"):
            versions[package] = metadata.version(package)
            print(json.dumps({"module": module, "versions": versions}), flush=True)
            importlib.import_module(module)
print(json.dumps({"module": None, "versions": versions}), flush=True)
"""


class Step(Enum):
    """What is being done; the caller tells the candidate in their language."""

    FOLDER = auto()  # making the empty environment
    INSTALL_WITH_UV = auto()
    INSTALL_WITH_PIP = auto()
    PIP_INSTEAD = auto()  # uv failed
    CHECK = auto()  # importing the framework once


def python_of(folder: Path) -> Path:
    """Return the interpreter of the environment `folder`."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def find_uv() -> Path | None:
    """Return uv: on PATH, or beside the Python that runs Assay."""
    beside = Path(sys.executable).parent / ("uv.exe" if os.name == "nt" else "uv")
    found = shutil.which("uv") or (beside if beside.is_file() else None)
    return Path(found) if found else None


def is_whole(folder: Path, requirements: Sequence[str]) -> bool:
    """Return whether the environment `folder` was made to its end for `requirements`."""
    try:
        marker = json.loads((folder / _MARKER).read_text(encoding="utf-8"))
        same = bool(marker["requirements_sha256"] == _digest(requirements))
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return same and python_of(folder).exists()


def make(
    folder: Path,
    requirements: Sequence[str],
    *,
    uv: Path | None,
    on_step: Callable[[Step], None],
    python: str = sys.executable,
) -> dict[str, str]:
    """Make the environment `folder`, or go on where an interrupted run stopped.

    The output of uv and pip, with their own progress bars, goes to standard error.

    Args:
        folder: `.venv` of the workspace.
        requirements: Requirement specifiers (PEP 508).
        uv: The uv to use; None for venv and pip.
        on_step: Called before each step.
        python: The interpreter that the environment is made from.

    Returns:
        The installed versions by package, of the packages in `requirements`.

    Raises:
        EnvironmentFailed: A tool failed; its own words are on standard error.
        EnvironmentBroken: A package cannot be imported.
    """
    if not _works(python_of(folder)):
        on_step(Step.FOLDER)
        _make_empty(folder, uv=uv, python=python)
    listing = folder / "assay-requirements.txt"
    listing.write_text("\n".join(requirements) + "\n", encoding="utf-8")
    _install(folder, listing, uv=uv, on_step=on_step)
    on_step(Step.CHECK)
    versions = _check(folder, requirements)
    record = {"requirements_sha256": _digest(requirements), "versions": versions}
    write_atomically(folder / _MARKER, json.dumps(record, indent=2).encode())
    return versions


def _make_empty(folder: Path, *, uv: Path | None, python: str) -> None:
    if folder.exists():
        shutil.rmtree(folder)
    if uv and _run([str(uv), "venv", "--quiet", "--seed", "--python", python, str(folder)]) == 0:
        return
    if folder.exists():
        shutil.rmtree(folder)
    _must_run([python, "-m", "venv", str(folder)], tool="venv")


def _install(
    folder: Path, listing: Path, *, uv: Path | None, on_step: Callable[[Step], None]
) -> None:
    interpreter = str(python_of(folder))
    if uv:
        on_step(Step.INSTALL_WITH_UV)
        command = [str(uv), "pip", "install", "--python", interpreter, "-r", str(listing)]
        if _run(command) == 0:
            return
        on_step(Step.PIP_INSTEAD)
    else:
        on_step(Step.INSTALL_WITH_PIP)
    pip = [interpreter, "-m", "pip", "install", "--disable-pip-version-check", "-r", str(listing)]
    _must_run(pip, tool="pip")


def _check(folder: Path, requirements: Sequence[str]) -> dict[str, str]:
    names = sorted({_name_of(requirement) for requirement in requirements})
    check = subprocess.run(  # noqa: S603 - the environment's own interpreter
        [str(python_of(folder)), "-I", "-c", _CHECK, *names],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONUTF8": "1"},
        check=False,
    )
    lines = check.stdout.splitlines()
    report: dict[str, Any] = json.loads(lines[-1]) if lines else {"module": "python"}
    if check.returncode or report["module"] is not None:
        words = check.stderr.strip().splitlines()
        detail = words[-1] if words else f"exit code {check.returncode}"
        raise EnvironmentBroken(module=report["module"], detail=detail)
    return {str(package): str(version) for package, version in report["versions"].items()}


def _works(interpreter: Path) -> bool:
    """Whether an interpreter runs: a moved folder or an upgraded system leaves dead ones."""
    if not interpreter.exists():
        return False
    try:
        run = subprocess.run(  # noqa: S603 - the environment's own interpreter
            [str(interpreter), "-I", "-c", "import pip"], capture_output=True, check=False
        )
    except OSError:
        return False
    return run.returncode == 0


def _run(command: list[str]) -> int:
    try:
        return subprocess.run(  # noqa: S603 - uv, venv or pip, with our own arguments
            command, stdin=subprocess.DEVNULL, stdout=_STDERR, check=False
        ).returncode
    except OSError:
        return 127  # as a shell says of a command that cannot be run


def _must_run(command: list[str], *, tool: str) -> None:
    code = _run(command)
    if code:
        raise EnvironmentFailed(tool=tool, exit_code=code)


def _name_of(requirement: str) -> str:
    """The normalized name (PEP 503) of a requirement specifier."""
    name = re.match(r"[A-Za-z0-9._-]+", requirement.strip())
    return re.sub(r"[-_.]+", "-", name.group() if name else requirement).lower()


def _digest(requirements: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(requirements).encode()).hexdigest()
