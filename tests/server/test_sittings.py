"""The clock: start and end."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest

from assay.errors import NotFound
from assay.server.exams.errors import (
    RegistrationExpired,
    SittingNotStarted,
    SittingOver,
    SittingVoid,
    TasksNotReady,
    UnknownSlot,
)
from assay.server.exams.models import Sitting
from assay.server.exams.services import sittings

HOUR = timedelta(hours=1)


def test_start_starts_the_clock_and_hands_out_the_keys(ready_sitting, alice, now):
    started = sittings.start(ready_sitting(alice).pk, now)

    assert started.sitting.times.deadline == now + HOUR
    assert {slot: base64.b64decode(key) for slot, key in started.keys.items()} == {
        "Category1": b"k" * 32,
        "Category2": b"k" * 32,
    }


def test_starting_again_changes_nothing(running_sitting, alice, now):
    sitting = running_sitting(alice)

    again = sittings.start(sitting.pk, now + HOUR / 2)

    assert again.sitting.started_at == now
    assert len(again.keys) == 2


def test_it_does_not_start_before_the_tasks_are_ready(register, alice, now):
    sitting = sittings.open_sitting(register(alice), now)

    with pytest.raises(TasksNotReady, match="0 of 2"):
        sittings.start(sitting.pk, now)


def test_preparing_costs_no_exam_time(ready_sitting, alice, now):
    sitting = ready_sitting(alice)

    started = sittings.start(sitting.pk, now + timedelta(days=100))

    assert started.sitting.times.deadline == now + timedelta(days=100) + HOUR


def test_it_does_not_start_after_the_registration_has_expired(ready_sitting, alice, now):
    sitting = ready_sitting(alice)

    with pytest.raises(RegistrationExpired):
        sittings.start(sitting.pk, now + timedelta(days=180))


def test_it_does_not_start_again_after_the_end(running_sitting, alice, now):
    sitting = running_sitting(alice)

    with pytest.raises(SittingOver, match="11:00 UTC"):
        sittings.start(sitting.pk, now + HOUR)


def test_it_does_not_start_an_annulled_sitting(ready_sitting, alice, now):
    sitting = ready_sitting(alice)
    Sitting.objects.update(voided_at=now)

    with pytest.raises(SittingVoid):
        sittings.start(sitting.pk, now)


def test_end_ends_it_at_once(running_sitting, alice, now):
    ended = sittings.end(running_sitting(alice).pk, now + HOUR / 4)

    assert ended.times.over_at == now + HOUR / 4


def test_ending_again_changes_nothing(running_sitting, alice, now):
    sitting = running_sitting(alice)
    sittings.end(sitting.pk, now + HOUR / 4)

    assert sittings.end(sitting.pk, now + HOUR / 2).ended_at == now + HOUR / 4


def test_a_sitting_that_the_clock_ended_was_not_ended_by_the_candidate(running_sitting, alice, now):
    assert sittings.end(running_sitting(alice).pk, now + HOUR).ended_at is None


def test_it_does_not_end_what_was_not_started(ready_sitting, alice, now):
    sitting = ready_sitting(alice)

    with pytest.raises(SittingNotStarted):
        sittings.end(sitting.pk, now)


def test_an_unknown_category_names_the_known_ones(running_sitting, alice):
    with pytest.raises(UnknownSlot, match="Category1, Category2"):
        sittings.task_of(running_sitting(alice), "Category9")


def test_bob_does_not_find_alices_sitting(running_sitting, alice, bob):
    sitting = running_sitting(alice)

    with pytest.raises(NotFound):
        sittings.sitting_by_id(bob, sitting.id)


def test_the_database_finds_exactly_the_sittings_that_are_over(running_sitting, alice, bob, now):
    short, long = running_sitting(alice), running_sitting(bob, time_factor=1.5)
    tick = timedelta(microseconds=1)

    def found(moment):
        return set(Sitting.objects.to_close(moment))

    assert found(now + HOUR - tick) == set()
    assert found(now + HOUR) == {short}
    assert found(now + 1.5 * HOUR - tick) == {short}
    assert found(now + 1.5 * HOUR) == {short, long}


def test_the_database_counts_an_outage(running_sitting, alice, now):
    sitting = running_sitting(alice)
    Sitting.objects.update(added_seconds=90)

    assert not Sitting.objects.to_close(now + HOUR + timedelta(seconds=89)).exists()
    assert Sitting.objects.to_close(now + HOUR + timedelta(seconds=90)).get() == sitting
