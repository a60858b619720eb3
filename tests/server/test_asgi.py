"""Which requests change threads once, and which stay on the event loop."""

from __future__ import annotations

import asyncio
import threading
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from assay.server.asgi import Handler


@pytest.fixture
def answered_in(monkeypatch):
    """The thread in which the whole request is answered; None if it stays on the loop."""
    handler = Handler()
    found = []

    def in_thread(_request):
        found.append(threading.current_thread())
        return HttpResponse()

    async def on_loop(_request):
        return HttpResponse()

    monkeypatch.setattr(handler._in_thread, "get_response", in_thread)
    monkeypatch.setattr(handler, "_middleware_chain", on_loop)

    def ask(path):
        found.clear()
        request = RequestFactory().get(path, headers={"host": "localhost"})
        asyncio.run(handler.get_response_async(request))
        return found[0] if found else None

    return ask


@pytest.mark.parametrize("path", ["/", "/api/me", f"/sittings/{uuid4()}/", "/api/health"])
def test_a_view_that_does_not_wait_is_answered_in_one_thread(answered_in, path):
    thread = answered_in(path)

    assert thread is not None
    assert thread is not threading.main_thread()


@pytest.mark.parametrize(
    "path",
    [
        f"/api/sittings/{uuid4()}",
        f"/api/submissions/{uuid4()}",
        f"/sittings/{uuid4()}/live/",
        "/static/pages/assay.css",
        "/nowhere",
    ],
)
def test_what_may_wait_holds_no_thread(answered_in, path):
    assert answered_in(path) is None
