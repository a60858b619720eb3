"""A process that draws many variants: each in a fork that finds its libraries imported.

    python -m assay.items.warm_draw [--bank PATH] [--idle SECONDS]

Starting Python, importing NumPy and scikit-learn and reading the bank takes ten times as
long as drawing most variants. Here all of it is done once. An item's code runs only in
forks, one for each variant, so that what it does to its process is gone with it; the
libraries that a fork had to import are imported here afterwards, for those that follow.

On standard input each line is a JSON object: `item` (its key), `seed`, `out` (a folder),
`errors` (a file for what goes wrong) and `seconds` that it may take. On standard output
there is a line for each: `code` (exit code; null: it was stopped after its time). The
process ends with its input, after `--idle` seconds without a line, and after a draw that
failed, so that a bank that was mended is read anew. Needs `os.fork`.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import importlib
import json
import os
import random
import select
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np

from assay.items.draw import draw_into
from assay.items.loader import Bank, Scan, scan_bank
from assay.items.warm import read_line, wait

IDLE_SECONDS = 60.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until there is nothing more to do; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m assay.items.warm_draw", description=__doc__)
    parser.add_argument("--bank", type=Path, help="the bank's folder; default: ASSAY_BANK")
    parser.add_argument("--idle", type=float, default=IDLE_SECONDS, help="seconds to wait")
    options = parser.parse_args(arguments)
    scan = scan_bank(options.bank)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)  # what libraries print while they are imported is not an answer
    _freeze()
    code: int | None = 0
    while code == 0 and select.select([0], [], [], options.idle)[0] and (line := read_line()):
        job = json.loads(line)
        with tempfile.TemporaryFile("w+", encoding="utf-8") as imported:
            code = _draw(scan, job, imported)
            answers.write(json.dumps({"code": code}) + "\n")
            _import(imported)
    return 0


def _freeze() -> None:
    """Leave what is there alone: pages that the collector does not touch stay shared."""
    gc.collect()
    gc.freeze()


def _draw(scan: Scan, job: dict[str, Any], imported: IO[str]) -> int | None:
    until = time.monotonic() + job["seconds"]
    child = os.fork()
    if child == 0:
        _be_the_draw(scan, job, imported)
    code, _ = wait(child, until)
    return code


def _be_the_draw(scan: Scan, job: dict[str, Any], imported: IO[str]) -> None:
    """Draw, and leave the process."""
    code = 1
    try:
        known = set(sys.modules)
        nothing = os.open(os.devnull, os.O_RDONLY)
        errors = os.open(job["errors"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(nothing, 0)
        os.dup2(errors, 1)
        os.dup2(errors, 2)
        random.seed()  # as in a new process
        np.random.seed()  # noqa: NPY002 - the global state, which is what an item might use
        code = draw_into(scan, job["item"], job["seed"], Path(job["out"]))
        imported.write("\n".join(_libraries(known, scan.bank)))
        imported.flush()
    except BaseException:  # noqa: BLE001 - the end of this process, whatever it is
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _libraries(known: set[str], bank: Bank) -> list[str]:
    """Return the modules that were imported since, but for those of the bank itself."""
    folders = tuple(f"{item.folder}{os.sep}" for item in bank.items.values())
    found = []
    for name, module in list(sys.modules.items()):
        origin = getattr(getattr(module, "__spec__", None), "origin", None)
        if name not in known and origin is not None and not origin.startswith(folders):
            found.append(name)
    return found


def _import(names: IO[str]) -> None:
    names.seek(0)
    for name in (found := names.read().split()):
        # Whoever needs it will see what is wrong with it.
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    if found:
        _freeze()


if __name__ == "__main__":
    raise SystemExit(main())
