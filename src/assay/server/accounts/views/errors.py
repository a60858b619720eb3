"""The page of a limit that was reached."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """Handle 429."""
    context = {
        "status": HTTPStatus.TOO_MANY_REQUESTS.value,
        "heading": _("That was too often"),
        "explanation": _("To keep accounts safe, some pages can be used only so often."),
        "remedy": _("Wait a few minutes, then try again."),
    }
    return render(request, "pages/error.html", context, status=HTTPStatus.TOO_MANY_REQUESTS)
