"""What one machine carries: a crowd of candidates that start together on `assay serve`.

The server, its embedded PostgreSQL, its graders and the crowd all share this machine,
on the loopback interface. Nothing may fail: no answer but the one that is due, none
later than a minute, no submission without its verdict, no error in a log.

    python bench/load.py [--candidates 500] [--submissions 2] [--seconds 60] [--limit 1200]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import shutil
import ssl
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import psycopg
from rich.console import Console
from rich.table import Table

from crowd import Candidate, Notes, Person, Receipt, run
from gauges import Gauges
from load_exam import EXAM, contracts, models, write_bank

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "journey")]

from tree import Tree, environment, no_process_left  # noqa: E402 - from the folder named above

RESULTS = ROOT / "bench" / "results" / "load.json"
PERCENTILES = {"p50": 50, "p95": 95, "p99": 99}
_NICE = 5
_SHOWN_FAILURES = 10
_NOT_YET = "the database system is starting up"  # said to whoever asks too early
_COLUMNS = ("arrived_at", "queued_at", "claimed_at", "finished_at")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One run."""

    notes: Notes
    rows: Mapping[str, Mapping[str, float | None]]  # submission → times, seconds since the epoch
    prepared: Mapping[str, tuple[float, float]]  # sitting → opened, prepared
    memory: Mapping[str, int]  # part → bytes
    processor: Mapping[str, float]  # part → seconds
    preparing: float  # seconds from the first opening until all were ready
    disk: int  # bytes of the data folder at the end
    failures: Sequence[str]


def register(tree: Tree, candidates: int) -> tuple[str, list[Person]]:
    """Register the crowd; return the name of the session's cookie and the people."""
    here = str(Path(__file__).resolve().parent)
    script = (
        f"import sys; sys.path.insert(0, {here!r}); import load_people;"
        f" load_people.main({candidates}, {EXAM!r})"
    )
    answer = json.loads(tree.manage("shell", "--no-imports", "-v", "0", "-c", script))
    return answer["cookie"], [Person(**person) for person in answer["people"]]


def inside(tree: Tree) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the server knows: times of each submission and of each sitting."""
    note = json.loads((tree.data / "server.json").read_text())
    times = ", ".join(f"extract(epoch FROM {name})::float8" for name in _COLUMNS)
    with psycopg.connect(note["database"]) as connection:
        rows = connection.execute(f"SELECT id, {times} FROM submissions_submission").fetchall()  # noqa: S608
        sittings = connection.execute(
            "SELECT id, extract(epoch FROM opened_at)::float8,"
            " extract(epoch FROM prepared_at)::float8 FROM exams_sitting"
        ).fetchall()
    return (
        {str(key): dict(zip(_COLUMNS, values, strict=True)) for key, *values in rows},
        {str(key): (opened, prepared) for key, opened, prepared in sittings},
    )


def complaints(tree: Tree) -> list[str]:
    """Return the lines of the server's logs that speak of an error."""
    words = (" ERROR ", " CRITICAL ", "Traceback (most recent call last)", "FATAL:", "PANIC:")
    return [
        f"{path.name}: {line}"
        for path in sorted((tree.data / "log").glob("*.log"))
        for line in path.read_text(errors="replace").splitlines()
        if any(word in line for word in words) and not line.endswith(_NOT_YET)
    ]


def lost(notes: Notes, rows: Mapping[str, Mapping[str, float | None]]) -> list[str]:
    """Return what is amiss between the receipts and the server's rows."""
    known = {receipt.id for receipt in notes.receipts}
    missing = len(known - rows.keys())
    unfinished = sum(row["finished_at"] is None for row in rows.values())
    unheard = len(rows.keys() - known)
    found = {
        f"{missing} receipts without a submission": missing,
        f"{unfinished} submissions without a verdict": unfinished,
        f"{unheard} submissions whose verdict nobody got": unheard,
    }
    return [words for words, number in found.items() if number]


def measure(
    candidates: int, *, submissions: int, seconds: float, limit: float, seed: int = 1
) -> Outcome:
    """Run the server and the crowd."""
    home = Path(tempfile.mkdtemp(prefix="assay-load-"))
    bank = write_bank(home / "bank")
    tree = Tree(home / "data", environment(ASSAY_BANK=str(bank)))
    notes = Notes()
    try:
        with no_process_left(tree):
            tree.start()
            cookie, people = register(tree, candidates)
            tls = ssl.create_default_context()
            forms = contracts(bank)
            crowd = [
                Candidate(
                    tree.url,
                    cookie=cookie,
                    person=person,
                    models={slot: models(form, seed=number) for slot, form in forms.items()},
                    notes=notes,
                    tls=tls,
                )
                for number, person in enumerate(people)
            ]
            assert tree.process is not None
            with Gauges(tree.process.pid) as gauges:
                asyncio.run(
                    run(
                        crowd,
                        submissions=submissions,
                        seconds=seconds,
                        limit=limit,
                        seed=seed,
                        notes=notes,
                    )
                )
            rows, sittings = inside(tree)
            failures = [*notes.failures, *lost(notes, rows), *complaints(tree)]
            disk = sum(path.stat().st_size for path in tree.data.rglob("*") if path.is_file())
    finally:
        shutil.rmtree(home, ignore_errors=True)
    if notes.final != candidates:
        failures.append(f"{notes.final} of {candidates} candidates came to their result")
    return Outcome(
        notes=notes,
        rows=rows,
        prepared={key: times for key, times in sittings.items() if times[1] is not None},
        memory=gauges.memory,
        processor=gauges.processor,
        preparing=(notes.started_at or notes.ended_at) - notes.opened_at,
        disk=disk,
        failures=failures,
    )


