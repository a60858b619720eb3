"""The sitting: start, how it stands, pause, end."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assay.errors import AssayError
from assay.server.appeals.services import stance
from assay.server.console.access import candidate_of, own_sitting
from assay.server.console.display import console
from assay.server.exams.services import clock, sittings
from assay.server.language import active_language
from assay.server.submissions.services import closing
from assay.wire import Phase

_TEMPLATES = {
    Phase.PREPARING: "console/preparing.html",
    Phase.READY: "console/ready.html",
    Phase.RUNNING: "console/sitting.html",
    Phase.PAUSED: "console/sitting.html",
    Phase.LAPSED: "console/never.html",
    Phase.VOID: "console/never.html",
}


@login_required
@require_safe
def sitting(request: HttpRequest, sitting_id: UUID) -> HttpResponse:
    """Show how a sitting stands, whatever its phase."""
    run = own_sitting(candidate_of(request), sitting_id)
    now = timezone.now()
    shown = console(run, now)
    if shown.is_over:
        return redirect("console:result", sitting_id)
    clock.seen(run, now)
    context = {"section": "mine", "console": shown, "registration": run.registration}
    context["hours"] = f"{shown.shape.exam.duration / 3600:g}"
    if shown.shape.phase is Phase.VOID:
        context["appeal"] = stance(run, now)
    if shown.shape.phase is Phase.PREPARING:
        try:
            sittings.check_preparation(run)
        except AssayError as error:
            context["problem"] = error.render(active_language())
    return render(request, _TEMPLATES[shown.shape.phase], context)


@login_required
@require_POST
def start(request: HttpRequest, sitting_id: UUID) -> HttpResponse:
    """Start the clock."""
    run = own_sitting(candidate_of(request), sitting_id)
    if run.registration.pledged_at is None:
        messages.warning(request, _("Read the rules first, and tick the box below them."))
        return redirect("console:rules", run.registration_id)
    try:
        sittings.start(run.id, timezone.now())
    except AssayError as error:
        messages.error(request, error.render(active_language()).message)
    return redirect("console:sitting", sitting_id)


@login_required
@require_POST
def pause(request: HttpRequest, sitting_id: UUID) -> HttpResponse:
    """Stop the clock, or let it go on, as the accommodation allows."""
    run = own_sitting(candidate_of(request), sitting_id)
    now = timezone.now()
    try:
        if request.POST.get("action") == "go-on":
            clock.end_pause(run.id, now)
        else:
            clock.pause(run.id, now)
    except AssayError as error:
        messages.error(request, error.render(active_language()).message)
    return redirect("console:sitting", sitting_id)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, sitting_id: UUID) -> HttpResponse:
    """Ask whether the exam shall end, and end it."""
    run = own_sitting(candidate_of(request), sitting_id)
    now = timezone.now()
    shown = console(run, now)
    if shown.is_over:
        return redirect("console:result", sitting_id)
    if not (shown.runs or shown.stands):
        return redirect("console:sitting", sitting_id)
    if request.method == "POST" and request.POST.get("confirm") == "yes":
        sittings.end(run.id, now)
        closing.close_if_due(run.id, now)
        return redirect("console:result", sitting_id)
    return render(request, "console/end.html", {"section": "mine", "console": shown})
