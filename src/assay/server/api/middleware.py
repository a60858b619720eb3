"""Every error under /api/ is a problem, also where no view was reached, and nothing is cached."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from assay.errors import AssayError
from assay.server.api.problems import (
    InvalidRequest,
    Unexpected,
    UnknownAddress,
    WrongMethod,
    respond,
)


def problems(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Replace Django's own error pages under /api/ by problems; let nobody keep answers."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        return _finish(request, get_response(request))

    return middleware


def _finish(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    if not request.path.startswith("/api/"):
        return response
    answer = _as_problem(request, response)
    answer.headers.setdefault("Cache-Control", "no-store")
    return answer


def _as_problem(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    status = response.status_code
    if status < HTTPStatus.BAD_REQUEST:
        return response
    if response.headers.get("Content-Type", "").startswith("application/json"):
        return response
    error: AssayError
    if status == HTTPStatus.NOT_FOUND:
        error = UnknownAddress(path=request.path)
    elif status == HTTPStatus.METHOD_NOT_ALLOWED:
        error = WrongMethod(path=request.path, method=request.method or "")
    elif status < HTTPStatus.INTERNAL_SERVER_ERROR:
        error = InvalidRequest(detail=HTTPStatus(status).phrase)
    else:
        error = Unexpected()
    return respond(request, error, HTTPStatus(status))
