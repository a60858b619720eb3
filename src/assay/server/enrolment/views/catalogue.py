"""The catalogue of exams, and registering for one."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from assay.errors import AssayError
from assay.server.accounts import limits
from assay.server.accounts.models import User
from assay.server.enrolment import checkout, display
from assay.server.enrolment.errors import AlreadyRegistered
from assay.server.enrolment.services import catalogue, orders
from assay.server.enrolment.services.catalogue import Availability
from assay.server.exams.errors import UnknownExam

VOUCHERS = limits.Limit(most=20, seconds=600)  # codes that one person types in


def signed_in(request: HttpRequest) -> User:
    """Return who is signed in; for views that ask for it."""
    assert isinstance(request.user, User)
    return request.user


def _availability(request: HttpRequest, exam: str) -> Availability | None:
    """Return what stands between the reader and a registration; None for a stranger."""
    if not request.user.is_authenticated:
        return None
    return catalogue.availability(signed_in(request), exam, timezone.now())


@require_safe
def exams(request: HttpRequest) -> HttpResponse:
    """Show the exams of the bank."""
    offers = [(display.show_exam(name), _availability(request, name)) for name in catalogue.exams()]
    return render(request, "enrolment/exams.html", {"offers": offers, "section": "exams"})


@require_safe
def exam(request: HttpRequest, exam: str) -> HttpResponse:
    """Show one exam and what stands between the reader and a registration."""
    try:
        context = {"exam": display.show_exam(exam), "standing": _availability(request, exam)}
    except UnknownExam:
        raise Http404 from None
    return render(request, "enrolment/exam.html", {**context, "section": "exams"})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest, exam: str) -> HttpResponse:
    """Ask for a voucher if there is a fee, and place the order."""
    candidate = signed_in(request)
    try:
        standing = catalogue.availability(candidate, exam, timezone.now())
    except UnknownExam:
        raise Http404 from None
    if standing.order is not None:
        return redirect("enrolment:order", standing.order.pk)
    problem: AssayError | None = None
    typed = request.POST.get("voucher", "")
    if request.method == "POST":
        try:
            if typed.strip():
                limits.spend("voucher", str(candidate.pk), VOUCHERS, timezone.now())
            order = orders.place(candidate, exam, timezone.now(), voucher=typed)
        except AlreadyRegistered:  # a second click
            return redirect("enrolment:mine")
        except AssayError as error:
            problem = error
        else:
            return redirect("enrolment:order", order.pk)
    elif not standing.can_register:
        return redirect("enrolment:exam", exam)
    context = {
        "exam": display.show_exam(exam),
        "typed": typed,
        "can_pay": checkout.is_set_up(),
        "section": "exams",
    }
    return display.show_page(request, "enrolment/register.html", context, problem)
