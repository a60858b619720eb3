"""The threads in which everything runs that speaks to the database.

They are few, so that each finds a connection, and requests wait in the order in which they
came. A thread for every request would make a crowd fight over connections, and whoever gets
none within the pool's patience would be told that the database is away.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from assay.server.connections import release

THREADS = 8  # below the connections of a process, see `settings.database`

_ValueT = TypeVar("_ValueT")
_pool = ThreadPoolExecutor(THREADS, thread_name_prefix="view")


async def in_thread(work: Callable[[], _ValueT]) -> _ValueT:
    """Return what `work` returns in one of the threads, with its database connection given back.

    Raises:
        Exception: Whatever `work` raises.
    """

    def released() -> _ValueT:
        try:
            return work()
        finally:
            release()

    context = contextvars.copy_context()  # such as the language: a request's, not the thread's
    return await asyncio.get_running_loop().run_in_executor(_pool, context.run, released)
