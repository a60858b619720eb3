"""How long grading a model file takes: Assay, its rivals, and the limit, side by side.

Five models (`models.py`), each as `.h5` and `.keras`, graded in turn by

1. cold Keras: a fresh Python loads the file, predicts and scores, as course graders do;
2. warm TensorFlow: loaded already, a fork for each file, `tf.function`;
3. Assay, in the full lock;
4. the limit: ONNX Runtime on the graph that is loaded already, with the same threads.

All take turns within one run, so that what else the machine does meets them all
alike; the figures are medians. Then come a mixed stream with one child and with
two, memory, and start-up.

    python bench/grading.py [--rounds 7] [--quick]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import psutil
from matplotlib import pyplot as plt
from rich.console import Console
from rich.table import Table

from assay.grading import engine, modelfile, scoring
from assay.grading.sandbox import Runner
from assay.items.contract import Contract, InputSpec, Limits, OutputKind, OutputSpec
from assay.items.spec import MetricName

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results"
ENDINGS = ("h5", "keras")
CONTENDERS = ("cold Keras", "warm TensorFlow", "Assay", "limit")
LIMITS = Limits(
    file_bytes=10**9,
    parameters=10**9,
    multiply_adds=10**12,
    memory_bytes=3 * 10**9,
    seconds=120.0,
)

# What is promised.
OF_THE_LIMIT = 1.15  # for b to e, at the most
ABOVE_THE_LIMIT = 0.030  # seconds, for a, at the most
OF_COLD_KERAS = 6.0  # times faster on the mixed stream's median, at the least
RESIDENT = 260e6  # bytes of the warm parent, at the most
READY = 1.0  # seconds until it is ready, at the most


@dataclass(frozen=True, kw_only=True)
class Work:
    """One file to grade."""

    model: str  # a to e
    ending: str
    file: Path
    x: Path
    y: Path
    inputs: dict[str, np.ndarray]
    labels: np.ndarray
    contract: Contract
    metric: MetricName

    @property
    def for_rivals(self) -> dict[str, str]:
        """What a rival is told."""
        return {
            "file": str(self.file),
            "x": str(self.x),
            "y": str(self.y),
            "metric": str(self.metric),
        }


def prepare(folder: Path) -> list[Work]:
    """Write the models and samples; return the files to grade."""
    subprocess.run([sys.executable, HERE / "models.py", folder], check=True, capture_output=True)
    works = []
    for model, about in json.loads((folder / "tasks.json").read_text()).items():
        shape, dtype = tuple(about["input"]["shape"]), about["input"]["dtype"]
        kind = OutputKind(about["output"]["kind"])
        contract = Contract(
            inputs=(InputSpec(name="input", shape=shape, dtype=dtype),),
            output=OutputSpec(shape=tuple(about["output"]["shape"]), kind=kind),
        )
        x, y = folder / f"x_{model}.npy", folder / f"y_{model}.npy"
        inputs, labels = {"input": np.load(x)}, np.load(y)
        works += [
            Work(
                model=model,
                ending=ending,
                file=folder / f"{model}.{ending}",
                x=x,
                y=y,
                inputs=inputs,
                labels=labels,
                contract=contract,
                metric=MetricName(about["metric"]),
            )
            for ending in ENDINGS
        ]
    return works


# The contenders: each returns the metric


class Warm:
    """A warm TensorFlow in a process of its own."""

    def __init__(self) -> None:
        began = time.time()
        self._process = subprocess.Popen(
            [sys.executable, HERE / "rivals.py", "warm"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        ready = self._answer()
        self.seconds = ready["ready"] - began
        self.resident = ready["resident"]

    def __call__(self, work: Work) -> float:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(work.for_rivals) + "\n")
        self._process.stdin.flush()
        return self._answer()["value"]

    def close(self) -> None:
        self._process.communicate()

    def _answer(self) -> dict[str, float]:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())


def cold(work: Work) -> float:
    """Grade with a fresh Python and Keras."""
    command = [sys.executable, str(HERE / "rivals.py"), "cold", *work.for_rivals.values()]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(json.loads(done.stdout)["value"])


def by_assay(runner: Runner) -> Callable[[Work], float]:
    """Grade in the lock."""

    def grade(work: Work) -> float:
        predictions = runner.predict(work.file, work.inputs, work.contract, LIMITS)
        return scoring.measure(work.metric, work.labels, predictions)

    return grade


def by_the_limit(works: list[Work], threads: int) -> Callable[[Work], float]:
    """Run graphs that are loaded already, and do nothing else."""
    sessions = {
        work.file: engine.Session(
            modelfile.read(work.file.read_bytes(), work.contract), threads=threads
        )
        for work in works
    }

    def grade(work: Work) -> float:
        return float(len(sessions[work.file].predict(work.inputs)))

    return grade


# Measuring


def timed(call: Callable[[], Any]) -> tuple[float, Any]:
    """Return how long `call` takes, and what it returns."""
    began = time.perf_counter()
    result = call()
    return time.perf_counter() - began, result


def duel(
    works: list[Work], contenders: dict[str, Callable[[Work], float]], rounds: int
) -> dict[tuple[str, str, str], list[float]]:
    """Let all contenders grade all files in turn; return seconds by contender, model, ending."""
    times: dict[tuple[str, str, str], list[float]] = {}
    values: dict[Path, float] = {}
    for number in range(rounds + 1):
        for work in works:
            for name, grade in contenders.items():
                seconds, value = timed(lambda grade=grade, work=work: grade(work))
                if name != "limit":
                    expected = values.setdefault(work.file, value)
                    assert abs(value - expected) <= 1e-3 * abs(expected) + 1e-3, (name, work.file)
                if number > 0:  # the first round warms disks and caches
                    times.setdefault((name, work.model, work.ending), []).append(seconds)
                time.sleep(0.05)
        print(f"round {number} of {rounds}", file=sys.stderr, flush=True)
    return times


def stream(works: list[Work], *, children: int, threads: int, rounds: int) -> dict[str, float]:
    """Grade a mixed stream, so many at a time; return its throughput and latency."""
    queue = works * rounds
    random.Random(1).shuffle(queue)  # noqa: S311 - an order, not a secret
    with Runner(threads=threads) as runner, ThreadPoolExecutor(children) as pool:
        grade = by_assay(runner)
        seconds, latencies = timed(
            lambda: list(pool.map(lambda work: timed(lambda: grade(work))[0], queue))
        )
    return {
        "children": children,
        "threads": threads,
        "files": len(queue),
        "files_per_minute": 60 * len(queue) / seconds,
        "median_seconds": statistics.median(latencies),
    }


@contextmanager
def watched(pid: int) -> Iterator[dict[str, int]]:
    """Watch how much memory the descendants of `pid` take at the most."""
    peak = {"resident": 0}
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.005):
            for child in psutil.Process(pid).children(recursive=True):
                try:
                    peak["resident"] = max(peak["resident"], child.memory_info().rss)
                except psutil.NoSuchProcess:
                    continue

    thread = threading.Thread(target=watch)
    thread.start()
    yield peak
    done.set()
    thread.join()


def resources(works: list[Work], rounds: int) -> dict[str, Any]:
    """Measure start-up and memory."""
    starts, tests = [], []
    for _ in range(rounds):
        runner = Runner(threads=1)
        starts.append(timed(runner.start)[0])
        tests.append(timed(runner.self_test)[0])
        runner.close()
    peaks = {}
    with Runner(threads=2) as runner:
        house = runner._house  # noqa: SLF001 - what only a benchmark wants to know
        standing = house.link().standing
        for work in works:
            if work.ending == "h5":
                with watched(house.link().pid) as peak:
                    runner.predict(work.file, work.inputs, work.contract, LIMITS)
                peaks[work.model] = peak["resident"]
    return {
        "ready_seconds": statistics.median(starts),
        "self_test_seconds": statistics.median(tests),
        "parent_resident": standing.resident,
        "child_peak_resident": peaks,
        "enclosure": standing.enclosure,
        "landlock": standing.landlock,
    }


def machine() -> dict[str, Any]:
    """Say what machine this is."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return {
        "processor": names[0] if names else platform.processor(),
        "processors": os.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
        "load_before": os.getloadavg()[0],  # above 1: others were at work here
        "versions": {
            name: version(name)
            for name in ("keras", "tensorflow-cpu", "onnxruntime", "h5py", "numpy")
        },
    }


