"""Long polls: an answer as soon as there is news, without asking again and again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from asgiref.sync import sync_to_async

from assay.server import events
from assay.server.connections import release

MOST_SECONDS = 25.0  # below the idle timeouts of common proxies

_ValueT = TypeVar("_ValueT")


async def read(reader: Callable[[], _ValueT]) -> _ValueT:
    """Return what `reader` reads from the database, and keep no connection meanwhile."""

    def released() -> _ValueT:
        try:
            return reader()
        finally:
            release()

    return await sync_to_async(released)()


async def poll(
    key: str,
    reader: Callable[[], _ValueT],
    is_news: Callable[[_ValueT, _ValueT], bool],
    seconds: float,
) -> _ValueT:
    """Read, and read again whenever `key` is announced, until there is news.

    Args:
        key: Of `exams.announcing`.
        reader: Reads what is asked for from the database.
        is_news: Whether the value is worth an answer, given the first value read
            and the newest one.
        seconds: To wait at the most.

    Returns:
        The newest value when the time was up, if there was no news.
    """
    first = await read(reader)
    if seconds <= 0 or is_news(first, first):
        return first
    deadline = time.monotonic() + min(seconds, MOST_SECONDS)
    async with events.listen(key) as heard:
        value = await read(reader)
        while not is_news(first, value) and await heard.wait(deadline - time.monotonic()):
            value = await read(reader)
    return value
