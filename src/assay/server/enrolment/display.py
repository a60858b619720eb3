"""Exams, orders and registrations in the words of their reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, ngettext

from assay.errors import AssayError, Conflict, PlatformFault
from assay.items.blueprint import BlueprintYaml, WaitYaml
from assay.server.accounts.limits import TooManyRequests
from assay.server.enrolment.money import Money
from assay.server.exams.bank import blueprint
from assay.server.exams.display import ShownSlot, shown_slots
from assay.server.language import active_language

_STATUS = (
    (TooManyRequests, HTTPStatus.TOO_MANY_REQUESTS),
    (PlatformFault, HTTPStatus.SERVICE_UNAVAILABLE),
    (Conflict, HTTPStatus.CONFLICT),
    (AssayError, HTTPStatus.UNPROCESSABLE_ENTITY),
)


def show_page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, object],
    error: AssayError | None = None,
) -> HttpResponse:
    """Return a page; with an error, what it says stands there as `problem`.

    Args:
        request: What is answered.
        template: Of the page.
        context: What else the page shows, such as what was typed.
        error: What kept the request from being fulfilled; decides on the status.
    """
    problem, status = None, HTTPStatus.OK
    if error is not None:
        status = next(status for kind, status in _STATUS if isinstance(error, kind))
        problem = error.render(active_language())
    return render(request, template, {**context, "problem": problem}, status=status)


@dataclass(frozen=True, kw_only=True)
class ShownWait:
    """How long somebody waits who has failed."""

    failures: str  # "1", "2", "3 and more"
    wait: str


@dataclass(frozen=True, kw_only=True)
class ShownExam:
    """An exam as its page in the catalogue shows it."""

    name: str
    title: str
    slots: tuple[ShownSlot, ...]
    duration: str
    pass_mark: str
    fee: Money
    valid: str
    waits: tuple[ShownWait, ...]
    identity: bool  # a document is compared with a photo
    certificate: bool
    certificate_valid: str


def show_exam(name: str) -> ShownExam:
    """Return an exam in the language of the page.

    Raises:
        UnknownExam: The bank has no such blueprint.
    """
    plan = blueprint(name)
    return ShownExam(
        name=name,
        title=plan.title.in_language(active_language()),
        slots=shown_slots(plan),
        duration=duration(plan),
        pass_mark=f"{plan.pass_mark:g}",
        fee=Money(amount=plan.fee.amount, currency=plan.fee.currency),
        valid=_days(plan.registration_valid_days),
        waits=_waits(plan.retake_waits),
        identity=plan.identity == "required",
        certificate=plan.certificate,
        certificate_valid=_months(plan.certificate_valid_months),
    )


def duration(plan: BlueprintYaml) -> str:
    """Return an exam's duration in words."""
    minutes = plan.duration_minutes
    if minutes % 60 == 0:
        return _hours(round(minutes / 60))
    whole = round(minutes)
    return ngettext("%(n)s minute", "%(n)s minutes", whole) % {"n": whole}


def _hours(n: int) -> str:
    return ngettext("%(n)s hour", "%(n)s hours", n) % {"n": n}


def _days(n: int) -> str:
    return ngettext("%(n)s day", "%(n)s days", n) % {"n": n}


def _months(n: int) -> str:
    return ngettext("%(n)s month", "%(n)s months", n) % {"n": n}


def _years(n: int) -> str:
    return ngettext("%(n)s year", "%(n)s years", n) % {"n": n}


def _wait(wait: WaitYaml) -> str:
    parts = [
        words(number)
        for number, words in ((wait.years, _years), (wait.months, _months), (wait.days, _days))
        if number
    ]
    return " + ".join(parts) or gettext("no wait")


def _waits(waits: Sequence[WaitYaml]) -> tuple[ShownWait, ...]:
    return tuple(
        ShownWait(
            failures=gettext("%(n)s and more") % {"n": place}
            if place == len(waits)
            else str(place),
            wait=_wait(wait),
        )
        for place, wait in enumerate(waits, start=1)
    )
