"""What staff announce, as the API tells it to those who sit."""

from __future__ import annotations

from datetime import timedelta

import pytest

from assay.server.exams.services import announcements, sittings
from assay.server.submissions.services import closing

pytestmark = pytest.mark.usefixtures("clock")
WORDS = {"text_en": "Lunch is at noon", "text_zh": "中午开饭", "hours": 6}


@pytest.fixture
def announced(db, bob, now):
    """Have Bob, who is on the staff here, announce something."""

    def act(**changed):
        return announcements.write(**{**WORDS, "by": bob, "now": now, **changed})

    return act


@pytest.fixture
def read(sign_in, alice):
    """Return the announcements that a sitting of Alice's carries."""

    def act(sitting, language="en"):
        answer = sign_in(alice, language).get(f"/api/sittings/{sitting.pk}")

        assert answer.status_code == 200

        return answer.json()["announcements"]

    return act


def test_a_sitting_carries_them_in_the_readers_language(running_sitting, alice, announced, read):
    sitting, written = running_sitting(alice), announced()
    at = written.from_at.isoformat().replace("+00:00", "Z")

    assert read(sitting) == [{"id": str(written.pk), "at": at, "text": "Lunch is at noon"}]
    assert read(sitting, "zh-CN")[0]["text"] == "中午开饭"


def test_the_newest_comes_first(running_sitting, alice, announced, read):
    sitting = running_sitting(alice)
    first, second = announced(), announced(text_en="And tea at four")

    assert [each["id"] for each in read(sitting)] == [str(second.pk), str(first.pk)]


def test_before_start_they_are_read_as_well(ready_sitting, alice, announced, read):
    sitting = ready_sitting(alice)
    announced()

    assert len(read(sitting)) == 1


def test_what_is_for_another_exam_or_withdrawn_is_not_there(
    running_sitting, alice, announced, read, now
):
    sitting = running_sitting(alice)
    announced(exam="rehearsal")
    announcements.withdraw(announced(now=now - timedelta(minutes=1)).pk, now)

    assert read(sitting) == []


def test_once_it_is_over_there_is_nothing_to_tell(running_sitting, alice, announced, read, now):
    sitting = running_sitting(alice)
    announced()
    sittings.end(sitting.pk, now)
    closing.close_if_due(sitting.pk, now)

    assert read(sitting) == []
