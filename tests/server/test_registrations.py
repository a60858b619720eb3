"""Registering, and what a candidate's past allows."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection

from assay.errors import NotFound
from assay.server.exams.errors import (
    AnotherSittingOpen,
    RegistrationExpired,
    RegistrationUsed,
    RetakeWait,
    UnknownExam,
)
from assay.server.exams.models import DrawnTask, Sitting
from assay.server.exams.services import registrations, sittings
from assay.server.submissions.services import closing

DAY = timedelta(days=1)


@pytest.fixture
def fail(running_sitting):
    """Sit an exam without submitting anything: `fail(alice, at)`."""

    def act(candidate, at, exam="small"):
        sitting = running_sitting(candidate, exam, at=at)
        sittings.end(sitting.pk, at)
        assert closing.close_if_due(sitting.pk, at)
        return Sitting.objects.get(pk=sitting.pk)

    return act


def test_a_registration_is_good_for_the_blueprints_days(register, alice, now):
    assert register(alice).valid_until == now + 180 * DAY


def test_it_refuses_an_exam_that_the_bank_does_not_have(register, alice):
    with pytest.raises(UnknownExam, match="rehearsal, small"):
        register(alice, "nonesuch")


def test_it_opens_one_sitting_and_returns_it_again(register, alice, now):
    registration = register(alice)

    first = sittings.open_sitting(registration, now)
    again = sittings.open_sitting(registration, now + DAY)

    assert first == again
    assert Sitting.objects.count() == 1


def test_it_does_not_open_a_sitting_of_an_expired_registration(register, alice, now):
    registration = register(alice)

    with pytest.raises(RegistrationExpired):
        sittings.open_sitting(registration, now + 180 * DAY)


def test_a_registration_opens_no_second_sitting(fail, alice, now):
    registration = fail(alice, now).registration

    with pytest.raises(RegistrationUsed):
        sittings.open_sitting(registration, now + 30 * DAY)


def test_two_registrations_do_not_open_two_sittings(register, alice, now):
    sittings.open_sitting(register(alice), now)

    with pytest.raises(AnotherSittingOpen):
        sittings.open_sitting(register(alice), now)


@pytest.mark.django_db(transaction=True)
def test_two_registrations_in_the_same_moment_open_one_sitting(register, alice, now):
    def open_one(registration):
        try:
            sittings.open_sitting(registration, now)
        except AnotherSittingOpen as conflict:
            return conflict.code
        finally:
            connection.close()
        return "opened"

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(open_one, [register(alice) for _ in range(4)]))

    assert sorted(outcomes) == [*["another_sitting_open"] * 3, "opened"]


def test_a_lapsed_sitting_does_not_stand_in_the_way(register, alice, now):
    sittings.open_sitting(register(alice), now)
    later = now + 200 * DAY

    sittings.open_sitting(register(alice, at=later), later)

    assert Sitting.objects.count() == 2


def test_another_candidates_sitting_does_not_stand_in_the_way(register, alice, bob, now):
    sittings.open_sitting(register(alice), now)

    assert registrations.eligibility(register(bob), now).obstacle is None


def test_after_a_failure_it_waits_14_days(fail, register, alice, now):
    fail(alice, now)
    registration = register(alice)

    with pytest.raises(RetakeWait):
        sittings.open_sitting(registration, now + 14 * DAY - timedelta(microseconds=1))
    sittings.open_sitting(registration, now + 14 * DAY)


def test_the_wait_counts_from_the_end_of_the_last_failed_sitting(fail, register, alice, now):
    fail(alice, now)
    fail(alice, now + 20 * DAY)

    allowed = registrations.eligibility(register(alice), now + 21 * DAY)

    assert allowed.eligible_from == (now + 20 * DAY).replace(month=4)  # a month later


def test_it_shows_no_wait_that_is_over(fail, register, alice, now):
    fail(alice, now)

    assert registrations.eligibility(register(alice), now + 15 * DAY).eligible_from is None


def test_failures_of_another_exam_do_not_count(fail, register, alice, now):
    fail(alice, now, exam="rehearsal")

    assert registrations.eligibility(register(alice), now).obstacle is None


def test_rehearsal_may_be_repeated_at_once(fail, register, alice, now):
    fail(alice, now, exam="rehearsal")

    allowed = registrations.eligibility(register(alice, "rehearsal"), now)

    assert allowed.obstacle is None


def test_failures_before_a_pass_do_not_count(fail, mark, running_sitting, register, alice, now):
    fail(alice, now)
    passed = running_sitting(alice, at=now + 20 * DAY)
    for slot in ("Category1", "Category2"):
        mark(passed, slot, points=5, at=now + 20 * DAY)
    sittings.end(passed.pk, now + 20 * DAY)
    closing.close_if_due(passed.pk, now + 20 * DAY)

    fail(alice, now + 21 * DAY)

    assert registrations.eligibility(register(alice), now + 35 * DAY).obstacle is None


def test_an_annulled_sitting_is_no_failure(fail, register, alice, now):
    sitting = fail(alice, now)
    Sitting.objects.filter(pk=sitting.pk).update(voided_at=now)

    assert registrations.eligibility(register(alice), now).obstacle is None


def test_a_retake_gets_another_item_when_the_pool_allows(fail, register, alice, now):
    first = fail(alice, now)
    second = sittings.open_sitting(register(alice), now + 30 * DAY)

    items = [DrawnTask.objects.get(sitting=s, slot="Category1").item for s in (first, second)]

    assert sorted(items) == ["regression/line", "regression/slope"]


def test_the_draw_is_frozen_with_its_blueprint_and_its_contract(register, alice, now):
    sitting = sittings.open_sitting(register(alice), now)
    task = sitting.tasks.get(slot="Category2")

    assert sitting.plan.pass_mark == 90
    assert task.item == "series/steps"
    assert task.item_yaml.to_limits().file_bytes == 200_000
    assert task.item_yaml.to_contract().output.shape == (1,)


def test_an_accommodation_is_taken_over_into_the_sitting(register, alice, now):
    sitting = sittings.open_sitting(register(alice, time_factor=1.5), now)

    assert sitting.time_factor == 1.5


def test_bob_does_not_find_alices_registration(register, alice, bob):
    registration = register(alice)

    with pytest.raises(NotFound):
        registrations.registration_of(bob, registration.id)


def test_the_newest_registration_comes_first(register, alice, now):
    old, new = register(alice), register(alice, at=now + DAY)

    assert list(registrations.registrations_of(alice)) == [new, old]


def test_an_accommodation_never_takes_time_away(register, alice):
    with pytest.raises(IntegrityError, match="an_accommodation_gives_time"):
        register(alice, time_factor=0.5)
