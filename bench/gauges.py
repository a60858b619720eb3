"""What the parts of a running server take of the machine: memory and processor time."""

from __future__ import annotations

import contextlib
import threading
from collections import defaultdict
from types import TracebackType
from typing import Self

import psutil

_LOOK_SECONDS = 2.0
_PARTS = ("web", "grader", "background", "serve")


def part_of(words: list[str]) -> str:
    """Return the part of the server to which a process belongs, by its command line."""
    if "assay.server" in words:
        return next((name for name in _PARTS if name in words[:4]), "other")
    if any("assay.grading.sandbox" in word for word in words):
        return "sandbox"
    if any(word.startswith("assay.items.") for word in words):
        return "drawing"
    return "postgres" if words and "postgres" in words[0] else "other"


class Gauges:
    """Watches a process tree while the block runs; of each part the most that was seen.

    Memory is the proportional set size, where shared pages count once (Linux), or the
    resident size.

    Args:
        root: Of the tree; our own process is watched besides, as "crowd".
    """

    def __init__(self, root: int) -> None:
        self.memory: dict[str, int] = {}  # part → most bytes seen at once
        self.processor: dict[str, float] = {}  # part → seconds taken within the block
        self._root = psutil.Process(root)
        self._names: dict[psutil.Process, str] = {}
        self._first: dict[psutil.Process, float] = {}
        self._last: dict[psutil.Process, float] = {}
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="gauges")

    def __enter__(self) -> Self:
        self._look(begin=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._done.set()
        self._thread.join()
        self._last.clear()  # who has ended since is in the account of who waited for them
        self._look()
        taken: dict[str, float] = defaultdict(float)
        for process, seconds in self._last.items():
            taken[self._names[process]] += seconds - self._first[process]
        self.processor = dict(taken)

    def _watch(self) -> None:
        while not self._done.wait(_LOOK_SECONDS):
            self._look()

    def _look(self, *, begin: bool = False) -> None:
        memory: dict[str, int] = defaultdict(int)
        for process in [self._root, *self._root.children(recursive=True), psutil.Process()]:
            with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                if process not in self._names:
                    ours = process.pid == psutil.Process().pid
                    self._names[process] = "crowd" if ours else part_of(process.cmdline())
                with process.oneshot():
                    times = process.cpu_times()
                    seconds = times.user + times.system
                    seconds += getattr(times, "children_user", 0.0)
                    seconds += getattr(times, "children_system", 0.0)
                    self._first.setdefault(process, seconds if begin else 0.0)
                    self._last[process] = seconds
                    full = process.memory_full_info()
                memory[self._names[process]] += getattr(full, "pss", full.rss)
        for part, size in memory.items():
            self.memory[part] = max(size, self.memory.get(part, 0))
