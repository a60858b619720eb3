"""What changes while a page is open: long polls that answer with a part of the page."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from assay.server.console.access import candidate_of, own_sitting, task_in
from assay.server.console.display import Console, console
from assay.server.exams.announcing import sitting_key
from assay.server.exams.services import clock
from assay.server.waiting import MOST_SECONDS, wait_for_news
from assay.wire import Phase

_LIVE = {Phase.PREPARING, Phase.RUNNING, Phase.PAUSED}  # whose pages keep themselves up to date
_MOMENT = 0.2  # seconds after a change that time alone brings


@login_required
@require_safe
def sitting(request: HttpRequest, sitting_id: UUID) -> HttpResponse:
    """Answer with the console's live part, as soon as it is not what the page has seen."""
    return _answer(request, sitting_id, "console/_live.html", None)


@login_required
@require_safe
def task(request: HttpRequest, sitting_id: UUID, slot: str) -> HttpResponse:
    """Answer with a task page's live part, as soon as it is not what the page has seen."""
    return _answer(request, sitting_id, "console/_task_live.html", slot)


def _answer(
    request: HttpRequest, sitting_id: UUID, template: str, slot: str | None
) -> HttpResponse:
    run = own_sitting(candidate_of(request), sitting_id)
    if slot is not None:
        task_in(run, slot)
    now = timezone.now()
    clock.seen(run, now)
    shown = console(run, now)
    first = wait_for_news(
        request,
        sitting_key(sitting_id),
        shown,
        _is_news(request.GET.get("seen", "")),
        _patience(shown),
        ask_at_the_end=True,
    )
    phase = shown.shape.phase
    if phase not in _LIVE or (
        first.shape.phase is Phase.PREPARING and phase is not first.shape.phase
    ):
        return _go(reverse("console:sitting", args=[sitting_id]))
    context = {"console": shown, "slot": slot, "live": True} | _of_slot(shown, slot)
    return render(request, template, context)


def _of_slot(shown: Console, slot: str | None) -> dict[str, object]:
    if slot is None:
        return {}
    (task_shown,) = (each for each in shown.tasks if each.slot == slot)
    return {"task": task_shown, "history": shown.history[slot]}


def _is_news(seen: str) -> Callable[[Console, Console], bool]:
    return lambda _, newest: newest.state != seen


def _patience(shown: Console) -> float:
    change = shown.next_change
    return MOST_SECONDS if change is None else min(MOST_SECONDS, change + _MOMENT)


def _go(address: str) -> HttpResponse:
    """Send the whole page elsewhere; htmx reads the header."""
    return HttpResponse(status=200, headers={"HX-Redirect": address})
