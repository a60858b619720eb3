"""Somebody's command line against a real server: in the tests' own process, or in one of its own."""

from __future__ import annotations

import contextlib
import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tree import PATIENCE, environment

from assay.cli.__main__ import run


@dataclass(frozen=True)
class Running:
    """A command that was launched."""

    process: subprocess.Popen[str]
    log: Path  # its standard error

    def said(self) -> str:
        """Return what it has said so far."""
        return self.log.read_text(encoding="utf-8")

    def out(self, *, code: int) -> str:
        """Wait for it to end with an exit code; return its standard output."""
        out, _ = self.process.communicate(timeout=PATIENCE)

        assert self.process.returncode == code, self.said()

        return out


@dataclass
class Desk:
    """A person's folder, settings and last command."""

    place: Path  # the current folder
    settings: dict[str, str]  # of Assay, in the environment
    out: str = field(default="", init=False)
    err: str = field(default="", init=False)

    def __call__(self, *words: str, code: int = 0, **settings: str) -> str:
        """Type `assay …`, expect an exit code, return standard output.

        Args:
            words: What is typed.
            code: The exit code.
            settings: Environment variables besides those of the desk, for this once.
        """
        out, err = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(self.place)
            patch.setenv("LANGUAGE", "en")  # it is set by every command
            for name, value in {**self.settings, **settings}.items():
                patch.setenv(name, value)
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                ended = run(words)
        self.out, self.err = out.getvalue(), err.getvalue()

        assert ended == code, f"exit code {ended}\n{self.out}\n{self.err}"

        return self.out

    def json(self, *words: str, code: int = 0, **settings: str) -> Any:
        """Type `assay … --json`, return what it printed."""
        return json.loads(self(*words, "--json", code=code, **settings))

    def problem(self, *words: str, code: int, **settings: str) -> dict[str, Any]:
        """Type `assay … --json` in vain; return the problem, which a person is told as well."""
        found: dict[str, Any] = self.json(*words, code=code, **settings)["problem"]

        assert found["message"] in self.err
        assert f"→ {found['remedy']}" in self.err

        return found

    @contextlib.contextmanager
    def launch(self, *words: str) -> Iterator[Running]:
        """Type `assay …` and do not wait; nothing of it is left behind."""
        name = re.sub(r"[^\w.]+", "-", "-".join(words))
        log = self.place.parent / f"{name}.txt"
        with (
            log.open("w") as stderr,
            subprocess.Popen(
                [sys.executable, "-m", "assay.cli", *words],
                cwd=self.place,
                env=environment(**self.settings),
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
            ) as process,
        ):
            try:
                yield Running(process, log)
            finally:
                process.kill()

    def standing(self) -> dict[str, Any]:
        """Return the total, and best points and tries by category."""
        sitting = self.json("status")["sitting"]
        tasks = {task["slot"]: (task["best"], task["tries"]) for task in sitting["tasks"]}
        return {"total": sitting["total"], **tasks}

    def save(self, model: bytes, slot: str = "Category1", name: str = "mymodel.h5") -> Path:
        """Save a file in a category's folder."""
        path = self.place / slot / name
        path.write_bytes(model)
        return path