def spread(values: Iterable[float]) -> dict[str, float]:
    """Return the number of values and their percentiles."""
    lengths = np.fromiter(values, float)
    if not lengths.size:
        return {"n": 0}
    return {"n": int(lengths.size)} | {
        name: round(float(np.percentile(lengths, rank)), 4) for name, rank in PERCENTILES.items()
    }


def stretches(outcome: Outcome) -> dict[str, dict[str, float]]:
    """Return how long the stretches of a submission's way took, in seconds."""
    rows = outcome.rows
    receipts = [one for one in outcome.notes.receipts if one.id in rows]

    def between(begin: str, end: str) -> list[float]:
        pairs = ((row[begin], row[end]) for row in rows.values())
        return [b - a for a, b in pairs if a is not None and b is not None]

    def after(column: str, moment: Callable[[Receipt], float]) -> list[float]:
        pairs = ((rows[one.id][column], moment(one)) for one in receipts)
        return [max(0.0, seen - known) for known, seen in pairs if known is not None]

    ready = outcome.notes.ready
    return {
        "upload: last byte to receipt": spread(one.answered - one.sent for one in receipts),
        "graders' queue": spread(between("queued_at", "claimed_at")),
        "grading itself": spread(between("claimed_at", "finished_at")),
        "long poll: verdict to its candidate": spread(after("finished_at", lambda one: one.shown)),
        "last byte to points": spread(one.shown - one.sent for one in receipts),
        "long poll: all is drawn to its candidate": spread(
            max(0.0, seen - outcome.prepared[key][1])
            for key, seen in ready.items()
            if key in outcome.prepared
        ),
        "drawing: opened to ready": spread(b - a for a, b in outcome.prepared.values()),
    }


def summary(outcome: Outcome, *, candidates: int, submissions: int, seconds: float) -> Any:
    """Return the run as it is written to JSON; times in seconds."""
    notes = outcome.notes
    length = notes.ended_at - (notes.started_at or notes.opened_at)
    answers = sum(map(len, [*notes.pages.values(), *notes.calls.values()]))
    answers += sum(notes.polls.values())
    return {
        "candidates": candidates,
        "submissions_of_each": submissions,
        "spread_over": seconds,
        "failures": len(outcome.failures),
        "kinds_of_failures": dict(Counter(outcome.failures).most_common(_SHOWN_FAILURES)),
        "pages": {"all": spread(_together(notes.pages))}
        | {name: spread(times) for name, times in sorted(notes.pages.items())},
        "calls": {"all": spread(_together(notes.calls))}
        | {name: spread(times) for name, times in sorted(notes.calls.items())},
        "stretches": stretches(outcome),
        "long_polls_answered": dict(notes.polls),
        "throughput": {
            "seconds_from_start_to_last_result": round(length, 1),
            "submissions_per_minute": round(60 * len(notes.receipts) / length, 1),
            "answers": answers,
            "seconds_of_preparation": round(outcome.preparing, 1),
        },
        "memory_megabytes": {part: round(size / 1e6) for part, size in outcome.memory.items()},
        "processor_seconds": {part: round(taken, 1) for part, taken in outcome.processor.items()},
        "disk_megabytes": round(outcome.disk / 1e6),
        "the_crowd_itself_is_late_by": spread(notes.lags),
        "points": dict(Counter(one.points for one in notes.receipts)),
        "machine": {
            "processors": os.cpu_count(),
            "memory_gigabytes": round(psutil.virtual_memory().total / 2**30),
            "system": f"{platform.system()} {platform.release()}",
            "python": platform.python_version(),
        },
    }


def _together(groups: Mapping[str, Sequence[float]]) -> list[float]:
    return [length for group in groups.values() for length in group]


def show(report: Mapping[str, Any]) -> None:
    """Print the tables."""
    title = f"{report['candidates']} candidates, {report['submissions_of_each']} submissions each"
    for heading, key in (("page", "pages"), ("API call", "calls"), ("stretch", "stretches")):
        table = Table(heading, "n", *PERCENTILES, title=title)
        for name, figures in report[key].items():
            cells = (f"{1000 * figures[p]:.0f} ms" if p in figures else "" for p in PERCENTILES)
            table.add_row(name, str(figures["n"]), *cells)
        Console().print(table)
    for name in ("throughput", "memory_megabytes", "processor_seconds", "disk_megabytes"):
        print(f"{name.replace('_', ' ')}: {report[name]}")
    print(f"the crowd itself is late by: {report['the_crowd_itself_is_late_by']}")
    print(f"failures: {report['failures']}")
    for words, number in report["kinds_of_failures"].items():
        print(f"  {number} x {words}")


def main() -> int:
    """Measure, print and write the result; return 1 if anything failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--candidates", type=int, default=500)
    parser.add_argument("--submissions", type=int, default=2, help="of each candidate")
    parser.add_argument("--seconds", type=float, default=60, help="in which they are spread")
    parser.add_argument("--limit", type=float, default=1200, help="seconds for all of it")
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    os.nice(_NICE)  # the server inherits it: all parts alike
    begun = os.getloadavg()[0]
    clock = time.monotonic()
    plan = {
        "candidates": options.candidates,
        "submissions": options.submissions,
        "seconds": options.seconds,
    }
    outcome = measure(**plan, limit=options.limit)
    report = summary(outcome, **plan)
    report["load_before"] = begun  # above the number of processors: others were at work here
    report["seconds_in_all"] = round(time.monotonic() - clock)
    show(report)
    options.out.parent.mkdir(exist_ok=True)
    options.out.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(f"written to {options.out}")
    return 1 if outcome.failures else 0


if __name__ == "__main__":
    sys.exit(main())
