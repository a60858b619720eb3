"""Appeals: what waits, what was re-graded, and the answers."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy

from assay.server.accounts.views.signed import signed_in
from assay.server.appeals import services
from assay.server.appeals.models import Appeal, AppealKind, AppealState
from assay.server.language import active_language
from assay.server.staff.gate import allowed
from assay.server.staff.listing import page_of
from assay.server.staff.models import AuditEntry
from assay.server.staff.roles import Action, actions_of
from assay.server.staff.submission_story import sitting_story
from assay.server.staff.typed import attempt

_STATES = {  # words, and the colour of the badge
    AppealState.WAITING: (pgettext_lazy("state of an appeal", "waits"), "warn"),
    AppealState.GRANTED: (pgettext_lazy("state of an appeal", "granted"), "good"),
    AppealState.REFUSED: (pgettext_lazy("state of an appeal", "refused"), "bad"),
}


@allowed(Action.READ_APPEALS)
def queue(request: HttpRequest) -> HttpResponse:
    """Show the appeals that wait, the oldest first, and those that were answered."""
    related = "sitting__registration__candidate"
    answered = Appeal.objects.exclude(state=AppealState.WAITING).order_by("-answered_at", "id")
    page = page_of(request, answered.select_related(related))
    context = {
        "section": "staff",
        "waiting": [
            (each, services.is_scored(each)) for each in services.waiting().select_related(related)
        ],
        "page": page,
        "answered": [(each, *_STATES[AppealState(each.state)]) for each in page],
    }
    return render(request, "staff/appeals.html", context)


@allowed(Action.READ_APPEALS)
def appeal(request: HttpRequest, appeal_id: UUID) -> HttpResponse:
    """Show one appeal, the submissions that it is about, and what grading again has said."""
    rows = Appeal.objects.select_related("sitting__registration__candidate", "answered_by")
    row = get_object_or_404(rows, pk=appeal_id)
    story = sitting_story(row.sitting)
    state, tone = _STATES[AppealState(row.state)]
    waits = row.state == AppealState.WAITING
    may = actions_of(signed_in(request))
    annulment = AuditEntry.objects.filter(
        subject=f"registration {row.sitting.registration_id}",
        action__in=["registration.void", "registration.reinstate"],
    )
    about = [line for line in story.regrades if line.row.submission.task.slot in row.slots]
    context = {
        "section": "staff",
        "appeal": row,
        "state": state,
        "tone": tone,
        "sitting": row.sitting,
        "candidate": row.sitting.registration.candidate,
        "title": row.sitting.plan.title.in_language(active_language()),
        "about_marks": row.kind == AppealKind.MARKS,
        "annulment": annulment.select_related("by"),
        "may_read_registrations": Action.READ_REGISTRATIONS in may,
        "slots": [slot for slot in story.slots if slot.name in row.slots],
        "regrades": about,
        "proposals": [line for line in about if line.is_proposal],
        "is_scored": services.is_scored(row),
        "may_answer": waits and Action.ANSWER_APPEALS in may,
        "entries": AuditEntry.objects.filter(subject=f"appeal {row.pk}").select_related("by"),
    }
    return render(request, "staff/appeal.html", context)


@allowed(Action.ANSWER_APPEALS, method="POST")
def score(request: HttpRequest, appeal_id: UUID) -> HttpResponse:
    """Grade what an appeal is about once more."""
    by, now = signed_in(request), timezone.now()
    _check(appeal_id)
    done = gettext("The submissions are graded again. Look at the page again in a moment.")
    attempt(request, lambda: services.score(appeal_id, by=by, now=now), done)
    return redirect("staff:appeal", appeal_id)


@allowed(Action.ANSWER_APPEALS, method="POST")
def answer(request: HttpRequest, appeal_id: UUID) -> HttpResponse:
    """Grant an appeal or refuse it, with a reason."""
    by, now = signed_in(request), timezone.now()
    _check(appeal_id)

    def act() -> Appeal:
        return services.answer(
            appeal_id,
            granted=request.POST.get("decision") == "grant",
            reason=request.POST.get("reason", ""),
            by=by,
            now=now,
        )

    attempt(request, act, gettext("The appeal is answered; the candidate gets a mail."))
    return redirect("staff:appeal", appeal_id)


def _check(appeal_id: UUID) -> None:
    if not Appeal.objects.filter(pk=appeal_id).exists():
        raise Http404