# Telling


def medians(times: dict[tuple[str, str, str], list[float]]) -> dict[str, dict[str, float]]:
    """Return model → contender → median seconds, over both endings."""
    result: dict[str, dict[str, float]] = {}
    for model in sorted({model for _, model, _ in times}):
        result[model] = {
            name: statistics.median(
                [
                    s
                    for (n, m, _), seconds in times.items()
                    if (n, m) == (name, model)
                    for s in seconds
                ]
            )
            for name in CONTENDERS
        }
    return result


def stream_median(times: dict[tuple[str, str, str], list[float]], name: str) -> float:
    """Return the median over all files of a contender, as a mixed stream of them sees it."""
    return statistics.median([s for (n, _, _), all_ in times.items() if n == name for s in all_])


def promises(
    middle: dict[str, dict[str, float]], mixed: dict[str, float], used: dict[str, Any]
) -> dict[str, bool]:
    """Return what is promised, and whether it is kept."""
    kept = {}
    for model, row in middle.items():
        if model == "a":
            name = f"a: at most {1000 * ABOVE_THE_LIMIT:.0f} ms above the limit"
            kept[name] = row["Assay"] <= row["limit"] + ABOVE_THE_LIMIT
        else:
            kept[f"{model}: at most {OF_THE_LIMIT} times the limit"] = (
                row["Assay"] <= OF_THE_LIMIT * row["limit"]
            )
        kept[f"{model}: faster than warm TensorFlow"] = row["Assay"] < row["warm TensorFlow"]
    kept[f"mixed stream: at least {OF_COLD_KERAS:g} times faster than cold Keras"] = (
        mixed["cold Keras"] >= OF_COLD_KERAS * mixed["Assay"]
    )
    kept[f"parent: at most {RESIDENT / 1e6:.0f} MB"] = used["parent_resident"] <= RESIDENT
    kept[f"parent: ready within {READY:g} s"] = used["ready_seconds"] <= READY
    return kept


