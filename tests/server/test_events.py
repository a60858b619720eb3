"""Long polls are woken by commits, and nothing gets lost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import psycopg
import pytest
from procrastinate.contrib.django.utils import connector_params

from assay.server import events

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def database() -> AsyncIterator[psycopg.AsyncConnection]:
    """Another connection to the tests' database, as another process would have it."""
    async with await psycopg.AsyncConnection.connect(
        **connector_params(), autocommit=True
    ) as connection:
        yield connection
    await events.close()


async def announce(database: psycopg.AsyncConnection, key: str) -> None:
    await database.execute("SELECT pg_notify('assay', %s)", [key])


async def test_it_wakes_who_waits_for_the_key(database):
    async with events.listen("submission:1") as heard:
        waiting = asyncio.create_task(heard.wait(10))
        begun = time.monotonic()
        await announce(database, "submission:1")

        assert await waiting
        assert time.monotonic() - begun < 1


async def test_it_does_not_wake_who_waits_for_another_key(database):
    async with events.listen("submission:1") as heard:
        await announce(database, "submission:2")

        assert not await heard.wait(0.2)


async def test_what_is_announced_before_the_wait_is_not_lost(database):
    async with events.listen("submission:1") as heard:
        await announce(database, "submission:1")
        await asyncio.sleep(0.2)  # the time of a slow read

        assert await heard.wait(0)


async def test_what_is_announced_between_two_waits_is_not_lost(database):
    async with events.listen("submission:1") as heard:
        await announce(database, "submission:1")
        assert await heard.wait(1)
        await announce(database, "submission:1")
        await asyncio.sleep(0.2)

        assert await heard.wait(0)


async def test_one_announcement_wakes_all_who_wait_for_it_once(database):
    async with events.listen("submission:1") as first, events.listen("submission:1") as second:
        await announce(database, "submission:1")

        assert await first.wait(1)
        assert await second.wait(1)
        assert not await first.wait(0.1)


async def test_a_transaction_that_is_rolled_back_wakes_nobody(database):
    async with events.listen("submission:1") as heard:
        async with database.transaction(force_rollback=True):
            await announce(database, "submission:1")

        assert not await heard.wait(0.2)


async def test_waiters_look_again_when_the_connection_is_cut_and_hear_again_afterwards(database):
    async with events.listen("submission:1") as heard:
        await database.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
        )

        assert await heard.wait(5)  # cut
        assert await heard.wait(5)  # mended
        await asyncio.sleep(0.1)
        await announce(database, "submission:1")
        assert await heard.wait(0.5)


async def test_while_nobody_can_hear_waiters_look_for_themselves(database, monkeypatch):
    monkeypatch.setattr(events, "connector_params", lambda: {"host": "/nowhere"})
    monkeypatch.setattr(events, "_ANSWER_SECONDS", 0.1)
    monkeypatch.setattr(events, "RECHECK_SECONDS", 0.2)

    async with events.listen("submission:1") as heard:
        assert await heard.wait(5)
        assert not await heard.wait(0)


async def test_waiting_has_an_end(database):
    begun = time.monotonic()

    assert not await events.wait_for("submission:1", 0.3)
    assert 0.3 <= time.monotonic() - begun < 2


async def test_a_process_that_stops_lets_all_waiters_go(database):
    async with events.listen("submission:1") as heard:
        waiting = asyncio.create_task(heard.wait(30))
        await asyncio.sleep(0.05)
        await events.close()

        assert not await asyncio.wait_for(waiting, 1)


async def test_nothing_remains_of_who_has_left(database):
    async with events.listen("submission:1"), events.listen("submission:2"):
        pass

    assert events._hub()._waiting == {}
