"""Registrations: finding, making, extending, accommodating and annulling them."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext

from assay.errors import AssayError
from assay.messages import Language
from assay.server.accounts.views.signed import signed_in
from assay.server.enrolment.display import show_page
from assay.server.enrolment.services import registrar
from assay.server.enrolment.services.search import State, search, state_of, with_state
from assay.server.exams.display import title_of
from assay.server.language import LANGUAGES
from assay.server.staff.gate import allowed
from assay.server.staff.listing import page_of, search_in_address, searched_for
from assay.server.staff.roles import Action, actions_of
from assay.server.staff.story import story
from assay.server.staff.typed import attempt, day, number, whole
from assay.server.staff.words import TONES, exam_titles


@allowed(Action.READ_REGISTRATIONS)
def found(request: HttpRequest) -> HttpResponse:
    """Show the registrations that fit a search; without one, the newest."""
    wanted = searched_for(request, "person", "exam", "state")
    page = page_of(request, search(timezone.now(), **wanted))
    context = {
        "section": "staff",
        "wanted": wanted,
        "exams": exam_titles(),
        "states": State.choices,
        "page": page,
        "rows": [
            {
                "registration": row,
                "title": title_of(row.exam),
                "state": state_of(row).label,
                "tone": TONES.get(state_of(row), ""),
            }
            for row in page
        ],
        "query": search_in_address(request),
        "may_register": Action.REGISTER in actions_of(signed_in(request)),
    }
    return render(request, "staff/registrations.html", context)


@allowed(Action.READ_REGISTRATIONS)
def registration(request: HttpRequest, registration_id: UUID) -> HttpResponse:
    """Show one registration whole, and what can be done about it."""
    now = timezone.now()
    row = with_state(now).filter(pk=registration_id).first()
    if row is None:
        raise Http404
    may = actions_of(signed_in(request))
    changes = Action.REGISTER in may
    context = {
        "section": "staff",
        "registration": row,
        "title": title_of(row.exam),
        "state": state_of(row).label,
        "tone": TONES.get(state_of(row), ""),
        "story": story(row, now),
        "may_read_orders": Action.READ_ORDERS in may,
        "may_extend": changes and registrar.may_be_extended(row),
        "may_accommodate": changes and registrar.may_be_accommodated(row, now),
        "may_read_marks": Action.READ_SUBMISSIONS in may,
        "may_void": Action.VOID in may and row.voided_at is None,
        "factors": registrar.FACTORS,
        "pauses": registrar.PAUSES,
    }
    return render(request, "staff/registration.html", context)


@allowed(Action.REGISTER)
def new(request: HttpRequest) -> HttpResponse:
    """Show the form that registers somebody."""
    return _form(request, {"time_factor": "1", "pause_minutes": "0", "language": "en"})


@allowed(Action.REGISTER, method="POST")
def make(request: HttpRequest) -> HttpResponse:
    """Register somebody."""
    typed = request.POST
    try:
        made = registrar.make(
            typed.get("email", ""),
            typed.get("exam", ""),
            name=typed.get("name", ""),
            language=Language.closest(typed.get("language")),
            time_factor=number(typed.get("time_factor", ""), *registrar.FACTORS),
            pause_minutes=whole(typed.get("pause_minutes", ""), *registrar.PAUSES),
            cleared=typed.get("identity") != "required",
            reason=typed.get("reason", ""),
            by=signed_in(request),
            now=timezone.now(),
        )
    except AssayError as error:
        return _form(request, typed.dict(), error)
    messages.success(request, gettext("The registration is made; the person gets a mail."))
    return redirect("staff:registration", made.pk)


def _form(
    request: HttpRequest, typed: dict[str, str], error: AssayError | None = None
) -> HttpResponse:
    context = {
        "section": "staff",
        "typed": typed,
        "exams": exam_titles(),
        "languages": LANGUAGES,
        "factors": registrar.FACTORS,
        "pauses": registrar.PAUSES,
    }
    return show_page(request, "staff/new_registration.html", context, error)


@allowed(Action.REGISTER, method="POST")
def extend(request: HttpRequest, registration_id: UUID) -> HttpResponse:
    """Let a registration be good for longer."""

    def act() -> object:
        return registrar.extend(
            registration_id,
            day(request.POST.get("last_day", "")),
            by=signed_in(request),
            reason=request.POST.get("reason", ""),
            now=timezone.now(),
        )

    return _done(request, registration_id, act, gettext("The registration is extended."))


@allowed(Action.REGISTER, method="POST")
def accommodate(request: HttpRequest, registration_id: UUID) -> HttpResponse:
    """Set a registration's accommodations."""

    def act() -> object:
        return registrar.accommodate(
            registration_id,
            time_factor=number(request.POST.get("time_factor", ""), *registrar.FACTORS),
            pause_minutes=whole(request.POST.get("pause_minutes", ""), *registrar.PAUSES),
            by=signed_in(request),
            reason=request.POST.get("reason", ""),
            now=timezone.now(),
        )

    return _done(request, registration_id, act, gettext("The accommodations are set."))


@allowed(Action.VOID, method="POST")
def void(request: HttpRequest, registration_id: UUID) -> HttpResponse:
    """Annul a registration and its sitting."""

    def act() -> object:
        return registrar.void(
            registration_id,
            by=signed_in(request),
            reason=request.POST.get("reason", ""),
            now=timezone.now(),
        )

    if request.POST.get("sure") != "yes":
        messages.error(request, gettext("Tick the box: this cannot be taken back."))
        return redirect("staff:registration", registration_id)
    return _done(request, registration_id, act, gettext("The registration is void."))


def _done(
    request: HttpRequest, registration_id: UUID, act: Callable[[], object], said: str
) -> HttpResponse:
    if not with_state(timezone.now()).filter(pk=registration_id).exists():
        raise Http404
    attempt(request, act, said)
    return redirect("staff:registration", registration_id)
