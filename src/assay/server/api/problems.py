"""Errors as a program and its user read them."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from assay import errors, wire
from assay.errors import AssayError, NotFound, PlatformFault, Unauthenticated, UsageError
from assay.grading.refusals import FileTooLarge
from assay.messages import N_, Language
from assay.server.accounts.limits import TooManyRequests

logger = logging.getLogger(__name__)

# The first class that fits.
_STATUSES: dict[type[AssayError], HTTPStatus] = {
    TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    FileTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    errors.NotAllowed: HTTPStatus.FORBIDDEN,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.UsageError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.Refusal: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.PlatformFault: HTTPStatus.SERVICE_UNAVAILABLE,
}


class InvalidRequest(UsageError):
    """The request's parameters are not of the documented form."""

    code = "invalid_request"
    message = N_("The request is not of the form that is expected: {detail}.")
    remedy = N_("Compare it with /api/docs, or upgrade: pip install --upgrade assay")


class UnknownAddress(NotFound):
    """Nothing is served at this address."""

    code = "unknown_address"
    message = N_("There is nothing at {path}.")
    remedy = N_("See what there is at /api/docs, or upgrade: pip install --upgrade assay")


class WrongMethod(UsageError):
    """The address exists, but not for this method."""

    code = "wrong_method"
    message = N_("{path} does not take {method}.")
    remedy = N_("See what it takes at /api/docs, or upgrade: pip install --upgrade assay")


class Unexpected(PlatformFault):
    """A mistake in our code."""

    code = "unexpected"
    message = N_("Something went wrong on our side.")
    remedy = N_("Nothing is lost. Try again; if it stays, tell the staff of your certifying body.")


class DatabaseAway(PlatformFault):
    """The database does not answer."""

    code = "database_away"
    message = N_("Our database does not answer.")
    remedy = N_("Nothing is lost. Try again in a minute.")


def reader_language(accept_language: str | None) -> Language:
    """Return the language for a reader whose client sent this `Accept-Language`, or none."""
    if not accept_language:
        configured: Language = settings.LANGUAGE
        return configured
    return Language.closest(accept_language)


def language_of(request: HttpRequest) -> Language:
    """Return the language in which a request is answered."""
    return reader_language(request.headers.get("Accept-Language"))


def problem(error: AssayError, language: Language) -> wire.Problem:
    """Return an error in its reader's language."""
    rendered = error.render(language)
    return wire.Problem(
        code=error.code, message=rendered.message, remedy=rendered.remedy, params=error.params
    )


def status_of(error: AssayError) -> HTTPStatus:
    """Return the HTTP status of an error."""
    for kind, status in _STATUSES.items():
        if isinstance(error, kind):
            return status
    return HTTPStatus.INTERNAL_SERVER_ERROR


def answer(error: AssayError, language: Language) -> tuple[int, bytes]:
    """Return the HTTP status and the JSON body that answer a request with an error."""
    return status_of(error).value, problem(error, language).model_dump_json().encode()


def respond(
    request: HttpRequest, error: AssayError, status: HTTPStatus | None = None
) -> HttpResponse:
    """Return the response that answers `request` with an error."""
    usual, body = answer(error, language_of(request))
    response = HttpResponse(body, content_type="application/json", status=status or usual)
    if isinstance(error, Unauthenticated):
        response["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooManyRequests):
        response["Retry-After"] = str(error.params["wait"])
    return response


def install(api: NinjaAPI) -> None:
    """Make `api` answer every error with a problem."""

    # Ninja's type for handlers says that an error may also be its class; it never is.
    def on_known(request: HttpRequest, error: Any) -> HttpResponse:
        if status_of(error) >= HTTPStatus.INTERNAL_SERVER_ERROR:
            logger.error("%s %s", request.method, request.path, exc_info=error)
        return respond(request, error)

    def on_invalid(request: HttpRequest, error: Any) -> HttpResponse:
        details = (f"{'.'.join(str(p) for p in e['loc'])}: {e['msg']}" for e in error.errors)
        return respond(request, InvalidRequest(detail="; ".join(details)))

    def on_http_error(request: HttpRequest, error: Any) -> HttpResponse:
        invalid = InvalidRequest(detail=str(error))
        return respond(request, invalid, HTTPStatus(error.status_code))

    def on_unexpected(request: HttpRequest, error: Any) -> HttpResponse:
        logger.error("%s %s", request.method, request.path, exc_info=error)
        return respond(request, Unexpected(), HTTPStatus.INTERNAL_SERVER_ERROR)

    def on_database(request: HttpRequest, error: Any) -> HttpResponse:
        logger.error("%s %s: %s", request.method, request.path, error)
        return respond(request, DatabaseAway())

    def on_stranger(request: HttpRequest, _: Any) -> HttpResponse:
        return respond(request, Unauthenticated())

    def on_missing(request: HttpRequest, _: Any) -> HttpResponse:
        return respond(request, UnknownAddress(path=request.path))

    api.add_exception_handler(Exception, on_unexpected)
    api.add_exception_handler(OperationalError, on_database)
    api.add_exception_handler(InterfaceError, on_database)
    api.add_exception_handler(AssayError, on_known)
    api.add_exception_handler(ValidationError, on_invalid)
    api.add_exception_handler(HttpError, on_http_error)
    api.add_exception_handler(AuthenticationError, on_stranger)
    api.add_exception_handler(Http404, on_missing)
