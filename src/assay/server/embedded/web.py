"""The web part: Django behind the upload gate, served by uvicorn."""

from __future__ import annotations

import asyncio
import logging
import socket
from pathlib import Path
from typing import Any, cast

import uvicorn
from django.conf import settings
from django.db import Error
from django.utils import timezone

from assay.server import events
from assay.server.asgi import application
from assay.server.asgitypes import Application, Message
from assay.server.connections import release
from assay.server.embedded.lifeline import Lifeline
from assay.server.embedded.schema import close_connections
from assay.server.exams.bank import bank
from assay.server.exams.services import outages
from assay.server.uploadgate import UploadGate

logger = logging.getLogger(__name__)

# An idle connection is the client's to close, or its proxy's: they do so after a minute at the
# most. A server that closes it first may do so while the next request is on its way, which then
# fails without an answer.
KEEP_ALIVE_SECONDS = 75
_GRACE_SECONDS = 8  # for requests that are under way at the stop


def serve(lifeline: Lifeline, listener: socket.socket) -> None:
    """Serve until a signal or the supervisor says stop.

    Args:
        lifeline: To the supervisor.
        listener: The socket on which to listen.
    """
    try:
        asyncio.run(_serve(lifeline, listener))
    finally:
        close_connections()


async def _serve(lifeline: Lifeline, listener: socket.socket) -> None:
    gate = UploadGate(cast(Application, application), Path(settings.DATA) / "incoming")
    server = _Server(configuration(gate))
    server.lifeline = lifeline
    lifeline.on_stop(server.stop)
    await asyncio.to_thread(bank)  # nothing can be sat without it: say so now, not to a candidate
    await _warm_up(gate)
    await asyncio.to_thread(_beat)  # we may have been away: before anybody is told the time
    beating = asyncio.create_task(_beat_on())
    try:
        await server.serve(sockets=[listener])
    finally:
        beating.cancel()


def configuration(gate: UploadGate) -> uvicorn.Config:
    """Return how requests are served."""
    return uvicorn.Config(
        gate,
        lifespan="off",
        log_config=None,
        access_log=False,
        # Django decides whom to believe about addresses: ASSAY_PROXIES.
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )


async def _beat_on() -> None:
    """Give signs of life, and stop the clocks while others give none."""
    while True:
        await asyncio.sleep(outages.BEAT_SECONDS)
        await asyncio.to_thread(_beat)


def _beat() -> None:
    try:
        outages.beat(outages.WEB, timezone.now())
    except Error:  # it is found out when the database is back
        logger.exception("no sign of life could be given")
    finally:
        release()


class _Server(uvicorn.Server):  # type: ignore[misc]  # it has no types
    """Tells the supervisor when it serves, and lets waiters go when it stops."""

    lifeline: Lifeline

    def stop(self) -> None:
        """Stop soon; may be called from any thread."""
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.lifeline.ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await events.close()  # long polls answer now, with what is
        await super().shutdown(sockets)


async def _warm_up(application: UploadGate) -> None:
    """Send a first request through everything, so that no candidate pays for it."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/api/health",
        "raw_path": b"/api/health",
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"localhost")],
        "client": ("127.0.0.1", 0),
        "server": ("127.0.0.1", 0),
    }
    answered = asyncio.Event()
    messages = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Message:
        if messages:
            return messages.pop()
        await answered.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if not message.get("more_body", False):
            answered.set()

    await application(scope, receive, send)
