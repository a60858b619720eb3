"""No request may fill the disk: how large a body may be that Django takes in.

Django reads a whole body before it looks at the request, so it has to be stopped from
outside. Model files do not come this way; see `uploadgate.py`.
"""

from __future__ import annotations

import re

from assay.server.asgitypes import Application, Message, Receive, Scope, Send

MOST_BYTES = 2_000_000  # of an ordinary form, or of JSON
# Two pictures of up to 10 MB each; what is a little larger gets its answer from the page.
PICTURES_BYTES = 25_000_000
_PICTURES = re.compile(r"/enrolment/identity/[^/]+/?")


class BodyLimit:
    """An ASGI application that lets no larger bodies through to the one behind it."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        most = PICTURES_BYTES if _PICTURES.fullmatch(scope["path"]) else MOST_BYTES
        if _declared(scope) > most:
            await _refuse(send)
            return
        size = 0
        is_answered = False

        async def count() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            # Django gives a request up whose client hangs up.
            return {"type": "http.disconnect"} if size > most else message

        async def note(message: Message) -> None:
            nonlocal is_answered
            is_answered = True
            await send(message)

        await self._application(scope, count, note)
        if size > most and not is_answered:
            await _refuse(send)


def _declared(scope: Scope) -> int:
    """Return the size that the request declares, in bytes; 0 if it declares none."""
    value = dict(scope["headers"]).get(b"content-length", b"0")
    return int(value) if value.isdigit() else 0


async def _refuse(send: Send) -> None:
    text = b"This is larger than this server takes here.\n"
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(text)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": text})
