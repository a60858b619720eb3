"""The web application. `assay.server.embedded` puts the upload gate in front of it."""

from __future__ import annotations

import io
import os
import time
from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Any, cast

import django
from django.core import signals
from django.core.handlers.asgi import ASGIHandler, ASGIRequest
from django.db import close_old_connections, reset_queries
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase

from assay.server import events
from assay.server.asgitypes import Application
from assay.server.bodylimit import BodyLimit
from assay.server.threads import in_thread
from assay.server.waiting import LongPoll

# Django would start a thread for each request to run these two; `in_thread` does it for the
# threads that have a connection.
signals.request_started.disconnect(reset_queries)
signals.request_started.disconnect(close_old_connections)


class Handler(ASGIHandler):
    """Django's handler, for views and middleware that are plain functions.

    On the event loop each synchronous step of a request would be sent to a thread and waited
    for, some sixteen times for one request, which costs more than most views. Here a request
    goes to a thread once, as a whole. What waits, the long polls, waits between two such
    visits: see `waiting`.
    """

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - Django's
        """Set the chain of middleware up, all of it synchronous."""
        super().load_middleware(is_async=False)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request."""
        # Without Django's context, which would be a thread of its own for each request.
        await self.handle(scope, receive, send)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        """Return the response to a request, as soon as its view has something to say."""
        poll = LongPoll()
        poll.on(request)
        asked_at = time.monotonic()
        response = await in_thread(partial(self._answer, request))
        if poll.key is None:
            return response
        async with events.listen(poll.key, since=asked_at) as heard:
            while poll.key is not None:
                is_time_up = not await heard.wait(poll.remaining)
                if is_time_up and not poll.ask_at_the_end:
                    break
                again = _repeated(request)
                poll.on(again)
                response = await in_thread(partial(self._answer, again, instead_of=response))
                if is_time_up:
                    break
        return response

    def _answer(
        self, request: HttpRequest, *, instead_of: HttpResponseBase | None = None
    ) -> HttpResponseBase:
        if instead_of is not None:
            instead_of.close()
        response: HttpResponseBase = self.get_response(request)
        if isinstance(response, StreamingHttpResponse) and not response.is_async:
            # A file of ours: read here, where reading may block.
            parts = cast(Iterator[bytes], response.streaming_content)
            response.streaming_content = _once(b"".join(parts))
        return response


def _repeated(request: HttpRequest) -> ASGIRequest:
    """Return a request as it came in, before middleware and views wrote on it."""
    return ASGIRequest(request.scope, io.BytesIO())  # type: ignore[attr-defined]


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "assay.server.settings")
django.setup(set_prefix=False)
application = BodyLimit(cast(Application, Handler()))
