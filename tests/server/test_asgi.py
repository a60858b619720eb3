"""A request visits a thread as a whole; one that waits for news holds none meanwhile."""

from __future__ import annotations

import asyncio
import threading
import time
from functools import partial

import pytest
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import path
from django.utils.translation import get_language

from assay.server import events
from assay.server.asgi import Handler
from assay.server.exams.announcing import announce
from assay.server.threads import THREADS, in_thread
from assay.server.waiting import wait_for_news

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls(__name__)]

KEY = "sitting:1"


def where(_request):
    return JsonResponse({"thread": threading.current_thread().name, "speaks": get_language()})


def parts(_request):
    return StreamingHttpResponse(iter([b"one ", b"two"]))


class Bell:
    """What the waiting view knows: it has news once it was rung, or once time has passed."""

    def __init__(self):
        self.asked = 0
        self.rung = False
        self.ends_at = None
        self.seconds = 20.0

    def __call__(self, request):
        self.asked += 1
        news = self.rung or (self.ends_at is not None and time.monotonic() >= self.ends_at)
        wait_for_news(
            request,
            KEY,
            news,
            lambda _, now: now,
            self.seconds,
            ask_at_the_end=self.ends_at is not None,
        )
        return JsonResponse({"news": news, "asked": self.asked})


bell = Bell()


def waiting(request):
    return bell(request)


def slow(_request):
    time.sleep(0.05)
    return HttpResponse("done")


urlpatterns = [
    path("where/", where),
    path("parts/", parts),
    path("waiting/", waiting),
    path("slow/", slow),
]


@pytest.fixture
async def handler():
    global bell  # noqa: PLW0603 - the address has to find it
    bell = Bell()
    yield Handler()
    await events.close()


async def ask(handler, address, **headers):
    """Return the status and the body of the answer."""
    said = {"status": None, "body": b""}
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": address,
        "query_string": b"",
        "headers": [(b"host", b"localhost")]
        + [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 0),
        "server": ("127.0.0.1", 0),
    }
    sent = False

    async def receive():
        nonlocal sent
        if not sent:
            sent = True
            return {"type": "http.request", "body": b"", "more_body": False}
        return await asyncio.get_running_loop().create_future()

    async def send(message):
        said["status"] = message.get("status", said["status"])
        said["body"] += message.get("body", b"")

    await handler(scope, receive, send)
    return said["status"], said["body"]


async def rung():
    """Announce as any process does."""
    await in_thread(partial(announce, KEY))


async def until_asked(times):
    while bell.asked < times:  # noqa: ASYNC110 - it is asked in threads
        await asyncio.sleep(0.01)


async def test_a_view_runs_in_one_of_the_threads_that_have_connections(handler):
    status, body = await ask(handler, "/where/")

    assert status == 200
    assert b'"thread": "view_' in body


async def test_each_request_keeps_its_own_language_in_threads_that_many_share(handler):
    answers = await asyncio.gather(
        *(
            ask(handler, "/where/", accept_language=language)
            for language in ["en", "zh-CN"] * 2 * THREADS
        )
    )

    spoken = [b"zh-hans" in body for _, body in answers]
    assert spoken == [False, True] * 2 * THREADS


async def test_a_stream_of_ours_is_read_where_reading_may_block(handler):
    assert await ask(handler, "/parts/") == (200, b"one two")


async def test_more_requests_than_threads_wait_their_turn(handler):
    answers = await asyncio.gather(*(ask(handler, "/slow/") for _ in range(5 * THREADS)))

    assert {status for status, _ in answers} == {200}


async def test_a_waiting_client_is_answered_when_there_is_news(handler):
    asking = asyncio.create_task(ask(handler, "/waiting/"))
    await until_asked(1)
    await asyncio.sleep(0.2)
    assert not asking.done()

    bell.rung = True
    await rung()
    status, body = await asyncio.wait_for(asking, 5)

    assert status == 200
    assert b'"news": true' in body


async def test_an_announcement_that_is_no_news_to_it_does_not_end_the_wait(handler):
    asking = asyncio.create_task(ask(handler, "/waiting/"))
    await until_asked(1)
    await asyncio.sleep(0.2)
    asked = bell.asked

    await rung()
    await until_asked(asked + 1)
    await asyncio.sleep(0.1)
    assert not asking.done()

    bell.rung = True
    await rung()
    assert b'"news": true' in (await asyncio.wait_for(asking, 5))[1]


async def test_many_wait_without_a_thread(handler):
    crowd = [asyncio.create_task(ask(handler, "/waiting/")) for _ in range(10 * THREADS)]
    await until_asked(10 * THREADS)

    status, _ = await asyncio.wait_for(ask(handler, "/where/"), 5)
    assert status == 200

    bell.rung = True
    await rung()
    answers = await asyncio.wait_for(asyncio.gather(*crowd), 10)
    assert all(b'"news": true' in body for _, body in answers)


async def test_the_wait_ends_with_what_is_known(handler):
    bell.seconds = 0.2

    _, body = await asyncio.wait_for(ask(handler, "/waiting/"), 5)

    assert b'"news": false' in body


async def test_a_view_that_time_changes_is_asked_at_the_end(handler):
    bell.seconds = 0.5
    bell.ends_at = time.monotonic() + 0.3

    _, body = await asyncio.wait_for(ask(handler, "/waiting/"), 5)

    assert b'"news": true' in body
