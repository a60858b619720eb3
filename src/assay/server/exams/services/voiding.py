"""Annulling a registration, and the sitting that it was used for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from assay.server.exams.announcing import announce, sitting_key
from assay.server.exams.errors import RegistrationVoid
from assay.server.exams.models import Registration, Sitting
from assay.server.exams.services.registrations import locked_registration

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
