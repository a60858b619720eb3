"""The phase of a sitting, at every boundary."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.server.exams.phases import SittingTimes, in_time, phase
from assay.wire import Phase

T = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)
HOUR = timedelta(hours=1)
GRACE = timedelta(seconds=10)

OPENED = SittingTimes(valid_until=T + 100 * HOUR, duration=5 * HOUR)
READY = replace(OPENED, prepared_at=T)
STARTED = replace(READY, started_at=T)  # deadline: T + 5 h


def test_it_is_preparing_until_the_variants_are_drawn():
    assert phase(READY, T - TICK) is Phase.PREPARING
    assert phase(READY, T) is Phase.READY


def test_it_stays_ready_as_long_as_the_registration_is_valid():
    assert phase(READY, OPENED.valid_until - TICK) is Phase.READY


@pytest.mark.parametrize("times", [OPENED, READY])
def test_it_lapses_when_the_registration_does(times):
    assert phase(times, OPENED.valid_until) is Phase.LAPSED


def test_it_does_not_lapse_once_it_was_started():
    late = replace(STARTED, started_at=OPENED.valid_until - TICK)

    assert phase(late, OPENED.valid_until + HOUR) is Phase.RUNNING


def test_it_runs_until_the_deadline_and_not_at_it():
    assert phase(STARTED, T) is Phase.RUNNING
    assert phase(STARTED, T + 5 * HOUR - TICK) is Phase.RUNNING
    assert phase(STARTED, T + 5 * HOUR) is Phase.CLOSING


def test_it_is_over_when_the_candidate_ends_it():
    ended = replace(STARTED, ended_at=T + HOUR)

    assert phase(ended, T + HOUR - TICK) is Phase.RUNNING
    assert phase(ended, T + HOUR) is Phase.CLOSING


def test_it_is_closed_when_the_result_is_final():
    closed = replace(STARTED, closed_at=T + 6 * HOUR)

    assert phase(closed, T + 6 * HOUR - TICK) is Phase.CLOSING
    assert phase(closed, T + 6 * HOUR) is Phase.CLOSED


def test_an_accommodation_stretches_the_clock():
    stretched = replace(STARTED, time_factor=1.5)

    assert stretched.deadline == T + 7.5 * HOUR
    assert phase(stretched, T + 7.5 * HOUR - TICK) is Phase.RUNNING
    assert phase(stretched, T + 7.5 * HOUR) is Phase.CLOSING


def test_an_outage_is_given_back():
    extended = replace(STARTED, added=timedelta(minutes=20))

    assert extended.deadline == T + 5 * HOUR + timedelta(minutes=20)
    assert phase(extended, T + 5 * HOUR) is Phase.RUNNING


def test_an_outage_is_not_stretched_by_an_accommodation():
    both = replace(STARTED, time_factor=2.0, added=HOUR)

    assert both.deadline == T + 11 * HOUR


@pytest.mark.parametrize("times", [OPENED, READY, STARTED, replace(STARTED, ended_at=T)])
def test_an_annulled_sitting_is_void_from_then_on(times):
    void = replace(times, voided_at=T + HOUR)

    assert phase(void, T + HOUR) is Phase.VOID
    assert phase(void, T + HOUR - TICK) is not Phase.VOID


def test_the_last_byte_may_arrive_within_the_grace_and_not_after():
    deadline = T + 5 * HOUR

    assert in_time(STARTED, deadline + GRACE, GRACE)
    assert not in_time(STARTED, deadline + GRACE + TICK, GRACE)


def test_there_is_no_grace_after_the_candidate_ended():
    ended = replace(STARTED, ended_at=T + HOUR)

    assert in_time(ended, T + HOUR - TICK, GRACE)
    assert not in_time(ended, T + HOUR, GRACE)


def test_nothing_is_in_time_before_the_start():
    assert not in_time(READY, T + HOUR, GRACE)
    assert not in_time(STARTED, T - TICK, GRACE)


def test_nothing_is_in_time_for_an_annulled_sitting():
    assert not in_time(replace(STARTED, voided_at=T + HOUR), T + TICK, GRACE)


YEAR = (T.replace(tzinfo=None, month=1), T.replace(tzinfo=None, month=12))
moments = st.datetimes(*YEAR, timezones=st.just(UTC))
sittings = st.builds(
    SittingTimes,
    valid_until=moments,
    prepared_at=st.none() | moments,
    started_at=st.none() | moments,
    ended_at=st.none() | moments,
    closed_at=st.none() | moments,
    voided_at=st.none() | moments,
    duration=st.timedeltas(timedelta(minutes=1), timedelta(hours=10)),
    time_factor=st.floats(1, 3),
    added=st.timedeltas(timedelta(), timedelta(hours=3)),
)
_ORDER = [Phase.PREPARING, Phase.READY, Phase.RUNNING, Phase.CLOSING, Phase.CLOSED]


@given(sittings, moments, moments)
def test_time_only_moves_a_sitting_forward(times, one, other):
    earlier, later = (phase(times, moment) for moment in sorted((one, other)))

    if earlier in _ORDER and later in _ORDER:
        assert _ORDER.index(earlier) <= _ORDER.index(later)
    else:
        assert earlier in _ORDER or later in {Phase.VOID, earlier}


@given(sittings, moments)
def test_it_runs_exactly_between_the_start_and_the_end(times, moment):
    running = (
        times.over_at is not None
        and moment < times.over_at
        and not (times.voided_at is not None and times.voided_at <= moment)
    )

    assert (phase(times, moment) is Phase.RUNNING) == running


@given(sittings, moments)
def test_whatever_arrives_while_it_runs_is_in_time(times, moment):
    after_start = times.started_at is not None and times.started_at <= moment
    if times.voided_at is None and after_start and phase(times, moment) is Phase.RUNNING:
        assert in_time(times, moment, timedelta())


@given(sittings)
def test_no_candidate_gets_more_time_by_ending(times):
    if times.over_at is not None and times.deadline is not None:
        assert times.over_at <= times.deadline
