"""Before the exam: rules and pledge, the system check, having the tasks prepared."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assay.errors import AssayError
from assay.server.api import shapes
from assay.server.console.access import candidate_of, own_registration
from assay.server.exams.errors import ExamWithdrawn
from assay.server.exams.models import Registration
from assay.server.exams.services import sittings
from assay.server.exams.services.registrations import plan_of, pledge, sitting_of
from assay.server.language import active_language

ECHO_BYTES = 512_000  # of the round trip in the system check


def _context(registration: Registration) -> dict[str, object]:
    try:
        plan = plan_of(registration)
    except ExamWithdrawn as error:
        raise Http404 from error
    shape = shapes.registration(registration, active_language(), timezone.now())
    return {
        "section": "mine",
        "registration": registration,
        "exam": shape.exam,
        "shape": shape,
        "plan": plan,
        "hours": f"{shape.exam.duration / 3600:g}",
        "sitting": sitting_of(registration),
        "obstacle": shape.obstacle,
    }


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: HttpRequest, registration_id: UUID) -> HttpResponse:
    """Show the rules; take the pledge."""
    registration = own_registration(candidate_of(request), registration_id)
    context = _context(registration)
    if request.method == "POST":
        if request.POST.get("pledge") == "yes":
            pledge(registration, timezone.now())
            return redirect("console:check", registration_id)
        context["missing"] = True
    return render(
        request, "console/rules.html", context, status=422 if "missing" in context else 200
    )


@login_required
@require_safe
def check(request: HttpRequest, registration_id: UUID) -> HttpResponse:
    """Try what the exam will need. It advises; it never keeps anybody out."""
    registration = own_registration(candidate_of(request), registration_id)
    context = _context(registration) | {"now": timezone.now(), "echo_bytes": ECHO_BYTES}
    return render(request, "console/check.html", context)


@login_required
@require_POST
def echo(request: HttpRequest, registration_id: UUID) -> HttpResponse:
    """Answer a trial upload with how much arrived, and with the time."""
    own_registration(candidate_of(request), registration_id)
    arrived = len(request.body[: settings.DATA_UPLOAD_MAX_MEMORY_SIZE])
    return JsonResponse({"bytes": arrived, "now": timezone.now().timestamp() * 1000})


@login_required
@require_POST
def prepare(request: HttpRequest, registration_id: UUID) -> HttpResponse:
    """Have the tasks drawn. It costs no exam time."""
    registration = own_registration(candidate_of(request), registration_id)
    if registration.pledged_at is None:
        messages.warning(request, _("Read the rules first, and tick the box below them."))
        return redirect("console:rules", registration_id)
    try:
        sitting = sittings.open_sitting(registration, timezone.now())
    except AssayError as error:
        messages.error(request, error.render(active_language()).message)
        return redirect("console:rules", registration_id)
    return redirect("console:sitting", sitting.id)
