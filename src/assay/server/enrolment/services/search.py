"""Finding registrations and orders: by person, exam and state."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, TypedDict
from uuid import UUID

from django.db import models
from django.db.models import Case, Q, QuerySet, Value, When
from django.utils.translation import pgettext_lazy

from assay.server.enrolment.models import Order, OrderState
from assay.server.exams.models import Registration

if TYPE_CHECKING:  # of the stubs, which are not there at run time
    from django_stubs_ext import WithAnnotations


class State(models.TextChoices):
    """What has become of a registration, for staff."""

    READY = "ready", pgettext_lazy("state of a registration", "can be started")
    IDENTITY = "identity", pgettext_lazy("state of a registration", "waits for identity check")
    UNDER_WAY = "under-way", pgettext_lazy("state of a registration", "exam under way")
    PASSED = "passed", pgettext_lazy("state of a registration", "passed")
    FAILED = "failed", pgettext_lazy("state of a registration", "not passed")
    EXPIRED = "expired", pgettext_lazy("state of a registration", "expired unused")
    REFUNDED = "refunded", pgettext_lazy("state of a registration", "paid back")
    VOID = "void", pgettext_lazy("state of a registration", "void")


class Stated(TypedDict):
    """What `with_state` adds to a registration."""

    state: str  # of `State`


def with_state(now: datetime) -> QuerySet[WithAnnotations[Registration, Stated]]:
    """Return all registrations, each with its `state` at `now`, the newest first.

    A sitting whose clock has run out is under way until its result is final.
    """
    state = Case(
        When(voided_at__isnull=False, then=Value(State.VOID.value)),
        When(order__state=OrderState.REFUNDED, then=Value(State.REFUNDED.value)),
        When(sitting__passed=True, then=Value(State.PASSED.value)),
        When(sitting__passed=False, then=Value(State.FAILED.value)),
        When(sitting__started_at__isnull=False, then=Value(State.UNDER_WAY.value)),
        When(valid_until__lte=now, then=Value(State.EXPIRED.value)),
        When(cleared_at__isnull=True, then=Value(State.IDENTITY.value)),
        default=Value(State.READY.value),
        output_field=models.CharField(),
    )
    return (
        Registration.objects.select_related("candidate", "sitting")
        .annotate(state=state)
        .order_by("-created_at", "id")
    )


def state_of(registration: WithAnnotations[Registration, Stated]) -> State:
    """Return the state of a registration that `with_state` has found."""
    return State(registration.state)


def search(
    now: datetime, *, person: str = "", exam: str = "", state: str = ""
) -> QuerySet[WithAnnotations[Registration, Stated]]:
    """Return the registrations that fit, the newest first.

    Args:
        now: The current time.
        person: Words that all occur in the name or the address, or a registration's id;
            empty: anybody.
        exam: A blueprint's name; empty: any.
        state: Of `State`; empty: any.
    """
    found = with_state(now)
    number = _uuid(person)
    found = found.filter(_of_person(person) if number is None else Q(pk=number))
    if exam:
        found = found.filter(exam=exam)
    if state:
        found = found.filter(state=state)
    return found


def search_orders(*, wanted: str = "", state: str = "") -> QuerySet[Order]:
    """Return the orders that fit, the newest first.

    Args:
        wanted: Words that all occur in the candidate's name or address, or an order's
            number or id; empty: all.
        state: Of `OrderState`; empty: any.
    """
    found = Order.objects.select_related("candidate", "voucher__batch").order_by(
        "-created_at", "id"
    )
    number = _uuid(wanted)
    if number is not None:
        found = found.filter(pk=number)
    elif re.fullmatch(r"[0-9A-Fa-f]{8}", wanted.strip()):
        found = found.filter(_of_person(wanted) | _numbered(wanted.strip()))
    else:
        found = found.filter(_of_person(wanted))
    return found.filter(state=state) if state else found


def _of_person(words: str) -> Q:
    fits = Q()
    for word in words.replace("\0", "").split():
        fits &= Q(candidate__email__icontains=word) | Q(candidate__name__icontains=word)
    return fits


def _numbered(number: str) -> Q:
    """Return what fits the orders with a number, which is how their ids begin."""
    rest = len(UUID(int=0).hex) - len(number)
    return Q(pk__gte=UUID(number + "0" * rest), pk__lte=UUID(number + "f" * rest))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None
