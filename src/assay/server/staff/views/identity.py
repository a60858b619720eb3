"""The queue of identity checks."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext

from assay.errors import AssayError, NotFound
from assay.server.accounts.views.signed import signed_in
from assay.server.enrolment.models import PictureKind
from assay.server.enrolment.pictures import picture_answer
from assay.server.enrolment.services import identity
from assay.server.exams.display import title_of
from assay.server.language import active_language
from assay.server.staff.gate import allowed
from assay.server.staff.roles import Action


@allowed(Action.CHECK_IDENTITY)
def queue(request: HttpRequest) -> HttpResponse:
    """Show the checks that wait, the oldest first."""
    checks = [(check, title_of(check.registration.exam)) for check in identity.waiting()]
    return render(request, "staff/identity.html", {"section": "staff", "checks": checks})


@allowed(Action.CHECK_IDENTITY)
def picture(request: HttpRequest, check_id: UUID, kind: str) -> HttpResponse:
    """Answer with one picture of a check that waits."""
    if kind not in PictureKind.values:
        raise Http404
    try:
        by = signed_in(request)
        return picture_answer(check_id, PictureKind(kind), by=by, now=timezone.now())
    except NotFound as error:
        raise Http404 from error


@allowed(Action.CHECK_IDENTITY, method="POST")
def decide(request: HttpRequest, check_id: UUID) -> HttpResponse:
    """Approve a check, or refuse it with a reason."""
    by, now = signed_in(request), timezone.now()
    try:
        if request.POST.get("decision") == "approve":
            identity.approve(check_id, by=by, now=now)
            messages.success(request, gettext("The identity is approved."))
        else:
            identity.refuse(check_id, by=by, reason=request.POST.get("reason", ""), now=now)
            messages.success(request, gettext("The pictures are refused."))
    except NotFound as error:
        raise Http404 from error
    except AssayError as error:
        told = error.render(active_language())
        messages.error(request, f"{told.message} {told.remedy}")
    return redirect("staff:identity")
