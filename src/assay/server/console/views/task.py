"""A task: its description, its bundle, and the way for a model file to come in."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from assay.errors import AssayError, Refusal
from assay.messages import Language
from assay.server.api.problems import problem, status_of
from assay.server.console.access import (
    candidate_of,
    own_sitting,
    own_submission,
    task_in,
)
from assay.server.console.descriptions import description, plain_bundle
from assay.server.console.display import console
from assay.server.exams.services import clock
from assay.server.language import active_language
from assay.server.submissions.errors import NothingUploaded
from assay.server.submissions.services import grading, receiving
from assay.server.submissions.uploads import ERROR_KEY, SCOPE_KEY, ReceivedUpload


@login_required
@require_safe
def task(request: HttpRequest, sitting_id: UUID, slot: str) -> HttpResponse:
    """Show a task once the clock was started."""
    run = own_sitting(candidate_of(request), sitting_id)
    drawn = task_in(run, slot)
    now = timezone.now()
    shown = console(run, now)
    if not (shown.runs or shown.stands):
        return redirect("console:sitting", sitting_id)
    clock.seen(run, now)
    spec = drawn.item_yaml
    wanted = request.GET.get("text", "")
    language = Language(wanted) if wanted in set(Language) else active_language()
    (task_shown,) = (each for each in shown.tasks if each.slot == slot)
    context = {
        "section": "mine",
        "console": shown,
        "task": task_shown,
        "slot": slot,
        "history": shown.history[slot],
        "description": description(drawn, language),
        "text_language": language.value,
        "bundle_size": drawn.bundle_size,
        "limits": spec.limits,
        "now": now,
    }
    return render(request, "console/task.html", context)


@login_required
@require_safe
def bundle(request: HttpRequest, sitting_id: UUID, slot: str) -> HttpResponse:
    """Hand out a task's files, once the clock was started."""
    run = own_sitting(candidate_of(request), sitting_id)
    drawn = task_in(run, slot)
    if run.started_at is None or run.voided_at is not None:
        return redirect("console:sitting", sitting_id)
    response = HttpResponse(plain_bundle(drawn), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{slot}.zip"'
    response["Cache-Control"] = "no-store"
    return response


@login_required
@require_POST
def upload(request: HttpRequest, sitting_id: UUID, slot: str) -> HttpResponse:
    """Take in a model file that the upload gate has received."""
    run = own_sitting(candidate_of(request), sitting_id)
    task_in(run, slot)
    scope = getattr(request, "scope", {})
    received = scope.get(SCOPE_KEY)
    try:
        if ERROR_KEY in scope:
            raise scope[ERROR_KEY]
        if not isinstance(received, ReceivedUpload) or received.size == 0:
            raise NothingUploaded
        submission = receiving.receive(run.id, slot, received, timezone.now())
    except AssayError as error:
        return _refused(request, sitting_id, slot, error)
    if _by_script(request):
        return JsonResponse({"number": submission.number}, status=201)
    messages.success(
        request,
        _("%(file)s has arrived: submission %(number)s.")
        % {"file": submission.file_name, "number": submission.number},
    )
    return redirect("console:task", sitting_id, slot)


def _refused(request: HttpRequest, sitting_id: UUID, slot: str, error: AssayError) -> HttpResponse:
    if _by_script(request):
        body = problem(error, active_language()).model_dump()
        return JsonResponse(body, status=status_of(error))
    rendered = error.render(active_language())
    # What else can be wrong is explained on the page; its remedies are for the command line.
    remedy = f" {rendered.remedy}" if isinstance(error, Refusal) else ""
    if isinstance(error, NothingUploaded):
        messages.error(request, _("Choose a model file first."))
    else:
        messages.error(request, rendered.message + remedy)
    return redirect("console:task", sitting_id, slot)


def _by_script(request: HttpRequest) -> bool:
    return request.headers.get("X-Requested-With") == "XMLHttpRequest"


@login_required
@require_POST
def cancel(request: HttpRequest, sitting_id: UUID, slot: str, submission_id: UUID) -> HttpResponse:
    """Cancel a submission that is not graded yet."""
    candidate = candidate_of(request)
    run = own_sitting(candidate, sitting_id)
    found = own_submission(candidate, run, slot, submission_id)
    cancelled = grading.cancel(found.id, timezone.now())
    if cancelled.points is not None:
        messages.info(request, _("It was graded before it could be cancelled."))
    return redirect(reverse("console:task", args=[sitting_id, slot]))
