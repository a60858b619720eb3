"""Static files under ASGI."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware


class StaticFiles(WhiteNoiseMiddleware):  # type: ignore[misc]
    """WhiteNoise that leaves every other request on the event loop.

    WhiteNoise itself knows only threads; as it is, it would hold one for every
    long poll.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[..., Any]) -> None:
        super().__init__(get_response)
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if iscoroutinefunction(self):
            return self._serve(request)
        response: HttpResponseBase = super().__call__(request)
        return response

    async def _serve(self, request: HttpRequest) -> HttpResponseBase:
        file = self.files.get(request.path_info)
        if file is None:
            answer: HttpResponseBase = await self.get_response(request)
            return answer
        response: HttpResponseBase = await sync_to_async(self.serve)(file, request)
        if isinstance(response, StreamingHttpResponse) and not response.is_async:
            parts = cast(Iterator[bytes], response.streaming_content)
            response.streaming_content = _once(await sync_to_async(lambda: b"".join(parts))())
        return response


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
