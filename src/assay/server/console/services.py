"""The pledge: what a candidate promises before the exam, and when they did."""

from __future__ import annotations

from datetime import datetime

from assay.server.exams.models import Registration


def pledge(registration: Registration, now: datetime) -> None:
    """Note that the candidate has promised to sit the exam honestly; the first time counts."""
    if registration.pledged_at is None:
        registration.pledged_at = now
        Registration.objects.filter(pk=registration.pk, pledged_at__isnull=True).update(
            pledged_at=now
        )
