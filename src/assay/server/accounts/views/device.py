"""The page on which a person lets a program act for them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from assay.errors import AssayError
from assay.server.accounts import devices, limits
from assay.server.accounts.views.signed import signed_in
from assay.server.language import active_language


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def device(request: HttpRequest) -> HttpResponse:
    """Ask for the code, then for the decision, then say what was decided.

    A code in the address is only filled in: that it is the one on one's own
    screen must be seen by a person, else a stranger's link would sign him in.
    """
    context: dict[str, Any] = {"typed": request.GET.get("code", "")[:20]}
    if request.method == "POST":
        context = {"typed": request.POST.get("user_code", "")[:20]}
        try:
            context |= _answer(request, context["typed"])
        except AssayError as error:
            context["problem"] = error.render(active_language())
    return render(request, "accounts/device.html", context)


def _answer(request: HttpRequest, typed: str) -> dict[str, Any]:
    now = timezone.now()
    user = signed_in(request)
    match request.POST.get("decision"):
        case "allow":
            return {"allowed": devices.decide(typed, user, allow=True, now=now)}
        case "refuse":
            return {"refused": devices.decide(typed, user, allow=False, now=now)}
        case _:
            limits.spend("device_entry", str(user.pk), limits.DEVICE_ENTRY, now)
            grant = devices.find(typed, now)
            return {"grant": grant, "code": devices.shown(grant.user_code)}
