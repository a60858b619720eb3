"""How long the web server keeps a connection on which nothing happens."""

from __future__ import annotations

import asyncio
import http.client
import socket
import threading
import time

import pytest
import uvicorn

from assay.server.embedded.web import configuration

_LONGEST_IDLE_OF_PROXIES = 60  # seconds; nginx, Apache and the clouds' balancers


async def _greet(scope, _receive, send):
    assert scope["type"] == "http"
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]}
    )
    await send({"type": "http.response.body", "body": b"hi"})


@pytest.fixture
def served():
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(configuration(_greet))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])))
    thread.start()
    yield listener.getsockname()
    server.should_exit = True
    thread.join()
    listener.close()


def test_the_server_is_never_the_first_to_close_an_idle_connection():
    assert configuration(_greet).timeout_keep_alive > _LONGEST_IDLE_OF_PROXIES


@pytest.mark.slow
def test_a_connection_that_was_idle_for_a_while_still_answers(served):
    client = http.client.HTTPConnection(*served, timeout=30)
    client.request("GET", "/")
    client.getresponse().read()
    used = client.sock
    time.sleep(7)  # longer than uvicorn's own five seconds

    client.request("GET", "/")

    assert client.getresponse().read() == b"hi"
    assert client.sock is used
    client.close()
