"""What staff tell everybody who sits an exam, while they sit it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from assay.server.accounts.models import User
from assay.server.exams.announcing import announce, sitting_key
from assay.server.exams.bank import blueprint
from assay.server.exams.errors import UnusableAnnouncement
from assay.server.exams.models import Announcement
from assay.server.exams.services.clock import ticking

MOST = 2000  # characters in one language
HOURS = (1, 72)  # for which one is shown
_INSTANT = timedelta(microseconds=1)


@transaction.atomic
def write(
    *, text_en: str, text_zh: str, hours: int, by: User, now: datetime, exam: str = ""
) -> Announcement:
    """Show a text to all who sit an exam now or start while it is shown.

    Open pages show it at once, others when they are opened next.

    Args:
        text_en: In English.
        text_zh: In Chinese.
        hours: How long it is shown, unless it is withdrawn before.
        by: The member of staff.
        now: The current time.
        exam: A blueprint of the bank; empty: all exams.

    Raises:
        UnusableAnnouncement: A text is empty or too long.
        UnknownExam: The bank has no such blueprint.
    """
    texts = text_en.strip(), text_zh.strip()
    if not all(0 < len(text) <= MOST for text in texts):
        raise UnusableAnnouncement(most=MOST)
    if exam:
        blueprint(exam)
    written = Announcement.objects.create(
        text_en=texts[0],
        text_zh=texts[1],
        exam=exam,
        from_at=now,
        until_at=now + timedelta(hours=hours),
        by=by,
    )
    _tell(written, now)
    return written


@transaction.atomic
def withdraw(announcement_id: int, now: datetime) -> bool:
    """Show an announcement no more.

    Returns:
        False if it was not shown any more, or there is none.
    """
    found = (
        Announcement.objects.select_for_update()
        .filter(pk=announcement_id)
        .exclude(until_at__lte=now)
        .first()
    )
    if found is None:
        return False
    found.until_at = max(now, found.from_at + _INSTANT)
    found.save(update_fields=["until_at"])
    _tell(found, now)
    return True


def shown(now: datetime) -> QuerySet[Announcement]:
    """Return what is shown at `now`, the newest first."""
    return _all().exclude(until_at__lte=now)


def past(now: datetime) -> QuerySet[Announcement]:
    """Return what was shown before `now`, the newest first."""
    return _all().filter(Q(until_at__lte=now))


def readers(exam: str, now: datetime) -> int:
    """Return how many sit `exam`, or any exam if it is empty, at `now`."""
    return sum(not exam or each.registration.exam == exam for each in ticking(now))


def _all() -> QuerySet[Announcement]:
    return Announcement.objects.select_related("by").order_by("-from_at", "-pk")


def _tell(announcement: Announcement, now: datetime) -> None:
    """Wake the pages of those who sit."""
    concerned = [
        sitting_key(sitting.pk)
        for sitting in ticking(now)
        if announcement.exam in {"", sitting.registration.exam}
    ]
    announce(*concerned)
