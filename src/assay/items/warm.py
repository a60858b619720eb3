"""A Python that has its packages imported already and forks for each program it is given.

    python warm.py tensorflow keras pandas

A program, such as a recipe, starts in a fork at once instead of after the five seconds that
importing TensorFlow takes; nothing was computed before the fork, so the fork is as a new
process would be. Needs nothing but the standard library, since it runs in any environment.

On standard input each line is a JSON object: `folder`, `script` (in it), `output` (a file for
what the program prints), `seconds` that it may take. On standard output there is one for each:
`code` (exit code; null: it was stopped after its time), `seconds` that it took, and
`processor_seconds` of it and of what it waited for. The first line, before any of them, says
what was imported: `versions`. The end of the input stops all.
"""

from __future__ import annotations

import importlib
import json
import os
import random
import runpy
import select
import signal
import sys
import time
import traceback
from typing import Any

_LOOK_EVERY = 0.02  # seconds


def main() -> None:
    """Serve until the input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)  # what packages print while they are imported is not an answer
    versions = {"python": ".".join(map(str, sys.version_info[:3]))}
    for name in sys.argv[1:]:
        versions[name] = str(importlib.import_module(name).__version__)
    answers.write(json.dumps({"versions": versions}) + "\n")
    while line := read_line():
        job = json.loads(line)
        sys.stdout.flush()
        sys.stderr.flush()
        begun = time.monotonic()
        child = os.fork()
        if child == 0:
            _run(job)
        code, processor_seconds = wait(child, begun + job["seconds"])
        answer = {
            "code": code,
            "seconds": time.monotonic() - begun,
            "processor_seconds": processor_seconds,
        }
        answers.write(json.dumps(answer) + "\n")


def read_line() -> bytes:
    """Return the next line; unbuffered, so that the end of the input can be waited for."""
    line = b""
    while not line.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte:
            return b""
        line += byte
    return line


def wait(child: int, until: float) -> tuple[int | None, float]:
    """Return how the child ended; leave if nobody waits any more.

    Args:
        child: Its process.
        until: When it is stopped, on the monotonic clock.

    Returns:
        The exit code, or None if it was stopped, and the processor's seconds that it took.
    """
    while True:
        ended, status, used = os.wait4(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime
        nobody_waits = bool(select.select([0], [], [], _LOOK_EVERY)[0])
        if nobody_waits or time.monotonic() > until:
            os.kill(child, signal.SIGKILL)
            _, _, used = os.wait4(child, 0)
            if nobody_waits:
                os._exit(1)
            return None, used.ru_utime + used.ru_stime


def _run(job: dict[str, Any]) -> None:
    """Be the program; never returns."""
    code = 1
    try:
        nothing = os.open(os.devnull, os.O_RDONLY)
        output = os.open(job["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        os.dup2(nothing, 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.chdir(job["folder"])
        sys.argv = [job["script"]]
        sys.path[0] = job["folder"]
        random.seed()  # as in a new process
        if "numpy" in sys.modules:
            sys.modules["numpy"].random.seed()
        runpy.run_path(job["script"], run_name="__main__")
        code = 0
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else int(left.code is not None)
        if isinstance(left.code, str):
            sys.stderr.write(left.code + "\n")
    except BaseException:  # noqa: BLE001 - a program's end, whatever it is
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
