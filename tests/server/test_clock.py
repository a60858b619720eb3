"""The clock that stands: outages, staff, pauses; what it stood for is given back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.server.exams.errors import NoPauseLeft, SittingOver, SittingPaused
from assay.server.exams.models import ClockStop, Sitting
from assay.server.exams.phases import SittingTimes, Stop, in_time, phase
from assay.server.exams.services import clock, outages, sittings
from assay.server.submissions.services.closing import close_due_sittings
from assay.wire import Phase, StopKind

T = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
GRACE = timedelta(seconds=10)
RUNNING = SittingTimes(valid_until=T + 100 * HOUR, prepared_at=T, started_at=T, duration=5 * HOUR)


def stop(begin, end=None, kind=StopKind.OUTAGE):
    return Stop(kind=kind, began_at=T + begin, ended_at=None if end is None else T + end)


def stopped(*stops, times=RUNNING):
    return replace(times, stops=stops)


# -- the pure function ----------------------------------------------------------------------------


def test_it_stands_from_the_stops_beginning_until_its_end():
    times = stopped(stop(HOUR, 2 * HOUR))

    assert phase(times, T + HOUR - TICK) is Phase.RUNNING
    assert phase(times, T + HOUR) is Phase.PAUSED
    assert phase(times, T + 2 * HOUR - TICK) is Phase.PAUSED
    assert phase(times, T + 2 * HOUR) is Phase.RUNNING


def test_what_it_stood_for_is_given_back():
    times = stopped(stop(HOUR, 2 * HOUR))

    assert times.deadline == T + 6 * HOUR
    assert phase(times, T + 6 * HOUR - TICK) is Phase.RUNNING
    assert phase(times, T + 6 * HOUR) is Phase.CLOSING


def test_an_open_stop_has_no_deadline_and_never_ends_the_sitting():
    times = stopped(stop(HOUR))

    assert times.deadline is None
    assert phase(times, T + 1000 * HOUR) is Phase.PAUSED
    assert times.remaining(T + 1000 * HOUR) == 4 * HOUR


def test_the_time_left_does_not_pass_while_it_stands():
    times = stopped(stop(HOUR, 2 * HOUR))

    assert times.remaining(T + HOUR) == 4 * HOUR
    assert times.remaining(T + HOUR + 30 * MINUTE) == 4 * HOUR
    assert times.remaining(T + 2 * HOUR + MINUTE) == 4 * HOUR - MINUTE


def test_overlapping_stops_count_once():
    times = stopped(stop(HOUR, 2 * HOUR), stop(90 * MINUTE, 3 * HOUR, StopKind.STAFF))

    assert times.deadline == T + 7 * HOUR


def test_a_stop_within_another_adds_nothing():
    times = stopped(stop(HOUR, 3 * HOUR), stop(90 * MINUTE, 2 * HOUR, StopKind.PAUSE))

    assert times.deadline == T + 7 * HOUR


def test_a_stop_that_began_before_start_counts_from_start():
    assert stopped(stop(-HOUR, HOUR)).deadline == T + 6 * HOUR


def test_a_stop_at_the_deadline_comes_too_late():
    assert stopped(stop(5 * HOUR - TICK, 6 * HOUR)).deadline == T + 6 * HOUR + TICK
    assert stopped(stop(5 * HOUR, 6 * HOUR)).deadline == T + 5 * HOUR


def test_a_stop_may_fall_into_the_time_that_another_gave_back():
    times = stopped(stop(HOUR, 2 * HOUR), stop(5 * HOUR + 30 * MINUTE, 6 * HOUR))

    assert times.deadline == T + 6 * HOUR + 30 * MINUTE


def test_accommodations_and_stops_add_up():
    times = replace(stopped(stop(HOUR, 2 * HOUR)), time_factor=1.5, added=10 * MINUTE)

    assert times.deadline == T + 7.5 * HOUR + HOUR + 10 * MINUTE


def test_a_candidate_may_end_while_it_stands():
    times = replace(stopped(stop(HOUR)), ended_at=T + 2 * HOUR)

    assert phase(times, T + 2 * HOUR - TICK) is Phase.PAUSED
    assert phase(times, T + 2 * HOUR) is Phase.CLOSING
    assert times.over_at == T + 2 * HOUR


def test_an_annulled_sitting_is_void_also_while_it_stands():
    assert phase(replace(stopped(stop(HOUR)), voided_at=T + HOUR), T + 2 * HOUR) is Phase.VOID


def test_submissions_count_during_an_outage_and_not_during_a_pause():
    outage = stopped(stop(HOUR, 2 * HOUR))
    pause = stopped(stop(HOUR, 2 * HOUR, StopKind.PAUSE))

    assert in_time(outage, T + 90 * MINUTE, GRACE)
    assert in_time(pause, T + HOUR + GRACE, GRACE)  # it was in flight
    assert not in_time(pause, T + HOUR + GRACE + TICK, GRACE)
    assert in_time(pause, T + 2 * HOUR, GRACE)


def test_an_outage_that_falls_into_a_pause_opens_it_for_submissions():
    both = stopped(stop(HOUR, 2 * HOUR, StopKind.PAUSE), stop(80 * MINUTE, 100 * MINUTE))

    assert in_time(both, T + 90 * MINUTE, GRACE)


def test_submissions_count_until_the_moved_deadline_and_its_grace():
    times = stopped(stop(HOUR, 2 * HOUR))

    assert in_time(times, T + 6 * HOUR + GRACE, GRACE)
    assert not in_time(times, T + 6 * HOUR + GRACE + TICK, GRACE)


@pytest.mark.parametrize(
    "day",
    [datetime(2026, 10, 25, 1, 0), datetime(2026, 3, 29, 1, 0)],  # noqa: DTZ001
)
def test_daylight_saving_adds_and_takes_nothing(day):
    start = day.replace(tzinfo=ZoneInfo("Europe/Berlin"))  # the hour changes at 2 or 3 o'clock
    outage = Stop(
        kind=StopKind.OUTAGE,
        began_at=start,
        ended_at=(start.astimezone(UTC) + 4 * HOUR).astimezone(start.tzinfo),
    )
    times = replace(RUNNING, started_at=start)

    assert times.deadline == start.astimezone(UTC) + 5 * HOUR
    assert replace(times, stops=(outage,)).deadline == start.astimezone(UTC) + 9 * HOUR


def test_a_pause_costs_its_allowance_and_an_outage_within_it_does_not():
    times = replace(
        stopped(stop(HOUR, 80 * MINUTE, StopKind.PAUSE), stop(65 * MINUTE, 75 * MINUTE)),
        pauses=30 * MINUTE,
    )

    assert times.pause_left(T) == 30 * MINUTE
    assert times.pause_left(T + 65 * MINUTE) == 25 * MINUTE
    assert times.pause_left(T + 2 * HOUR) == 20 * MINUTE


_kinds = st.sampled_from(StopKind)
_spans = st.tuples(
    st.timedeltas(-HOUR, 8 * HOUR), st.none() | st.timedeltas(timedelta(), 3 * HOUR), _kinds
)
_stops = st.lists(_spans, max_size=5).map(
    lambda spans: tuple(
        stop(begin, None if length is None else begin + length, kind)
        for begin, length, kind in spans
    )
)
_moments = st.timedeltas(timedelta(), 30 * HOUR).map(lambda offset: T + offset)


@given(_stops, _moments)
def test_time_left_and_deadline_agree(stops, now):
    times = stopped(*stops)
    left = times.remaining(now)
    runs = phase(times, now) in clock.TICKING

    assert runs == (left > timedelta())


@given(_stops, _moments, _moments)
def test_the_time_left_never_grows_and_passes_no_faster_than_time(stops, one, other):
    times = stopped(*stops)
    earlier, later = sorted((one, other))
    passed = times.remaining(earlier) - times.remaining(later)

    assert timedelta() <= passed <= later - earlier


@given(_stops)
def test_the_clock_runs_for_exactly_its_length(stops):
    times = stopped(*stops)

    if times.deadline is not None:
        assert times.remaining(times.deadline - TICK) == TICK
        assert times.remaining(times.deadline) == timedelta()


# -- staff ------------------------------------------------------------------------------------------


@pytest.fixture
def chen(db):
    from assay.server.accounts.models import User  # noqa: PLC0415

    return User.objects.create_user("chen@example.org", name="Chen", joined_at=T, is_staff=True)


def test_staff_stop_all_clocks_and_let_them_go_on(running_sitting, alice, bob, chen, now):
    hers, his = running_sitting(alice), running_sitting(bob)

    assert len(clock.stop_clock(clock.ticking(now), chen, now + MINUTE, "Fire alarm")) == 2
    assert len(clock.resume_clock([hers], now + 11 * MINUTE)) == 1
    assert Sitting.objects.get(pk=hers.pk).times.deadline == now + HOUR + 10 * MINUTE
    assert Sitting.objects.get(pk=his.pk).times.deadline is None


def test_stopping_twice_stops_once(running_sitting, alice, chen, now):
    sitting = running_sitting(alice)
    clock.stop_clock([sitting], chen, now, "Fire alarm")

    assert clock.stop_clock([sitting], chen, now + MINUTE, "Fire alarm") == []
    assert ClockStop.objects.get().began_at == now


def test_a_clock_that_has_run_out_cannot_be_stopped(running_sitting, alice, chen, now):
    assert clock.stop_clock([running_sitting(alice)], chen, now + HOUR, "Too late") == []


def test_time_can_be_added_and_taken_back(running_sitting, alice, now):
    sitting = running_sitting(alice)

    assert clock.add_time(sitting.pk, 600, now).times.deadline == now + HOUR + 10 * MINUTE
    assert clock.add_time(sitting.pk, -900, now).times.deadline == now + HOUR


def test_more_time_reopens_what_is_over_and_not_closed(running_sitting, alice, now):
    sitting = running_sitting(alice)

    given_more = clock.add_time(sitting.pk, 60, now + HOUR)

    assert phase(given_more.times, now + HOUR) is Phase.RUNNING


def test_accommodations_reach_a_running_clock(running_sitting, alice, now):
    sitting = running_sitting(alice)
    clock.accommodate(sitting.registration_id, time_factor=1.25, pause_minutes=10)

    times = Sitting.objects.get(pk=sitting.pk).times
    assert times.deadline == now + 75 * MINUTE
    assert times.pause_left(now) == 10 * MINUTE


# -- the candidate's pause --------------------------------------------------------------------------


def test_a_pause_ends_by_itself_when_the_allowance_is_used_up(running_sitting, alice, now):
    sitting = running_sitting(alice, pause_minutes=10)

    times = clock.pause(sitting.pk, now + MINUTE).times

    assert phase(times, now + 11 * MINUTE - TICK) is Phase.PAUSED
    assert phase(times, now + 11 * MINUTE) is Phase.RUNNING
    assert times.deadline == now + HOUR + 10 * MINUTE


def test_what_is_left_of_a_pause_can_be_taken_later(running_sitting, alice, now):
    sitting = running_sitting(alice, pause_minutes=10)
    clock.pause(sitting.pk, now)
    clock.end_pause(sitting.pk, now + 4 * MINUTE)

    assert clock.pause(sitting.pk, now + 20 * MINUTE).times.deadline == now + HOUR + 10 * MINUTE


def test_pausing_in_two_tabs_pauses_once(running_sitting, alice, now):
    sitting = running_sitting(alice, pause_minutes=10)
    clock.pause(sitting.pk, now)
    clock.pause(sitting.pk, now + MINUTE)

    assert ClockStop.objects.count() == 1


def test_going_on_in_two_tabs_goes_on_once(running_sitting, alice, now):
    sitting = running_sitting(alice, pause_minutes=10)
    clock.pause(sitting.pk, now)
    clock.end_pause(sitting.pk, now + MINUTE)
    clock.end_pause(sitting.pk, now + 2 * MINUTE)

    assert ClockStop.objects.get().ended_at == now + MINUTE


def test_nobody_pauses_without_a_grant(running_sitting, alice, now):
    with pytest.raises(NoPauseLeft):
        clock.pause(running_sitting(alice).pk, now)


def test_a_pause_that_is_used_up_is_not_given_again(running_sitting, alice, now):
    sitting = running_sitting(alice, pause_minutes=10)
    clock.pause(sitting.pk, now)

    with pytest.raises(NoPauseLeft):
        clock.pause(sitting.pk, now + 10 * MINUTE)


def test_nobody_pauses_after_the_end(running_sitting, alice, now):
    sitting = running_sitting(alice, pause_minutes=10)

    with pytest.raises(SittingOver):
        clock.pause(sitting.pk, now + HOUR)


def test_nothing_is_taken_in_during_a_pause(running_sitting, submit, alice, now):
    sitting = running_sitting(alice, pause_minutes=10)
    clock.pause(sitting.pk, now)

    with pytest.raises(SittingPaused):
        submit(sitting, at=now + MINUTE)


# -- outages ------------------------------------------------------------------------------------------


def alive(at):
    for part in outages.PARTS:
        outages.beat(part, at)


def deadline_of(sitting):
    return Sitting.objects.get(pk=sitting.pk).times.deadline


def test_a_short_silence_is_no_outage(running_sitting, alice, now):
    sitting = running_sitting(alice)
    alive(now)
    alive(now + outages.SILENCE)

    assert deadline_of(sitting) == now + HOUR


def test_a_machine_that_was_down_gives_the_time_back(running_sitting, alice, now):
    sitting = running_sitting(alice)
    alive(now)
    alive(now + 20 * MINUTE)

    assert deadline_of(sitting) == now + HOUR + 20 * MINUTE


def test_a_deadline_in_the_middle_of_an_outage_is_not_closed(running_sitting, alice, now):
    sitting = running_sitting(alice)
    alive(now + 50 * MINUTE)
    back = now + 90 * MINUTE
    alive(back)

    assert close_due_sittings(back) == []
    assert deadline_of(sitting) == back + 10 * MINUTE


def test_clocks_stand_while_no_grader_lives_and_the_web_does(running_sitting, alice, now):
    sitting = running_sitting(alice)
    alive(now + MINUTE)
    outages.beat(outages.WEB, now + 2 * MINUTE)

    times = Sitting.objects.get(pk=sitting.pk).times
    assert phase(times, now + 2 * MINUTE) is Phase.PAUSED
    assert times.remaining(now + 30 * MINUTE) == 59 * MINUTE


def test_they_go_on_when_a_grader_is_back(running_sitting, alice, now):
    sitting = running_sitting(alice)
    alive(now + MINUTE)
    outages.beat(outages.WEB, now + 2 * MINUTE)
    outages.beat(outages.WEB, now + 3 * MINUTE - SECOND)
    outages.beat(outages.GRADER, now + 3 * MINUTE)

    assert deadline_of(sitting) == now + HOUR + 2 * MINUTE


def test_an_outage_is_counted_once_however_often_it_is_noticed(running_sitting, alice, now):
    sitting = running_sitting(alice)
    alive(now)
    for minute in (20, 20, 21):
        for part in outages.PARTS * 2:
            outages.beat(part, now + minute * MINUTE)
            alive(now + minute * MINUTE)

    stops = ClockStop.objects.filter(sitting=sitting)
    assert sum((s.ended_at - s.began_at for s in stops), timedelta()) == 21 * MINUTE


def test_who_starts_during_an_outage_loses_nothing(ready_sitting, alice, now):
    sitting = ready_sitting(alice)
    alive(now)
    sittings.start(sitting.pk, now + MINUTE)
    alive(now + 20 * MINUTE)

    assert deadline_of(sitting) == now + 20 * MINUTE + HOUR


def test_an_outage_leaves_alone_what_was_over_before(running_sitting, alice, now):
    sitting = running_sitting(alice)
    alive(now + HOUR)
    alive(now + 2 * HOUR)

    assert deadline_of(sitting) == now + HOUR


def test_the_first_signs_of_life_ever_are_no_outage(running_sitting, alice, now):
    sitting = running_sitting(alice)
    outages.beat(outages.WEB, now + 30 * MINUTE)

    assert deadline_of(sitting) == now + HOUR


def test_an_outage_and_staff_stop_are_counted_once(running_sitting, alice, chen, now):
    sitting = running_sitting(alice, time_factor=1.5)
    alive(now)
    clock.stop_clock([sitting], chen, now, "Fire alarm")
    alive(now + 20 * MINUTE)
    clock.resume_clock([sitting], now + 30 * MINUTE)

    assert deadline_of(sitting) == now + 1.5 * HOUR + 30 * MINUTE


# -- what the API says ------------------------------------------------------------------------------


def test_the_api_shows_why_the_clock_stands(
    running_sitting, sign_in, clock_chen, alice, clock, now
):
    sitting = running_sitting(alice)
    clock_chen([sitting], now + MINUTE, "Fire alarm")
    clock.at = now + 5 * MINUTE

    shape = sign_in(alice).get(f"/api/sittings/{sitting.id}").json()

    assert shape["phase"] == "paused"
    assert shape["deadline"] is None
    assert shape["remaining"] == 59 * 60
    assert shape["stops"][0]["kind"] == "staff"
    assert shape["stops"][0]["note"] == "Fire alarm"


def test_the_servers_word_decides_and_not_the_page(
    running_sitting, sign_in, upload, alice, clock, now
):
    sitting = running_sitting(alice)
    clock.at = now + HOUR + timedelta(minutes=5)

    late = upload(arrived_at=clock.at)
    answer = sign_in(alice).post(
        f"/api/sittings/{sitting.id}/tasks/Category1/submissions", upload=late
    )

    assert answer.status_code == 403
    assert answer.json()["code"] == "sitting_over"


@pytest.fixture
def clock_chen(chen):
    def act(stopped, at, note):
        from assay.server.exams.services.clock import stop_clock  # noqa: PLC0415

        return stop_clock(stopped, chen, at, note)

    return act
