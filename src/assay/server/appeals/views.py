"""The candidate's page of an appeal: filing it, and how it stands."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from assay.errors import AssayError, NotFound
from assay.server.accounts.views.signed import signed_in
from assay.server.appeals import services
from assay.server.credentials.display import language
from assay.server.enrolment.display import show_problem
from assay.server.exams.models import Sitting
from assay.server.exams.services.sittings import sitting_by_id
from assay.server.submissions.services.standing import standing


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def appeal(request: HttpRequest, sitting_id: UUID) -> HttpResponse:
    """Show how an appeal stands, or the form that files one; take one in."""
    candidate, now = signed_in(request), timezone.now()
    try:
        sitting = sitting_by_id(candidate, sitting_id)
    except NotFound as error:
        raise Http404 from error
    if services.term_of(sitting) is None:
        return redirect("console:sitting", sitting_id)
    if request.method != "POST":
        return _page(request, sitting)
    try:
        services.file(
            candidate,
            sitting_id,
            slots=request.POST.getlist("slot"),
            text=request.POST.get("text", ""),
            now=now,
        )
    except AssayError as error:
        return _page(request, sitting, error)
    messages.success(request, gettext("Your appeal has come in. You get a mail, too."))
    return redirect("appeals:appeal", sitting_id)


def _page(request: HttpRequest, sitting: Sitting, error: AssayError | None = None) -> HttpResponse:
    plan = sitting.plan
    best = {name: each.best or 0 for name, each in standing(sitting).slots.items()}
    chosen = request.POST.getlist("slot")
    stance = services.stance(sitting, timezone.now())
    about = set() if stance.appeal is None else set(stance.appeal.slots)
    slots = [
        {
            "name": slot.name,
            "title": slot.title.in_language(language()),
            "points": best[slot.name],
            "chosen": slot.name in chosen,
            "appealed": slot.name in about,
        }
        for slot in plan.slots
    ]
    problem = None if error is None else show_problem(error)
    context = {
        "section": "mine",
        "sitting": sitting,
        "title": plan.title.in_language(language()),
        "stance": stance,
        "slots": slots,
        "typed": request.POST.get("text", ""),
        "problem": problem,
        "most": services.MOST_CHARACTERS,
    }
    status = 200 if problem is None else problem.status
    answer = render(request, "appeals/appeal.html", context, status=status)
    add_never_cache_headers(answer)
    return answer