def table(middle: dict[str, dict[str, float]]) -> Table:
    """Return the table of the duel."""
    result = Table("model", *CONTENDERS, "Assay / limit", title="Seconds for one file, medians")
    for model, row in middle.items():
        ratio = row["Assay"] / row["limit"]
        cells = [f"{row[name]:.3f}" if row[name] < 1 else f"{row[name]:.2f}" for name in CONTENDERS]
        result.add_row(model, *cells, f"{ratio:.2f}" if model != "a" else "-")
    return result


def draw(middle: dict[str, dict[str, float]], file: Path) -> None:
    """Draw the duel."""
    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "assay"
    figure, axes = plt.subplots(figsize=(8, 3.6), layout="constrained")
    colours = {
        "cold Keras": "#b8b8b8",
        "warm TensorFlow": "#e0a458",
        "Assay": "#1f6f8b",
        "limit": "#222222",
    }
    for place, name in enumerate(CONTENDERS):
        left = [number + (place - 1.5) * 0.2 for number in range(len(middle))]
        heights = [row[name] for row in middle.values()]
        axes.bar(left, heights, width=0.19, label=name, color=colours[name])
    axes.set_yscale("log")
    axes.set_xticks(range(len(middle)), list(middle))
    axes.set_ylabel("seconds for one file")
    axes.set_title("Grading a model file")
    axes.legend(
        ncols=4, fontsize="small", frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.1)
    )
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(file, metadata={"Date": None})


def main() -> int:
    """Measure, tell, write; return 1 if a promise is not kept."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7, help="times that each file is graded")
    parser.add_argument("--quick", action="store_true", help="one round, without cold Keras")
    options = parser.parse_args()
    rounds = 1 if options.quick else options.rounds
    threads = min(os.cpu_count() or 1, 2)
    about = machine()
    with tempfile.TemporaryDirectory() as folder:
        works = prepare(Path(folder))
        warm = Warm()
        with Runner(threads=threads) as runner:
            contenders = {
                "cold Keras": cold,
                "warm TensorFlow": warm,
                "Assay": by_assay(runner),
                "limit": by_the_limit(works, threads),
            }
            if options.quick:
                contenders["cold Keras"] = warm
            times = duel(works, contenders, rounds)
        warm.close()
        streams = [
            stream(works, children=1, threads=threads, rounds=2),
            stream(works, children=2, threads=1, rounds=2),
        ]
        used = resources(works, rounds)
    middle = medians(times)
    mixed = {name: stream_median(times, name) for name in CONTENDERS}
    kept = promises(middle, mixed, used)
    console = Console()
    console.print(table(middle))
    for one in streams:
        console.print(
            f"mixed stream, {one['children']} at a time with {one['threads']} threads: "
            f"{one['files_per_minute']:.0f} files a minute, median {one['median_seconds']:.2f} s"
        )
    console.print(
        f"parent {used['parent_resident'] / 1e6:.0f} MB, ready in {used['ready_seconds']:.2f} s, "
        f"self-test {used['self_test_seconds']:.2f} s; "
        f"warm TensorFlow {warm.resident / 1e6:.0f} MB, ready in {warm.seconds:.2f} s"
    )
    for promise, holds in kept.items():
        console.print(f"{'✓' if holds else '✗'} {promise}")
    if options.quick:
        return 0
    report = {
        "machine": about,
        "threads": threads,
        "rounds": rounds,
        "seconds": {
            f"{name} {model}.{ending}": seconds for (name, model, ending), seconds in times.items()
        },
        "medians": middle,
        "mixed_stream_medians": mixed,
        "streams": streams,
        "resources": used,
        "warm_tensorflow": {"resident": warm.resident, "ready_seconds": warm.seconds},
        "promises": kept,
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "grading.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    draw(middle, RESULTS / "grading.svg")
    print("written to bench/results/grading.json and grading.svg")
    return 0 if all(kept.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
