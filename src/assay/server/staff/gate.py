"""The one way into a staff page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from assay.server.accounts.views.signed import signed_in
from assay.server.staff.audit import record
from assay.server.staff.roles import Action, actions_of

View = Callable[..., HttpResponseBase]


def allowed(action: Action, *, method: str = "GET") -> Callable[[View], View]:
    """Let only those into a view who may do `action`, and write down each look.

    A stranger is sent to sign in, a candidate finds nothing (404), and staff without
    the role are told so (403).

    Args:
        action: What the page lets somebody do.
        method: GET, which stands for HEAD too, or POST. What a POST does is written
            down by what does it.
    """
    methods = ["GET", "HEAD"] if method == "GET" else [method]

    def decorate(view: View) -> View:
        @login_required
        @wraps(view)
        def gate(request: HttpRequest, *arguments: object, **named: object) -> HttpResponseBase:
            user = signed_in(request)
            if not user.is_staff:
                raise Http404
            if action not in actions_of(user):
                raise PermissionDenied
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            if method == "GET":
                subject = f"page {request.path}"
                record("page.look", by=user, subject=subject, now=timezone.now())
            response = view(request, *arguments, **named)
            add_never_cache_headers(response)
            return response

        return gate

    return decorate
