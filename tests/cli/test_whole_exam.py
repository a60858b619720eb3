"""A whole exam with the real server: real processes, real database, real grading."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from small_bank import EXAM, line_model, slow_model, write_bank


@dataclass
class Terminal:
    """Somebody's terminal: a folder and an environment."""

    place: Path
    environment: dict[str, str]
    last: subprocess.CompletedProcess[str] = field(init=False)

    def __call__(self, *words: str, code: int = 0) -> str:
        """Type `assay …`, expect an exit code, return standard output."""
        self.last = subprocess.run(
            [sys.executable, "-m", "assay.cli", *words],
            cwd=self.place,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

        assert self.last.returncode == code, f"{self.last.stdout}\n{self.last.stderr}"

        return self.last.stdout

    def json(self, *words: str, code: int = 0) -> Any:
        """Type `assay … --json`, return what it printed."""
        return json.loads(self(*words, "--json", code=code))

    @contextmanager
    def launch(self, *words: str) -> Iterator[subprocess.Popen[str]]:
        """Type `assay …` and do not wait; nothing of it is left behind."""
        with subprocess.Popen(
            [sys.executable, "-m", "assay.cli", *words],
            cwd=self.place,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()


@pytest.fixture(scope="module")
def house() -> Iterator[Path]:
    """A folder with a short name, as the database's socket likes it; removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="assay-cli-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def home(house: Path) -> Path:
    """A person's own folder in it."""
    return Path(tempfile.mkdtemp(dir=house))


@pytest.fixture(scope="module")
def bank(house: Path) -> Path:
    return write_bank(house / "bank")


def terminal_at(place: Path, bank: Path) -> Terminal:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ASSAY_")} | {
        "ASSAY_CONFIG": str(place / "config"),
        "ASSAY_BANK": str(bank),
        "ASSAY_LANGUAGE": "en",
    }
    return Terminal(place=place, environment=environment)


@pytest.fixture
def terminal(home: Path, bank: Path) -> Terminal:
    return terminal_at(home, bank)


@pytest.fixture(scope="module")
def data(house: Path) -> Path:
    """The server's folder."""
    return house / "data"


@pytest.fixture(scope="module")
def server(house: Path, data: Path, bank: Path) -> Iterator[str]:
    """`assay serve` on a folder of its own; it must stop cleanly at Ctrl-C."""
    words = ("serve", "--data", str(data), "--port", "0", "--json")
    with terminal_at(house, bank).launch(*words) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.communicate()[1]

        yield json.loads(line)["url"]

        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)

        assert process.returncode == 0


def test_alice_sits_a_whole_exam(terminal: Terminal, server: str, home: Path, data: Path):
    registered = terminal.json(
        "staff", "register", "alice@example.org", "--name", "Alice Example",
        "--exam", EXAM, "--data", str(data),
    )  # fmt: skip
    terminal("login", server, "--token", "wrong", code=3)
    terminal("login", server, "--token", registered["token"])
    terminal("start", "exam", "--no-env", code=12)
    terminal.place = home / "exam"

    assert terminal.json("status")["sitting"]["phase"] == "ready"

    terminal("start", "--yes")
    first, second = terminal.place / "Category1", terminal.place / "Category2"

    assert "A line" in terminal("task", "1")

    (first / "mymodel.h5").write_bytes(line_model(slope=1.5))
    weak = terminal.json("submit", "1")
    (first / "mymodel.h5").write_bytes(line_model())
    good = terminal.json("submit", "1")

    assert weak["points"] < good["points"] == 5

    (second / "mymodel.h5").write_text("this is no model")
    refused = terminal("submit", "2", code=7)

    assert "→" in refused

    (second / "mymodel.h5").write_bytes(line_model())
    terminal.place = second

    assert "you pass" in terminal("submit")

    terminal("end", code=12)
    terminal("end", "--yes")
    result = terminal.json("result", "--wait")

    assert (result["final"], result["passed"], result["total"]) == (True, True, 100)
    assert "valid" in terminal("verify", result["credential"]["url"])

    terminal("submit", code=4)

    assert "This sitting ended" in terminal.last.stderr


def test_ctrl_c_cancels_what_is_graded_for_long(
    terminal: Terminal, server: str, home: Path, data: Path
):
    registered = terminal.json(
        "staff", "register", "bob@example.org", "--name", "Bob", "--exam", EXAM,
        "--data", str(data),
    )  # fmt: skip
    terminal("login", server, "--token", registered["token"])
    terminal("start", "exam", "--no-env", "--yes")
    terminal.place = home / "exam"
    (terminal.place / "Category1" / "mymodel.h5").write_bytes(slow_model(30_000))
    with terminal.launch("submit", "1") as submitting:
        deadline = time.monotonic() + 30
        while terminal.json("status")["sitting"]["tasks"][0]["tries"] == 0:
            assert submitting.poll() is None, submitting.communicate()
            assert time.monotonic() < deadline
        submitting.send_signal(signal.SIGINT)
        out, err = submitting.communicate(timeout=30)

    assert submitting.returncode == 130, err
    assert "Cancelled" in out

    terminal("cancel", "1", code=5)


@pytest.mark.slow
def test_practice_is_the_same_path_and_goes_on_after_a_stop(terminal: Terminal, house: Path):
    words = ("practice", "--exam", EXAM, "--data", str(house / "practice"), "--no-env", "--yes")
    try:
        began = terminal.json(*words)
        folder = Path(began["workspace"])
        (folder / "Category1" / "mymodel.h5").write_bytes(line_model())

        assert terminal.json(*words)["sitting"]["id"] == began["sitting"]["id"]
        assert terminal.json("practice", "--stop", "--data", str(house / "practice"))["stopped"]

        terminal.place = folder
        terminal("submit", "1", code=8)

        assert "assay practice" in terminal.last.stderr

        assert terminal.json(*words)["workspace"] == str(folder)
        assert terminal.json("submit", "1")["points"] == 5

        terminal("end", "--yes")
        again = terminal.json(*words)

        assert again["sitting"]["id"] != began["sitting"]["id"]
        assert Path(again["workspace"]) != folder
    finally:
        terminal("practice", "--stop", "--data", str(house / "practice"))
