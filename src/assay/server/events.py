"""Waking those who wait for a change in the database: the long poll.

Whoever changes a row announces a key on PostgreSQL's channel `assay` inside the
same transaction (`pg_notify`); the announcement arrives with the commit. One
connection per process listens and wakes the waiters of that key:

    async with events.listen(f"submission:{submission.id}") as heard:
        submission = await read()           # listening began before this read
        while not submission.is_final and await heard.wait(remaining):
            submission = await read()

Nothing is lost: the block is entered only when the connection listens, and while
it is broken every waiter is woken now and then, and once more when it is mended.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator
from math import inf
from typing import LiteralString
from weakref import WeakKeyDictionary

import psycopg
from procrastinate.contrib.django.utils import connector_params

CHANNEL: LiteralString = "assay"
RECHECK_SECONDS = 2.0  # while nobody listens, waiters look for themselves this often
_PROBE_SECONDS = 20.0  # a silent connection is asked whether it still lives this often
_REMEMBERED_SECONDS = 60.0  # announcements are known for at least so long
_MOST_REMEMBERED = 10_000  # more are tidied up
_ANSWER_SECONDS = 5.0  # a connection that takes longer to answer or to open is given up

logger = logging.getLogger(__name__)


class Heard:
    """What was announced of one key, as one waiter has taken notice of it."""

    def __init__(self, hub: _Hub) -> None:
        self._hub = hub
        self._event = asyncio.Event()

    def wake(self) -> None:
        """Make the next or the current `wait` return."""
        self._event.set()

    def forget(self) -> None:
        """Take back what was heard so far."""
        self._event.clear()

    async def wait(self, timeout: float) -> bool:  # noqa: ASYNC109 - a long poll has an end
        """Wait until the key is announced.

        Args:
            timeout: Seconds to wait at the most.

        Returns:
            True if the row should be read again: the key was announced since the
            block was entered or since the last wait, or nobody could have heard it.
            False if the time is up or the process is about to stop.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        while not self._hub.closing:
            if self._event.is_set():
                self._event.clear()
                return True
            remaining = deadline - loop.time()
            if remaining <= 0:
                return False
            can_hear = self._hub.is_listening
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(
                    remaining if can_hear else min(remaining, RECHECK_SECONDS)
                ):
                    await self._event.wait()
            if not can_hear:
                self._event.set()
        return False


class _Hub:
    """The one listening connection of an event loop and everybody who waits on it."""

    def __init__(self) -> None:
        self.closing = False
        self._listening_since = 0.0  # of `time.monotonic`
        self._announced: dict[str, float] = {}  # key → when last, of `time.monotonic`
        self._waiting: dict[str, set[Heard]] = {}
        self._listening = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def is_listening(self) -> bool:
        """Whether announcements reach this process now."""
        return self._listening.is_set()

    @contextlib.asynccontextmanager
    async def listen(self, key: str, since: float | None) -> AsyncIterator[Heard]:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="events")
        heard = Heard(self)
        self._waiting.setdefault(key, set()).add(heard)
        try:
            # A database that does not answer is no reason to fail: the reader will find out.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_ANSWER_SECONDS):
                    await self._listening.wait()
            if since is None or self._was_silent(key, since):
                heard.forget()  # nothing has been read that could be out of date
            else:
                heard.wake()
            yield heard
        finally:
            others = self._waiting[key]
            others.discard(heard)
            if not others:
                del self._waiting[key]

    def _was_silent(self, key: str, since: float) -> bool:
        return (
            self.is_listening
            and self._listening_since <= since
            and self._announced.get(key, -inf) < since
        )

    def _hear(self, key: str) -> None:
        now = time.monotonic()
        if len(self._announced) >= _MOST_REMEMBERED:
            horizon = now - _REMEMBERED_SECONDS
            self._announced = {k: at for k, at in self._announced.items() if at > horizon}
        self._announced[key] = now
        for heard in self._waiting.get(key, ()):
            heard.wake()

    async def close(self) -> None:
        """Let every waiter go and close the connection."""
        self.closing = True
        self._wake_all()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _wake_all(self) -> None:
        for waiters in self._waiting.values():
            for heard in waiters:
                heard.wake()

    async def _run(self) -> None:
        while True:
            try:
                await self._listen_until_broken()
            except (psycopg.Error, OSError, TimeoutError) as broken:
                logger.warning("no announcements from the database for now: %s", broken)
            finally:
                self._listening.clear()
                self._wake_all()  # from now on they look for themselves
            await asyncio.sleep(RECHECK_SECONDS / 2)

    async def _listen_until_broken(self) -> None:
        async with asyncio.timeout(_ANSWER_SECONDS):
            connection = await psycopg.AsyncConnection.connect(
                **connector_params(), autocommit=True
            )
        async with connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            self._listening_since = time.monotonic()
            self._announced.clear()
            self._listening.set()
            self._wake_all()  # for what was announced before this connection listened
            while True:
                async for announcement in connection.notifies(timeout=_PROBE_SECONDS):
                    self._hear(announcement.payload)
                # A half-open connection stays silent for ever; only a question shows it.
                async with asyncio.timeout(_ANSWER_SECONDS):
                    await connection.execute("SELECT 1")


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, _Hub] = WeakKeyDictionary()


def _hub() -> _Hub:
    return _hubs.setdefault(asyncio.get_running_loop(), _Hub())


@contextlib.asynccontextmanager
async def listen(key: str, *, since: float | None = None) -> AsyncIterator[Heard]:
    """Listen for announcements of `key` from now on.

    Args:
        key: `submission:<uuid>` or `sitting:<uuid>`.
        since: When what the caller knows was read, as `time.monotonic` tells it; within the
            last minute. None: nothing has been read yet.

    Yields:
        What to wait on. Announcements that are committed after the block was entered
        are heard, also those between two waits, and with `since` those after that moment:
        if there may have been any, the first wait returns at once.
    """
    async with _hub().listen(key, since) as heard:
        yield heard


async def wait_for(key: str, timeout: float) -> bool:  # noqa: ASYNC109 - a long poll has an end
    """Wait until `key` is announced; for callers that have nothing to read in between.

    Args:
        key: `submission:<uuid>` or `sitting:<uuid>`.
        timeout: Seconds to wait at the most.

    Returns:
        Whether the row should be read again, as `Heard.wait` says.
    """
    async with listen(key) as heard:
        return await heard.wait(timeout)


async def close() -> None:
    """Let all who wait in this event loop go; called once, when the process stops."""
    hub = _hubs.pop(asyncio.get_running_loop(), None)
    if hub is not None:
        await hub.close()
