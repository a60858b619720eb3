"""Checking many items at once, one on each core of the machine."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from assay.errors import BankError
from assay.items import drawers
from assay.items.check import check_item
from assay.items.loader import Item


def check_items(
    items: Sequence[Item], seeds: Sequence[int], *, jobs: int | None = None
) -> Iterator[tuple[Item, list[BankError]]]:
    """Check items as `check_item` does, several at once.

    Each of the processes keeps what its items import, and a process beside it that draws what
    is drawn twice.

    Args:
        items: To check; the bank must stay as it is meanwhile.
        seeds: Two or more seeds to draw.
        jobs: Items at once; by default as many as the machine has cores.

    Yields:
        Each item with everything that is wrong with it, in the order of `items`.
    """
    jobs = min(jobs or os.cpu_count() or 1, len(items))
    if jobs <= 1:
        yield from ((item, check_item(item, seeds)) for item in items)
        return
    # Not forked: whoever calls this may have threads and open files of all kinds.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin) as pool:
        try:
            check = partial(check_item, seeds=seeds, draw_elsewhere=drawers.draw)
            yield from zip(items, pool.map(check, items), strict=True)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # ends at once and says nothing
