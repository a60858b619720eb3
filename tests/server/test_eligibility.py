"""Who may open a sitting, and what stands in the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.items.blueprint import WaitYaml
from assay.server.exams.eligibility import History, obstacle, wait_ends_at

T = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)
WAITS = (WaitYaml(days=14), WaitYaml(months=1), WaitYaml(years=1))
FRESH = History(valid_until=T + timedelta(days=180), waits=WAITS)


def code(history, now=T):
    found = obstacle(history, now)
    return None if found is None else found.code


def test_a_fresh_registration_may_open_a_sitting():
    assert code(FRESH) is None


def test_a_registration_is_good_until_its_date_and_not_at_it():
    assert code(FRESH, FRESH.valid_until - TICK) is None
    assert code(FRESH, FRESH.valid_until) == "registration_expired"


def test_a_registration_is_good_for_one_sitting():
    assert code(replace(FRESH, used_at=T - TICK)) == "registration_used"


def test_a_used_registration_is_called_used_also_when_it_has_expired():
    used = replace(FRESH, used_at=T)

    assert code(used, FRESH.valid_until + TICK) == "registration_used"


def test_a_candidate_has_one_open_sitting():
    assert code(replace(FRESH, open_sitting="4711")) == "another_sitting_open"


@pytest.mark.parametrize(
    ("failures", "until"),
    [
        (1, datetime(2026, 1, 14, 9, 0, tzinfo=UTC)),
        (2, datetime(2026, 1, 31, 9, 0, tzinfo=UTC)),
        (3, datetime(2026, 12, 31, 9, 0, tzinfo=UTC)),
        (7, datetime(2026, 12, 31, 9, 0, tzinfo=UTC)),
    ],
)
def test_the_waits_are_14_days_a_month_and_then_a_year(failures, until):
    last = datetime(2025, 12, 31, 9, 0, tzinfo=UTC)
    failed = tuple(last - timedelta(days=400 * n) for n in reversed(range(failures)))
    history = replace(FRESH, valid_until=until + timedelta(days=9), failed_at=failed)

    assert code(history, until - TICK) == "retake_wait"
    assert code(history, until) is None


def test_a_month_after_the_last_of_january_is_the_last_of_february():
    failed = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 31, 8, 30, tzinfo=UTC))

    assert wait_ends_at(failed, WAITS) == datetime(2026, 2, 28, 8, 30, tzinfo=UTC)


def test_a_year_after_a_leap_day_is_the_28th():
    failed = (T, T, datetime(2028, 2, 29, tzinfo=UTC))

    assert wait_ends_at(failed, WAITS) == datetime(2029, 2, 28, tzinfo=UTC)


def test_the_wait_says_from_when_it_is_allowed():
    found = obstacle(replace(FRESH, failed_at=(T,)), T + timedelta(days=1))

    assert found is not None
    assert "2026-03-16 10:00 UTC" in found.render().message


def test_practice_has_no_waits():
    assert code(replace(FRESH, failed_at=(T, T), waits=(WaitYaml(),))) is None


@given(
    st.lists(st.datetimes(datetime(2020, 1, 1), T.replace(tzinfo=None)), min_size=1),  # noqa: DTZ001
    st.timedeltas(timedelta(), timedelta(days=1000)),
)
def test_a_wait_that_is_over_does_not_come_back(ends, later):
    failed = tuple(sorted(end.replace(tzinfo=UTC) for end in ends))
    until = wait_ends_at(failed, WAITS)
    assert until is not None
    history = History(valid_until=until + timedelta(days=2000), failed_at=failed, waits=WAITS)

    assert obstacle(history, until + later) is None
