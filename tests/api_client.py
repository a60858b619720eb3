"""A client that speaks to the API inside the test's own process."""

from __future__ import annotations

from typing import Any

from asgiref.sync import async_to_sync


def patient(client: Any) -> Any:
    """Let one of Django's asynchronous clients wait in long polls, as the server does.

    Its requests go to other threads, which see only what is committed.
    """
    from assay.server.asgi import Handler  # noqa: PLC0415

    client.handler.get_response_async = Handler().get_response_async
    return client


class Api:
    """A candidate's client: `api.get("/api/me")`, or with `await api.aget(...)`.

    Only the latter waits in long polls, see `patient`.

    Args:
        token: Of the candidate; None for a stranger.
        language: Sent as `Accept-Language`.
    """

    def __init__(self, token: str | None, language: str = "en") -> None:
        from django.test import AsyncClient  # noqa: PLC0415

        self.client = AsyncClient(raise_request_exception=False)
        self.headers = [(b"host", b"testserver"), (b"accept-language", language.encode())]
        if token is not None:
            self.headers.append((b"authorization", f"Bearer {token}".encode()))

    async def arequest(self, method: str, address: str, client: Any = None, **scope: Any) -> Any:
        path, _, query = address.partition("?")
        return await (client or self.client).request(
            method=method, path=path, query_string=query, headers=[*self.headers], **scope
        )

    async def aget(self, address: str) -> Any:
        from django.test import AsyncClient  # noqa: PLC0415

        client = patient(AsyncClient(raise_request_exception=False))
        return await self.arequest("GET", address, client)

    def get(self, address: str) -> Any:
        return async_to_sync(self.arequest)("GET", address)

    def post(self, address: str, upload: Any = None) -> Any:
        scope = {} if upload is None else {"assay.upload": upload}
        return async_to_sync(self.arequest)("POST", address, **scope)
