"""Reminders of how long a registration is still good, each exactly once."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet

from assay.server.enrolment import letters
from assay.server.enrolment.models import OrderState, Reminder
from assay.server.exams.bank import bank
from assay.server.exams.models import Registration

DAYS = (1, 7, 30)  # before the end
_EXPIRED_AGO = timedelta(days=7)  # who was not told by then is not told any more


def send_due(now: datetime) -> int:
    """Send the reminders that are due at `now` and were not sent yet.

    A registration gets the one reminder that fits best: after a week without a running
    server nobody is told of 30 days when 6 are left.

    Returns:
        How many are on their way.
    """
    sent = 0
    below = timedelta()
    for days in DAYS:
        limit = timedelta(days=days)
        due = _unused().filter(
            valid_until__gt=now + below,
            valid_until__lte=now + limit,
            # Who registers for a week, or was registered a moment ago, needs no reminder of it.
            created_at__lte=F("valid_until") - limit,
        )
        sent += sum(_send(registration, days, now) for registration in due)
        below = limit
    over = _unused().filter(valid_until__lte=now, valid_until__gt=now - _EXPIRED_AGO)
    return sent + sum(_send(registration, 0, now) for registration in over)


def _unused() -> QuerySet[Registration]:
    """Return the registrations whose clock was never started, of exams with a certificate."""
    certifying = [name for name, plan in bank().blueprints.items() if plan.spec.certificate]
    return (
        Registration.objects.filter(exam__in=certifying, voided_at__isnull=True)
        .exclude(sitting__started_at__isnull=False)
        .exclude(sitting__voided_at__isnull=False)
        .exclude(order__state=OrderState.REFUNDED)
    )


@transaction.atomic
def _send(registration: Registration, days: int, now: datetime) -> bool:
    _, is_new = Reminder.objects.get_or_create(
        registration=registration, days=days, defaults={"sent_at": now}
    )
    if is_new:
        letters.post("expired" if days == 0 else "reminder", registration.pk)
    return is_new
