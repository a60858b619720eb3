"""Announcements to those who sit an exam."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from assay.errors import AssayError
from assay.server.accounts.views.signed import signed_in
from assay.server.enrolment.display import show_page
from assay.server.exams.display import title_of
from assay.server.exams.models import Announcement
from assay.server.exams.services import announcements
from assay.server.staff.audit import record
from assay.server.staff.gate import allowed
from assay.server.staff.listing import page_of
from assay.server.staff.roles import Action, actions_of
from assay.server.staff.typed import whole
from assay.server.staff.words import exam_titles

_HOURS = 6  # as long as an exam with some rest


@allowed(Action.READ_ANNOUNCEMENTS)
def listed(request: HttpRequest) -> HttpResponse:
    """Show what is announced, what was, and the form for another one."""
    return _page(request, {"hours": str(_HOURS)})


def _page(
    request: HttpRequest, typed: dict[str, str], error: AssayError | None = None
) -> HttpResponse:
    now = timezone.now()
    page = page_of(request, announcements.past(now))
    context = {
        "section": "staff",
        "shown": [_row(each) for each in announcements.shown(now)],
        "page": page,
        "past": [_row(each) for each in page.object_list],
        "typed": typed,
        "exams": exam_titles(),
        "most": announcements.MOST,
        "hours": announcements.HOURS,
        "readers": announcements.readers("", now),
        "may_announce": Action.ANNOUNCE in actions_of(signed_in(request)),
    }
    return show_page(request, "staff/announcements.html", context, error)


def _row(announcement: Announcement) -> dict[str, object]:
    return {"announcement": announcement, "exam": title_of(announcement.exam)}


@allowed(Action.ANNOUNCE, method="POST")
def write(request: HttpRequest) -> HttpResponse:
    """Announce something."""
    now, by, typed = timezone.now(), signed_in(request), request.POST
    try:
        with transaction.atomic():
            written = announcements.write(
                text_en=typed.get("text_en", ""),
                text_zh=typed.get("text_zh", ""),
                exam=typed.get("exam", ""),
                hours=whole(typed.get("hours", ""), *announcements.HOURS),
                by=by,
                now=now,
            )
            record(
                "announcement.write",
                by=by,
                subject=f"announcement {written.pk}",
                now=now,
                exam=written.exam or "any",
                text_en=written.text_en,
                text_zh=written.text_zh,
            )
    except AssayError as error:
        return _page(request, typed.dict(), error)
    count = announcements.readers(written.exam, now)
    told = ngettext(
        "Announced; %(count)s person sits now.", "Announced; %(count)s people sit now.", count
    )
    messages.success(request, told % {"count": count})
    return redirect("staff:announcements")


@allowed(Action.ANNOUNCE, method="POST")
def withdraw(request: HttpRequest, announcement_id: int) -> HttpResponse:
    """Take an announcement back."""
    now, by = timezone.now(), signed_in(request)
    with transaction.atomic():
        if not announcements.withdraw(announcement_id, now):
            raise Http404
        subject = f"announcement {announcement_id}"
        record("announcement.withdraw", by=by, subject=subject, now=now)
    messages.success(request, gettext("The announcement is withdrawn."))
    return redirect("staff:announcements")
