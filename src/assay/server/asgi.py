"""The web application. `assay.server.embedded` puts the upload gate in front of it."""

from __future__ import annotations

import os
from typing import cast

import django
from asgiref.sync import iscoroutinefunction, sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.base import BaseHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve

from assay.server.bodylimit import Application, BodyLimit


class Handler(ASGIHandler):
    """Django's handler, which changes threads once for a view that is not asynchronous.

    Half of Django's middleware is synchronous. On the event loop each of its steps is sent
    to a thread and waited for, sixteen times for one request, which costs more than most
    views. So a synchronous view gets its middleware in the thread where it runs itself;
    only asynchronous ones, which are those that wait, stay on the event loop.
    """

    def __init__(self) -> None:
        super().__init__()
        self._in_thread = BaseHandler()
        self._in_thread.load_middleware()

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        """Return the response to a request."""
        if _is_asynchronous(request):
            response: HttpResponseBase = await super().get_response_async(request)
            return response
        return await sync_to_async(self._in_thread.get_response)(request)


def _is_asynchronous(request: HttpRequest) -> bool:
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        return True  # a static file, or nothing
    return iscoroutinefunction(view)


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "assay.server.settings")
django.setup(set_prefix=False)
application = BodyLimit(cast(Application, Handler()))
