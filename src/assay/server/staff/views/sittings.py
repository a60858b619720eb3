"""Sittings that run: watching them, and their clocks."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from assay.errors import AssayError
from assay.server.accounts.views.signed import signed_in
from assay.server.exams.display import title_of
from assay.server.exams.models import Pulse, Sitting
from assay.server.exams.phases import phase
from assay.server.exams.services import clock
from assay.server.language import active_language
from assay.server.staff.audit import record
from assay.server.staff.gate import allowed
from assay.server.staff.latency import load
from assay.server.staff.roles import Action, actions_of
from assay.server.submissions.services.standing import standing

_MOST_MINUTES = 240  # added at once


@allowed(Action.WATCH_SITTINGS)
def live(request: HttpRequest) -> HttpResponse:
    """Show the sittings whose clocks were started and have not run out."""
    now = timezone.now()
    rows = []
    for sitting in clock.ticking(now):
        left = sitting.times.remaining(now)
        rows.append(
            {
                "sitting": sitting,
                "candidate": sitting.registration.candidate,
                "title": title_of(sitting.registration.exam),
                "phase": phase(sitting.times, now).value,
                "minutes_left": 0 if left is None else int(left.total_seconds() // 60),
                "standing": standing(sitting),
            }
        )
    may = actions_of(signed_in(request))
    context = {
        "section": "staff",
        "rows": rows,
        "load": load(now),
        "pulses": Pulse.objects.order_by("part"),
        "may_rule": Action.RULE_CLOCK in may,
        "may_read_marks": Action.READ_SUBMISSIONS in may,
        "most_minutes": _MOST_MINUTES,
    }
    return render(request, "staff/live.html", context)


@allowed(Action.RULE_CLOCK, method="POST")
def stop(request: HttpRequest) -> HttpResponse:
    """Stop the clock of one sitting, or of all."""
    now, by = timezone.now(), signed_in(request)
    note = request.POST.get("note", "").strip()
    if not note:
        messages.error(request, gettext("Say why; the candidates read it."))
        return redirect("staff:live")
    with transaction.atomic():
        stopped = clock.stop_clock(_chosen(request), by, now, note)
        for sitting in stopped:
            record("clock.stop", by=by, subject=f"sitting {sitting.id}", now=now, note=note)
    count = len(stopped)
    told = ngettext("%(count)s clock is stopped.", "%(count)s clocks are stopped.", count)
    messages.success(request, told % {"count": count})
    return redirect("staff:live")


@allowed(Action.RULE_CLOCK, method="POST")
def resume(request: HttpRequest) -> HttpResponse:
    """Let the clock of one sitting, or of all, go on."""
    now, by = timezone.now(), signed_in(request)
    with transaction.atomic():
        resumed = clock.resume_clock(_chosen(request), now)
        for sitting in resumed:
            record("clock.resume", by=by, subject=f"sitting {sitting.id}", now=now)
    count = len(resumed)
    told = ngettext("%(count)s clock goes on.", "%(count)s clocks go on.", count)
    messages.success(request, told % {"count": count})
    return redirect("staff:live")


@allowed(Action.RULE_CLOCK, method="POST")
def add_time(request: HttpRequest, sitting_id: UUID) -> HttpResponse:
    """Give one sitting more time."""
    now, by = timezone.now(), signed_in(request)
    typed = request.POST.get("minutes", "")
    minutes = int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= len("240") else 0
    if not 1 <= minutes <= _MOST_MINUTES:
        told = gettext("Give whole minutes from 1 to %(most)s.")
        messages.error(request, told % {"most": _MOST_MINUTES})
        return redirect("staff:live")
    try:
        with transaction.atomic():
            clock.add_time(sitting_id, minutes * 60, now)
            record("clock.add", by=by, subject=f"sitting {sitting_id}", now=now, minutes=minutes)
    except Sitting.DoesNotExist as error:
        raise Http404 from error
    except AssayError as error:
        rendered = error.render(active_language())
        messages.error(request, f"{rendered.message} {rendered.remedy}")
    else:
        messages.success(request, gettext("The time is added."))
    return redirect("staff:live")


def _chosen(request: HttpRequest) -> list[Sitting]:
    """Return the sitting that a form names, or all that tick."""
    ticking = clock.ticking(timezone.now())
    wanted = request.POST.get("sitting", "")
    if wanted == "all":
        return ticking
    chosen = [sitting for sitting in ticking if str(sitting.id) == wanted]
    if not chosen:
        raise Http404
    return chosen
