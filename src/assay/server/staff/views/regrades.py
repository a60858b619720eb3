"""Grading again: asking for it, and deciding on what came out."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from assay.errors import AssayError
from assay.server.accounts.views.signed import signed_in
from assay.server.exams.models import DrawnTask, Sitting
from assay.server.staff.audit import record
from assay.server.staff.gate import allowed
from assay.server.staff.roles import Action, actions_of
from assay.server.staff.submission_story import regrade_lines
from assay.server.staff.typed import attempt, tell
from assay.server.submissions.models import Regrade, RegradeState, Submission
from assay.server.submissions.services import closing, regrading

_LATEST = 50  # re-grades without anything to decide


@allowed(Action.READ_SUBMISSIONS)
def regrades(request: HttpRequest) -> HttpResponse:
    """Show the re-grades: what has to be decided, what runs, what came out lately."""
    others = Regrade.objects.exclude(state=RegradeState.CHANGED).order_by("-asked_at", "id")
    context = {
        "section": "staff",
        "proposals": regrade_lines(regrading.proposals()),
        "others": regrade_lines(others[:_LATEST]),
        "items": DrawnTask.objects.order_by("item").values_list("item", flat=True).distinct(),
        "may_regrade": Action.REGRADE in actions_of(signed_in(request)),
    }
    return render(request, "staff/regrades.html", context)


@allowed(Action.REGRADE, method="POST")
def regrade_submission(request: HttpRequest, submission_id: UUID) -> HttpResponse:
    """Grade one submission again; one that failed by our fault goes back into the queue."""
    row = get_object_or_404(Submission, pk=submission_id)
    by, now = signed_in(request), timezone.now()
    subject = f"submission {row.id}"

    def act() -> None:
        with transaction.atomic():
            if request.POST.get("act") == "give-up":
                closing.write_off(row.id, now)
                record("submission.give-up", by=by, subject=subject, now=now)
            elif request.POST.get("act") == "requeue":
                closing.regrade(row.id, now)
                record("submission.requeue", by=by, subject=subject, now=now)
            else:
                regrading.ask(row.id, by=by, now=now)
                record("submission.regrade", by=by, subject=subject, now=now)

    attempt(request, act, gettext("Done. Look at the page again in a moment."))
    return redirect("staff:submission", row.id)


@allowed(Action.REGRADE, method="POST")
def regrade_slot(request: HttpRequest, sitting_id: UUID) -> HttpResponse:
    """Grade all submissions of a slot again."""
    run = get_object_or_404(Sitting, pk=sitting_id)
    slot = request.POST.get("slot", "")
    if not run.tasks.filter(slot=slot).exists():
        raise Http404
    _ask_all(request, f"sitting {run.id}", slot, sitting_id=run.id, slots=[slot])
    return redirect("staff:sitting", run.id)


@allowed(Action.REGRADE, method="POST")
def regrade_item(request: HttpRequest) -> HttpResponse:
    """Grade all submissions of an item again."""
    item = request.POST.get("item", "")
    if not DrawnTask.objects.filter(item=item).exists():
        raise Http404
    _ask_all(request, f"item {item}", "", item=item)
    return redirect("staff:regrades")


def _ask_all(request: HttpRequest, subject: str, slot: str, **wanted: object) -> None:
    by, now = signed_in(request), timezone.now()
    with transaction.atomic():
        asked = regrading.ask_all(by=by, now=now, **wanted)  # type: ignore[arg-type]
        more = {"slot": slot} if slot else {}
        record("regrade.all", by=by, subject=subject, now=now, count=len(asked), **more)
    told = ngettext(
        "%(count)s submission is graded again.",
        "%(count)s submissions are graded again.",
        len(asked),
    )
    messages.success(request, told % {"count": len(asked)})


@allowed(Action.REGRADE, method="POST")
def decide(request: HttpRequest, sitting_id: UUID) -> HttpResponse:
    """Apply proposals of a sitting, or set them aside."""
    run = get_object_or_404(Sitting, pk=sitting_id)
    by, now = signed_in(request), timezone.now()
    reason = request.POST.get("reason", "")
    applies = request.POST.get("decision") == "apply"
    service: Callable[..., object] = regrading.apply if applies else regrading.set_aside
    try:
        chosen = [UUID(each) for each in request.POST.getlist("regrade")]
    except ValueError as error:
        raise Http404 from error
    try:
        with transaction.atomic():
            service(run.id, chosen, by=by, reason=reason, now=now)
            for each in Regrade.objects.filter(id__in=chosen).select_related("submission"):
                record(
                    "regrade.apply" if applies else "regrade.set-aside",
                    by=by,
                    subject=f"submission {each.submission_id}",
                    now=now,
                    reason=reason.strip(),
                    before=_mark(each.points_before),
                    after=_mark(each.points),
                )
    except AssayError as error:
        tell(request, error)
    else:
        done = (
            gettext("The corrected marks are applied; the candidate gets a mail.")
            if applies
            else gettext("The marks stay as they are.")
        )
        messages.success(request, done)
    return redirect("staff:sitting", run.id)


def _mark(points: int | None) -> str:
    return "refused" if points is None else str(points)
