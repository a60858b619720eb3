"""Announcements: written by staff, read by whoever sits."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import pytest
from django.test import AsyncClient
from django.utils import timezone

from api_client import patient
from assay.server import events
from assay.server.console.display import console
from assay.server.exams.models import Announcement, Sitting
from assay.server.exams.services import announcements
from assay.server.staff.models import AuditEntry
from assay.server.staff.roles import Role
from assay.server.threads import in_thread

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
WORDS = {"text_en": "Lunch is at noon", "text_zh": "中午开饭"}


@pytest.fixture
def chen(staff):
    return staff(Role.EXAMINER)


def write(chen, now, **changed):
    return announcements.write(**{**WORDS, "hours": 6, "by": chen, "now": now, **changed})


def test_who_sits_reads_it_in_their_language(
    browse, chen, alice, bob, running_sitting, small_bank, clock
):
    own, other = running_sitting(alice), running_sitting(bob)

    told = browse(chen).post(
        "/staff/announcements/write/", {**WORDS, "exam": "small", "hours": "6"}, follow=True
    )

    assert "Announced; 2 people sit now." in told.content.decode()
    for page in ("", "end/"):
        shown = browse(alice).get(f"/sittings/{own.pk}/{page}").content.decode()
        assert "Lunch is at noon" in shown
    assert "中午开饭" in browse(bob, "zh-CN").get(f"/sittings/{other.pk}/").content.decode()


def test_another_exam_reads_nothing(browse, chen, alice, running_sitting, clock, now):
    sitting = running_sitting(alice)
    write(chen, now, exam="rehearsal")

    assert "Lunch" not in browse(alice).get(f"/sittings/{sitting.pk}/").content.decode()


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"text_zh": " "}, "needs a text in English and one in Chinese"),
        ({"text_en": ""}, "needs a text in English and one in Chinese"),
        ({"text_en": "x" * 2001}, "of at most 2000 characters"),
        ({"hours": "0"}, "a number from 1 to 72 was expected"),
        ({"exam": "nothing"}, "There is no exam nothing"),
    ],
)
def test_a_mistake_is_told_and_nothing_is_lost(browse, chen, small_bank, clock, changed, told):
    typed = {**WORDS, "text_en": "Lunch & more", "hours": "6", "exam": ""} | changed

    answer = browse(chen).post("/staff/announcements/write/", typed)

    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert ("Lunch &amp; more" in answer.content.decode()) == ("text_en" not in changed)
    assert not Announcement.objects.exists()


def test_it_is_withdrawn_and_all_is_written_down(
    browse, chen, alice, running_sitting, clock, now, staff
):
    sitting = running_sitting(alice)
    written = write(chen, now)
    clock.at = now + HOUR
    browser = browse(chen)

    browser.post(f"/staff/announcements/{written.pk}/withdraw/")
    again = browser.post(f"/staff/announcements/{written.pk}/withdraw/")

    assert again.status_code == 404
    assert "Lunch" not in browse(alice).get(f"/sittings/{sitting.pk}/").content.decode()
    page = browse(staff(Role.AUDITOR)).get("/staff/announcements/").content.decode()
    assert "Lunch is at noon" in page
    assert "Announce something" not in page
    assert AuditEntry.objects.get(action="announcement.withdraw").by == chen


def test_what_is_announced_is_in_the_log(browse, chen, small_bank, clock):
    browse(chen).post("/staff/announcements/write/", {**WORDS, "hours": "6"})

    entry = AuditEntry.objects.get(action="announcement.write")
    assert entry.details == {"exam": "any", **WORDS}


def test_it_ends_by_itself(chen, small_bank, now):
    write(chen, now, hours=2)

    assert announcements.shown(now + 2 * HOUR - timedelta(seconds=1)).exists()
    assert not announcements.shown(now + 2 * HOUR).exists()


def test_it_can_be_withdrawn_at_once(chen, small_bank, now):
    written = write(chen, now)

    assert announcements.withdraw(written.pk, now)
    assert not announcements.withdraw(written.pk, now + HOUR)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("place", ["live/", "Category1/live/"])
async def test_an_open_page_shows_it_at_once(alice, staff, running_sitting, place):
    now = timezone.now()
    candidate = patient(AsyncClient())

    def prepare():
        candidate.force_login(alice)
        sitting = running_sitting(alice, at=now)
        seen = console(Sitting.objects.get(pk=sitting.pk), now).state
        return staff(Role.EXAMINER), f"/sittings/{sitting.pk}/{place}?seen={seen}"

    chen, address = await in_thread(prepare)
    poll = asyncio.create_task(candidate.get(address))
    try:
        await asyncio.sleep(0.5)
        assert not poll.done()
        began = time.monotonic()
        await in_thread(lambda: write(chen, timezone.now()))
        answer = await asyncio.wait_for(poll, 10)
        took = time.monotonic() - began
    finally:
        await events.close()

    assert "Lunch is at noon" in answer.content.decode()
    assert took < 1
