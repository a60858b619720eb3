"""The candidate's page of an appeal: filing it, and how it stands."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from assay.errors import AssayError, NotFound
from assay.server.accounts.views.signed import signed_in
from assay.server.appeals import services
from assay.server.appeals.models import AppealKind
from assay.server.enrolment.display import show_page
from assay.server.exams.models import Sitting
from assay.server.exams.services.sittings import sitting_by_id
from assay.server.language import active_language
from assay.server.submissions.services.standing import standing


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Say what can be appealed against, how, and what happens then."""
    return render(request, "appeals/about.html", {"days": settings.APPEAL_DAYS})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def appeal(request: HttpRequest, sitting_id: UUID) -> HttpResponse:
    """Show how an appeal stands, or the form that files one; take one in."""
    candidate, now = signed_in(request), timezone.now()
    try:
        sitting = sitting_by_id(candidate, sitting_id)
    except NotFound as error:
        raise Http404 from error
    stance = services.stance(sitting, now)
    if stance.until is None and not stance.others:
        return redirect("console:sitting", sitting_id)
    if request.method != "POST":
        return _page(request, sitting, stance)
    try:
        services.file(
            candidate,
            sitting_id,
            slots=request.POST.getlist("slot"),
            text=request.POST.get("text", ""),
            now=now,
        )
    except AssayError as error:
        # Looked up once more: somebody may have filed in the meantime, from another window.
        return _page(request, sitting, services.stance(sitting, now), error)
    messages.success(request, gettext("Your appeal has come in. You get a mail, too."))
    return redirect("appeals:appeal", sitting_id)


def _page(
    request: HttpRequest,
    sitting: Sitting,
    stance: services.Stance,
    error: AssayError | None = None,
) -> HttpResponse:
    plan = sitting.plan
    best = {name: each.best or 0 for name, each in standing(sitting).slots.items()}
    chosen = request.POST.getlist("slot")
    titles = {slot.name: slot.title.in_language(active_language()) for slot in plan.slots}
    slots = [
        {"name": name, "title": title, "points": best[name], "chosen": name in chosen}
        for name, title in titles.items()
    ]
    filed = [stance.appeal, *stance.others] if stance.appeal else stance.others
    context = {
        "section": "mine",
        "sitting": sitting,
        "title": plan.title.in_language(active_language()),
        "stance": stance,
        "filed": [(each, [(name, titles[name]) for name in each.slots]) for each in filed],
        "about_marks": stance.kind is AppealKind.MARKS,
        "days": settings.APPEAL_DAYS,
        "slots": slots,
        "typed": request.POST.get("text", ""),
        "most": services.MOST_CHARACTERS,
    }
    answer = show_page(request, "appeals/appeal.html", context, error)
    add_never_cache_headers(answer)
    return answer
