"""Sit a whole exam on this machine, as a person would, and check every step: `make demo`.

Starts the server on an empty data folder, registers a candidate, sits the exam
through the command line: for each category the folder's recipe of a naive
candidate is trained and submitted first, then the item's reference solution.
Ends the exam, prints the result and verifies the certificate. Exits non-zero if
anything fell short.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from rich.console import Console
from rich.table import Table

from assay.items import Item, load_bank
from assay.wire import TOP_POINTS

ROOT = Path(__file__).resolve().parent.parent
CANDIDATE = "alice@example.org"
NAME = "Alice Example"
console = Console(highlight=False)


def fail(message: str) -> NoReturn:
    """Say what fell short and leave."""
    console.print(f"[bold red]The demo fell short:[/] {message}")
    raise SystemExit(1)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """The folders that the demo plays in."""

    home: Path

    @property
    def data(self) -> Path:
        """The server's data folder."""
        return self.home / "server"

    @property
    def workspace(self) -> Path:
        """The candidate's exam folder."""
        return self.home / "exam"

    @property
    def environment(self) -> dict[str, str]:
        """The candidate's environment variables: nothing of the user's own settings."""
        return os.environ | {
            "ASSAY_CONFIG": str(self.home / "config"),
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "TF_ENABLE_ONEDNN_OPTS": "0",
        }

    @property
    def python(self) -> Path:
        """The Python of the candidate's environment."""
        scripts = "Scripts" if os.name == "nt" else "bin"
        return self.workspace / ".venv" / scripts / "python"


def assay(stage: Stage, *words: str, cwd: Path | None = None) -> str:
    """Run the command line as the candidate; its talk goes to the terminal.

    Returns:
        What it printed on standard output.
    """
    console.print(f"[bold cyan]$ assay {' '.join(words)}[/]")
    run = subprocess.run(
        [sys.executable, "-m", "assay.cli", *words],
        cwd=cwd or (stage.workspace if stage.workspace.exists() else stage.home),
        env=stage.environment,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if run.returncode:
        fail(f"`assay {' '.join(words)}` ended with exit code {run.returncode}\n{run.stdout}")
    return run.stdout


def assay_json(stage: Stage, *words: str, cwd: Path | None = None) -> Any:
    """Run the command line as the candidate and parse its JSON."""
    return json.loads(assay(stage, *words, "--json", cwd=cwd))


@contextmanager
def server(stage: Stage) -> Iterator[str]:
    """Run `assay serve` on the stage's data folder; yield its address."""
    console.print(f"[bold cyan]$ assay serve --data {stage.data.relative_to(ROOT)}[/]")
    begun = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "assay.cli", "serve", "--data", str(stage.data), "--json"],
        stdout=subprocess.PIPE,
        text=True,
        env=stage.environment,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            fail(f"the server ended with exit code {process.wait()} before it was ready")
        url = str(json.loads(line)["url"])
        console.print(f"  ready at {url} after {time.monotonic() - begun:.1f} s")
        yield url
    finally:
        process.send_signal(signal.SIGINT)
        if process.wait(timeout=60):
            fail("the server did not stop cleanly")


def train(stage: Stage, recipe: Path, folder: Path) -> float:
    """Run `recipe` in the candidate's environment; it leaves `mymodel.h5` in `folder`.

    Returns:
        Seconds that it took.
    """
    solution = folder / "starter.py"
    shutil.copyfile(recipe, solution)
    (folder / "mymodel.h5").unlink(missing_ok=True)
    begun = time.monotonic()
    with console.status(f"training {folder.name} with {recipe.name} ..."):
        run = subprocess.run(
            [str(stage.python), solution.name],
            cwd=folder,
            env=stage.environment,
            capture_output=True,
            text=True,
            check=False,
        )
    if run.returncode or not (folder / "mymodel.h5").exists():
        fail(f"{recipe} left no model\n{run.stdout[-2000:]}\n{run.stderr[-2000:]}")
    return time.monotonic() - begun


def submit(stage: Stage, folder: Path) -> int:
    """Submit the folder's model and return its points."""
    number = folder.name.removeprefix("Category")
    submission = assay_json(stage, "submit", number)
    if submission["state"] != "graded":
        fail(f"{folder.name} was not graded: {submission}")
    return int(submission["points"])


def sit(stage: Stage, items: dict[str, Item]) -> list[tuple[str, str, int, int, float]]:
    """Train and submit a weak and a good model in each category.

    Returns:
        Category, item, weak points, good points and seconds of training, per category.
    """
    rows = []
    for folder in sorted(stage.workspace.glob("Category*")):
        uuid = json.loads((folder / "item.json").read_text())["uuid"]
        item = items[uuid]
        console.rule(f"{folder.name}: {item.spec.title.en}")
        took = train(stage, item.wrong[0], folder)
        weak = submit(stage, folder)
        console.print(f"  naive: {weak}/5 (trained in {took:.0f} s)")
        took = train(stage, item.reference, folder)
        good = submit(stage, folder)
        console.print(f"  reference: [bold]{good}/5[/] (trained in {took:.0f} s)")
        rows.append((folder.name, item.key, weak, good, took))
        assay(stage, "status")
    return rows


def main() -> int:
    """Play the whole exam; return the exit code."""
    begun = time.monotonic()
    stage = Stage(home=ROOT / ".assay-demo")
    shutil.rmtree(stage.home, ignore_errors=True)
    stage.home.mkdir()
    items = {str(item.spec.uuid): item for item in load_bank().items.values()}
    with server(stage) as url:
        registration = assay_json(
            stage, "staff", "register", CANDIDATE, "--name", NAME, "--exam", "developer",
            "--data", str(stage.data),
        )  # fmt: skip
        assay(stage, "login", url, "--token", registration["token"])
        assay(stage, "start", str(stage.workspace), "--yes")
        started = time.monotonic()
        rows = sit(stage, items)
        console.rule("The end")
        assay(stage, "end", "--yes")
        result = assay_json(stage, "result", "--wait")
        print(assay(stage, "result"))
        if not result["passed"] or not result["credential"]:
            fail(f"the exam was not passed: {result}")
        print(assay(stage, "verify", result["credential"]["url"]))
        mails = sorted((stage.data / "mail").glob("*"))
        if not mails:
            fail("no result mail was sent")

    table = Table("category", "item", "naive", "reference", "training", title="What happened")
    for category, key, weak, good, took in rows:
        table.add_row(category, key, f"{weak}/5", f"{good}/5", f"{took:.0f} s")
    console.print(table)
    console.print(f"{len(rows)} categories in {time.monotonic() - started:.0f} s of exam time")
    if len(rows) != TOP_POINTS:
        fail(f"five categories were expected, {len(rows)} were found")
    for category, _, weak, good, _ in rows:
        if good != TOP_POINTS or weak >= good:
            fail(f"{category}: 5/5 was expected of the reference and less of the naive recipe")
    console.print(f"Done in {(time.monotonic() - begun) / 60:.1f} minutes. To look around:")
    console.print(f"  make serve DATA={stage.data.relative_to(ROOT)}")
    console.print(f"  {result['credential']['url']}")
    console.print(f"  {stage.workspace.relative_to(ROOT)}/ is the candidate's folder, the mail is in")
    console.print(f"  {mails[-1].relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
