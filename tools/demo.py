"""Sit a whole exam on this machine, as a person would, and check every step: `make demo`.

Starts the server on an empty data folder, registers a candidate, sits the exam
through the command line: for each category a naive recipe of the item is trained
and submitted first, then its reference solution. Ends the exam, prints the result
and verifies the certificate. Exits non-zero if anything fell short.
"""

from __future__ import annotations

import json
import os
import secrets
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from rich.console import Console
from rich.table import Table
from rich.text import Text

from assay.items import Item, load_bank
from assay.wire import TOP_POINTS

ROOT = Path(__file__).resolve().parent.parent
PORT = 8765  # that of `make serve`, if it is free
MAIL_SECONDS = 60  # for the result mail, which is sent in the background
CANDIDATE = "alice@example.org"
NAME = "Alice Example"
console = Console(highlight=False)


def show(command: str) -> None:
    """Show what is typed."""
    console.print(Text(command, "bold cyan"), soft_wrap=True)


def fail(message: str) -> NoReturn:
    """Say what fell short and leave."""
    console.print(f"[bold red]The demo fell short:[/] {message}")
    raise SystemExit(1)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """The folders that the demo plays in."""

    home: Path
    seed: str  # of the draw

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
        """The environment variables of all programs: none of the user's own settings of Assay."""
        foreign = {name: value for name, value in os.environ.items() if not _is_setting(name)}
        return foreign | {
            "ASSAY_CONFIG": str(self.home / "config"),
            "ASSAY_SEED": self.seed,
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "TF_ENABLE_ONEDNN_OPTS": "0",
        }

    @property
    def python(self) -> Path:
        """The Python of the candidate's environment."""
        scripts = "Scripts" if os.name == "nt" else "bin"
        return self.workspace / ".venv" / scripts / "python"


def _is_setting(name: str) -> bool:
    """Whether a variable would change what the demo does; the language may be chosen."""
    allowed = {"ASSAY_LANGUAGE", "ASSAY_DATA_CACHE", "ASSAY_DATA_MIRROR"}
    return name.startswith("ASSAY_") and name not in allowed


def assay(stage: Stage, *words: str, cwd: Path | None = None) -> str:
    """Run the command line as the candidate; its talk goes to the terminal.

    Returns:
        What it printed on standard output.
    """
    show(f"$ assay {shlex.join(words)}")
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


def free_port() -> int:
    """Return the usual port, or another one if something listens there already."""
    for port in (PORT, 0):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)) as probe:
            return int(probe.getsockname()[1])
    fail("no port is free")


@contextmanager
def server(stage: Stage, port: int) -> Iterator[str]:
    """Run `assay serve` on the stage's data folder; yield its address."""
    words = ["serve", "--data", stage.data.name, "--port", str(port)]
    show(f"$ assay {shlex.join(words)}")
    begun = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "assay.cli", *words, "--json"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=stage.home,
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
            console.print("[bold red]The server did not stop cleanly.[/]")
            raise SystemExit(1)


def train(stage: Stage, recipe: Path, folder: Path) -> float:
    """Run `recipe` in the candidate's environment; it leaves `mymodel.h5` in `folder`.

    Returns:
        Seconds that it took.
    """
    solution = folder / "starter.py"
    shutil.copyfile(recipe, solution)
    (folder / "mymodel.h5").unlink(missing_ok=True)
    begun = time.monotonic()
    doing = f"training {folder.name} with {recipe.parent.name}/{recipe.name} ..."
    if not console.is_terminal:
        console.print(f"  {doing}", soft_wrap=True)
    with console.status(doing):
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
    drawn = {
        folder: items[json.loads((folder / "item.json").read_text(encoding="utf-8"))["uuid"]]
        for folder in sorted(stage.workspace.glob("Category*"))
    }
    console.print(f"Drawn with ASSAY_SEED={stage.seed}:")
    for folder, item in drawn.items():
        console.print(f"  {folder.name}  {item.key}")
    rows = []
    for folder, item in drawn.items():
        console.rule(f"{folder.name}: {item.spec.title.en}")
        took = train(stage, item.wrong[0], folder)
        weak = submit(stage, folder)
        console.print(f"  naive: {weak}/5 (trained in {took:.0f} s)")
        took = train(stage, item.reference, folder)
        good = submit(stage, folder)
        console.print(f"  reference: [bold]{good}/5[/] (trained in {took:.0f} s)")
        rows.append((folder.name, item.key, weak, good, took))
        print(assay(stage, "status"))
    return rows


def result_mail(stage: Stage) -> Path:
    """Return the mail with the result, as soon as it is sent."""
    deadline = time.monotonic() + MAIL_SECONDS
    while time.monotonic() < deadline:
        mails = sorted((stage.data / "mail").glob("*"))
        if mails:
            return mails[-1]
        time.sleep(0.2)
    fail("no result mail was sent")


def main() -> int:
    """Play the whole exam; return the exit code."""
    begun = time.monotonic()
    seed = os.environ.get("ASSAY_SEED") or str(secrets.randbelow(1_000_000))
    stage = Stage(home=ROOT / ".assay-demo", seed=seed)
    shutil.rmtree(stage.home, ignore_errors=True)
    stage.home.mkdir()
    items = {str(item.spec.uuid): item for item in load_bank(ROOT / "bank").items.values()}
    port = free_port()
    with server(stage, port) as url:
        registration = assay_json(
            stage, "staff", "register", CANDIDATE, "--name", NAME, "--exam", "developer",
            "--data", stage.data.name,
        )  # fmt: skip
        assay(stage, "login", url, "--token", registration["token"])
        preparing = time.monotonic()
        assay(stage, "start", stage.workspace.name, "--yes")
        started = time.monotonic()
        rows = sit(stage, items)
        console.rule("The end")
        assay(stage, "end", "--yes")
        result = assay_json(stage, "result", "--wait")
        sat = time.monotonic() - started
        print(assay(stage, "result"))
        if not result["passed"] or not result["credential"]:
            fail(f"the exam was not passed: {result}")
        print(assay(stage, "verify", result["credential"]["url"]))
        mail = result_mail(stage)

    table = Table("category", "item", "naive", "reference", "training", title="What happened")
    for category, key, weak, good, took in rows:
        table.add_row(category, key, f"{weak}/5", f"{good}/5", f"{took:.0f} s")
    console.print(table)
    console.print(f"{len(rows)} categories in {sat:.0f} s of exam time")
    if len(rows) != len(load_bank(ROOT / "bank").blueprints["developer"].spec.slots):
        fail(f"only {len(rows)} categories were found")
    for category, _, weak, good, _ in rows:
        if good != TOP_POINTS or weak >= good:
            fail(f"{category}: 5/5 was expected of the reference and less of the naive recipe")
    minutes = (time.monotonic() - begun) / 60
    preparation = started - preparing
    for line in (
        f"To see the same items again: make demo ASSAY_SEED={stage.seed}",
        f"Done in {minutes:.1f} minutes, {preparation:.0f} s of it for the candidate's environment.",
        "To look around:",
        f"  .venv/bin/assay serve --data {stage.data.relative_to(ROOT)} --port {port}",
        f"  {result['credential']['url']}  the certificate, in the browser",
        f"  {stage.workspace.relative_to(ROOT)}/  the candidate's folder",
        f"  {mail.relative_to(ROOT)}  the mail",
    ):
        console.print(line, soft_wrap=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
