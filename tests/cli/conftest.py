"""Alice's command line, in this process, against a small server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from assay.cli.__main__ import run
from fake_exam import ALICE, FakeExam, serving


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


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An own configuration and an own folder; nothing of the developer's."""
    for name in ("ASSAY_SERVER", "ASSAY_TOKEN", "ASSAY_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ASSAY_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("ASSAY_LANGUAGE", "en")
    monkeypatch.setenv("LANGUAGE", "en")
    monkeypatch.setenv("ASSAY_PATIENCE", "5")
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture(autouse=True)
def no_long_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assay.cli.http._PAUSES", (0.01, 0.02))


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    return Shell(capture=capsys, monkeypatch=monkeypatch)


@pytest.fixture
def exam() -> FakeExam:
    return FakeExam()


@pytest.fixture
def server(exam: FakeExam) -> Iterator[str]:
    with serving(exam) as url:
        yield url


@pytest.fixture
def alice(shell: Shell, server: str) -> Shell:
    """Alice, signed in."""
    shell("login", server, "--token", ALICE)
    return shell


@pytest.fixture
def sitting(alice: Shell, home: Path) -> Path:
    """Alice's exam folder; the clock runs, and she is in it."""
    alice("start", "exam", "--no-env", "--yes")
    alice.cd(home / "exam")
    return home / "exam"
