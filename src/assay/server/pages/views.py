"""The first page, and the pages of errors."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from assay.server.credentials.achievements import skills_of
from assay.server.credentials.display import show_exam
from assay.server.exams.bank import bank
from assay.server.exams.models import Sitting
from assay.server.exams.phases import phase
from assay.wire import Phase


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Say what this server is."""
    exams = [
        show_exam(key, blueprint.spec, skills_of(blueprint.spec, bank()))
        for key, blueprint in bank().blueprints.items()
    ]
    exams.sort(key=lambda exam: not exam.certificate)  # practice comes last
    context = {"exams": exams, "running": _running(request), "home": True}
    return render(request, "pages/home.html", context)


def _running(request: HttpRequest) -> Sitting | None:
    """Return the visitor's sitting whose clock was started and has not run out."""
    if not request.user.is_authenticated:
        return None
    now = timezone.now()
    found = (
        Sitting.objects.owned_by(request.user.pk)
        .filter(started_at__isnull=False, closed_at__isnull=True)
        .select_related("registration")
        .prefetch_related("stops")
    )
    running = {Phase.RUNNING, Phase.PAUSED}
    return next((sitting for sitting in found if phase(sitting.times, now) in running), None)


@dataclass(frozen=True, kw_only=True)
class _Words:
    heading: str
    explanation: str
    remedy: str


def _error(request: HttpRequest, status: HTTPStatus, words: _Words) -> HttpResponse:
    context = {"status": status.value, **vars(words)}
    return render(request, "pages/error.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Handle 400."""
    words = _Words(
        heading=_("This request could not be understood"),
        explanation=_("Something in it is not as this server expects."),
        remedy=_("Go back, check what you typed and try again."),
    )
    return _error(request, HTTPStatus.BAD_REQUEST, words)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Handle 403."""
    words = _Words(
        heading=_("You may not see this"),
        explanation=_("This page is for others, or for somebody who is signed in."),
        remedy=_("Sign in with the account that it belongs to, and try again."),
    )
    return _error(request, HTTPStatus.FORBIDDEN, words)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Handle 404."""
    words = _Words(
        heading=_("There is nothing at this address"),
        explanation=_("It may have been mistyped, or cut off when it was copied."),
        remedy=_("Compare it with the address that you were given, character by character."),
    )
    return _error(request, HTTPStatus.NOT_FOUND, words)


def server_error(request: HttpRequest) -> HttpResponse:
    """Handle 500. Asks no database: that may be what has failed."""
    words = _Words(
        heading=_("Something failed on our side"),
        explanation=_("It was not your doing, and nothing of yours is lost."),
        remedy=_("Try again in a minute. The staff of this server can see what happened."),
    )
    nobody = {"user": AnonymousUser(), "messages": []}  # both would be looked up in the database
    context = {"status": HTTPStatus.INTERNAL_SERVER_ERROR.value, **vars(words), **nobody}
    return render(request, "pages/error.html", context, status=HTTPStatus.INTERNAL_SERVER_ERROR)
