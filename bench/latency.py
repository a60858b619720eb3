"""How long a candidate looks at the screen: from the last uploaded byte to the points.

One candidate, one embedded server, everything on this machine. The reference solution
of the open bank's item of category 1 is trained on the variant that was drawn; then it
is submitted again and again, each time with one weight changed by a hair, so that every
file is graded anew and no verdict is reused.

    python bench/latency.py [--submissions 50]
"""

from __future__ import annotations

import argparse
import io
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import psycopg
from rich.console import Console
from rich.table import Table

from assay.workspace.bundles import unpack, unseal

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "journey")]

from tree import Candidate, Tree, environment, no_process_left  # noqa: E402

from small_bank import BLUEPRINT, EXAM  # noqa: E402 - from the folder named above

RESULTS = ROOT / "bench" / "results" / "latency.json"
ITEM = "regression/curve"
SLOT = "Category1"
PROMISE = 0.5  # seconds; the median must be below
WARM_UP = 3  # submissions that are not counted


@dataclass(frozen=True, kw_only=True)
class Times:
    """When things happened to one submission; seconds since the epoch."""

    sent: float  # the client had given the last byte to the system
    arrived: float  # the server had it
    answered: float  # the client had the receipt
    claimed: float  # a grader began
    finished: float  # and wrote the verdict down
    shown: float  # the client had the points

    @property
    def stages(self) -> dict[str, float]:
        """The lengths of the stages that follow one another, and of them all, in seconds."""
        return {
            "last byte on its way": self.arrived - self.sent,
            "to disk, into the database and to a grader": self.claimed - self.arrived,
            "grading": self.finished - self.claimed,
            "from the verdict to the candidate": self.shown - self.finished,
            "last byte to receipt": self.answered - self.sent,
            "last byte to points": self.shown - self.sent,
        }


def write_bank(folder: Path) -> Path:
    """Write a bank with the one item and a small exam."""
    shutil.copytree(ROOT / "bank" / ITEM, folder / ITEM)
    (folder / "blueprints").mkdir()
    blueprint = BLUEPRINT.replace("regression/line", ITEM)
    (folder / "blueprints" / f"{EXAM}.yaml").write_text(blueprint, encoding="utf-8")
    return folder


def train(candidate: Candidate, folder: Path) -> bytes:
    """Start the clock, open the bundle, train the reference in it; return its model file."""
    keys = candidate.start()["keys"]
    sitting = candidate.look_at_sitting()
    bundle = next(task["bundle"] for task in sitting["tasks"] if task["slot"] == SLOT)
    sealed = candidate.client.get(bundle["url"]).raise_for_status().content
    plain = unseal(sealed, key=keys[SLOT], plain_sha256=bundle["plain_sha256"], slot=SLOT)
    folder.mkdir()
    unpack(plain, folder, slot=SLOT)
    subprocess.run(
        [sys.executable, str(ROOT / "bank" / ITEM / "reference.py")],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    return (folder / "mymodel.h5").read_bytes()


def variations(model: bytes) -> Iterator[bytes]:
    """Yield files that differ from `model` in the last bit of one weight."""
    for number in range(1, 1_000_000):
        content = io.BytesIO(model)
        with h5py.File(content, "r+") as file:
            kernel = file["model_weights"].visititems(_first_kernel)
            kernel[0, 0] *= 1 + number * 1e-6
        yield content.getvalue()


def _first_kernel(_: str, node: Any) -> h5py.Dataset | None:
    return node if isinstance(node, h5py.Dataset) and node.ndim == 2 else None


def submit(candidate: Candidate, model: bytes) -> dict[str, Any]:
    """Submit one file and wait for its points; return what the client saw and when."""
    sent = 0.0

    def body() -> Iterator[bytes]:
        nonlocal sent
        yield model
        sent = time.time()

    answer = candidate.client.post(
        f"/api/sittings/{candidate.sitting}/tasks/{SLOT}/submissions",
        params={"name": "mymodel.h5"},
        content=body(),
        headers={"Content-Length": str(len(model))},
    )
    answered = time.time()
    verdict = candidate.verdict(answer.raise_for_status().json()["id"])
    return {"sent": sent, "answered": answered, "shown": time.time(), **verdict}


def inside(tree: Tree) -> dict[str, dict[str, float]]:
    """Return what the server knows of the times of each submission."""
    note = json.loads((tree.data / "server.json").read_text())
    names = ("arrived", "claimed", "finished")
    columns = ", ".join(f"extract(epoch FROM {name}_at)::float8" for name in names)
    with psycopg.connect(note["database"]) as connection:
        rows = connection.execute(f"SELECT id, {columns} FROM submissions_submission").fetchall()  # noqa: S608
    return {str(key): dict(zip(names, times, strict=True)) for key, *times in rows}


def measure(submissions: int) -> tuple[list[Times], list[int]]:
    """Run the server and submit; return the times and the points."""
    home = Path(tempfile.mkdtemp(prefix="assay-bench-"))
    tree = Tree(home / "data", environment(ASSAY_BANK=str(write_bank(home / "bank"))))
    try:
        with no_process_left(tree):
            alice = tree.start().registered("alice@example.org")
            alice.open()
            models = variations(train(alice, home / "task"))
            seen = [submit(alice, next(models)) for _ in range(WARM_UP + submissions)]
            known = inside(tree)
    finally:
        shutil.rmtree(home)
    client = ("sent", "answered", "shown")
    times = [Times(**{k: one[k] for k in client}, **known[one["id"]]) for one in seen]
    return times[WARM_UP:], [one["points"] for one in seen[WARM_UP:]]


def main() -> int:
    """Measure, print and write the result; return 1 if the promise is not kept."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--submissions", type=int, default=50)
    submissions = parser.parse_args().submissions
    begun = os.getloadavg()[0]
    times, points = measure(submissions)
    table = Table("stage", "p50", "p95", title="From the last uploaded byte to the points")
    stages: dict[str, dict[str, float]] = {}
    for stage in times[0].stages:
        lengths = [one.stages[stage] for one in times]
        p95 = statistics.quantiles(lengths, n=20)[-1]
        stages[stage] = {"p50": statistics.median(lengths), "p95": p95}
        table.add_row(stage, *(f"{1000 * x:.0f} ms" for x in stages[stage].values()))
    Console().print(table)
    median = stages["last byte to points"]["p50"]
    print(f"{submissions} submissions of {ITEM}'s reference, points {sorted(set(points))}")
    print(f"p50 {median:.3f} s; promised: below {PROMISE} s")
    report = {
        "submissions": submissions,
        "seconds": stages,
        "points": sorted(set(points)),
        "processors": os.cpu_count(),
        "load_before": begun,  # above the number of processors: others were at work here
        "python": platform.python_version(),
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(f"written to {RESULTS.relative_to(ROOT)}")
    return 0 if median < PROMISE else 1


if __name__ == "__main__":
    sys.exit(main())
