"""Alice's command line, in this process, against a small server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alices_shell import Shell

from fake_exam import ALICE, FakeExam, serving


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
