"""Annulling a registration and the sitting that it was used for, and lifting that again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from assay.server.accounts.models import User
from assay.server.exams.announcing import announce, sitting_key
from assay.server.exams.errors import RegistrationVoid
from assay.server.exams.models import ClockStop, Registration, Sitting
from assay.server.exams.phases import phase
from assay.server.exams.services.clock import TICKING
from assay.server.exams.services.registrations import locked_registration
from assay.wire import StopKind

Consequence = Callable[[Sitting, datetime], None]

_consequences: list[Consequence] = []


def consequence(function: Consequence) -> Consequence:
    """Register what else happens when a sitting is annulled, in the same transaction.

    For apps that depend on this one and keep what follows from a sitting, such as its
    certificate.
    """
    if function not in _consequences:
        _consequences.append(function)
    return function


@transaction.atomic
def void(registration_id: UUID, *, reason: str, now: datetime) -> Registration:
    """Annul a registration for good; what was reached in its sitting counts for nothing.

    No sitting can be opened or started with it. One that runs is over; its result, if it
    has one, counts neither as passed nor as failed, so no retake wait follows from it.

    Args:
        registration_id: The registration.
        reason: What the candidate reads.
        now: The current time.

    Raises:
        RegistrationVoid: It was annulled before.
    """
    registration = locked_registration(registration_id)
    if registration.voided_at is not None:
        raise RegistrationVoid(reason=registration.void_reason)
    registration.voided_at, registration.void_reason = now, reason
    registration.save(update_fields=["voided_at", "void_reason"])
    sitting = Sitting.objects.select_for_update().filter(registration=registration).first()
    if sitting is not None:
        sitting.voided_at = now
        sitting.save(update_fields=["voided_at"])
        announce(sitting_key(sitting.id))
        for follow in _consequences:
            follow(sitting, now)
    return registration


@transaction.atomic
def reinstate(registration_id: UUID, *, by: User) -> Registration:
    """Lift an annulment: what was reached in the sitting counts again.

    A clock that ran when the sitting was annulled stands from then on, until staff let it
    go on: nobody is thrown into a running exam. How long a registration is good is not
    changed; whether its certificate is good again is up to who issued it.

    Args:
        registration_id: The registration; nothing happens if it is not annulled.
        by: The member of staff.
    """
    registration = locked_registration(registration_id)
    voided_at = registration.voided_at
    if voided_at is None:
        return registration
    registration.voided_at, registration.void_reason = None, ""
    registration.save(update_fields=["voided_at", "void_reason"])
    sitting = Sitting.objects.select_for_update().filter(registration=registration).first()
    if sitting is not None:
        sitting.voided_at = None
        sitting.save(update_fields=["voided_at"])
        kind = StopKind.STAFF.value
        ran = phase(replace(sitting.times, voided_at=None), voided_at) in TICKING
        if ran and not sitting.stops.filter(kind=kind, ended_at__isnull=True).exists():
            ClockStop.objects.create(sitting=sitting, kind=kind, began_at=voided_at, by=by)
        announce(sitting_key(sitting.id))
    return registration
