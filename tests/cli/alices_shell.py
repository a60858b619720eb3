"""Alice's terminal, in the tests' own process."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from assay.cli.__main__ import run


@dataclass
class Shell:
    """A terminal without a picture: what was typed, and what came of it."""

    capture: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch
    code: int = 0
    out: str = ""
    err: str = ""

    def __call__(self, *words: str, code: int = 0) -> str:
        """Type `assay …`, expect an exit code, return standard output."""
        self.code = run(words)
        self.out, self.err = self.capture.readouterr()

        assert self.code == code, f"exit code {self.code}\n{self.out}\n{self.err}"

        return self.out

    def json(self, *words: str, code: int = 0) -> Any:
        """Type `assay … --json`, return what it printed."""
        return json.loads(self(*words, "--json", code=code))

    def cd(self, folder: Path) -> None:
        self.monkeypatch.chdir(folder)


def save(folder: Path, content: bytes, name: str = "mymodel.h5") -> Path:
    """Save a model after the starter was written."""
    path = folder / name
    path.write_bytes(content)
    later = (folder / "starter.py").stat().st_mtime + 10
    os.utime(path, (later, later))
    return path
