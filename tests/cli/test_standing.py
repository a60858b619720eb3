from __future__ import annotations

from datetime import timedelta

import pytest
from rich.console import Console

from assay.cli.pages import width_of, wrap
from assay.cli.standing import Standing, picture, seconds_left
from assay.cli.talk import Talk, length_of, size_of
from assay.wire import Sitting
from fake_exam import FakeExam


def sitting(first: int | None, second: int | None, *, phase: str = "running") -> Sitting:
    """A sitting with weights 40 and 60 and these best points."""
    exam = FakeExam(phase=phase, prepared=2)
    shape = exam.sitting()
    for task, points in zip(shape["tasks"], (first, second), strict=True):
        task["best"] = points
    shape["total"] = 8.0 * (first or 0) + 12.0 * (second or 0)
    return Sitting.model_validate(shape)


def test_at_the_beginning_everything_is_missing():
    standing = Standing.of(sitting(None, None))

    assert standing.missing == 90
    assert [(g.slot, g.most, g.enough) for g in standing.gains] == [
        ("Category2", 60, None),
        ("Category1", 40, None),
    ]


def test_it_says_how_many_points_in_one_category_are_enough():
    standing = Standing.of(sitting(5, 3))

    assert standing.missing == 14
    assert [(g.slot, g.enough) for g in standing.gains] == [("Category2", 5)]


@pytest.mark.parametrize(("first", "second"), [(5, 5), (4, 5)])
def test_who_has_reached_the_mark_misses_nothing(first: int, second: int):
    assert Standing.of(sitting(first, second)).missing == 0


def test_a_full_category_has_nothing_to_gain():
    assert [gain.slot for gain in Standing.of(sitting(5, None)).gains] == ["Category2"]


def test_the_time_left_is_by_the_servers_clock():
    running = sitting(None, None)

    assert seconds_left(running) == 4 * 3600 + 59 * 60
    assert seconds_left(running, age=timedelta(minutes=59)) == 4 * 3600
    assert seconds_left(running, age=timedelta(hours=9)) == 0


def paused(**values) -> Sitting:
    began = "2026-03-02T10:00:00Z"
    stop = {"kind": "outage", "began_at": began, "ended_at": None} | values
    shape = sitting(None, None, phase="paused").model_dump(mode="json")
    return Sitting.model_validate(
        shape
        | {"deadline": None, "remaining": 3600.0, "stops": [stop], "now": "2026-03-02T11:00:00Z"}
    )


def test_the_time_left_does_not_pass_while_the_clock_stands():
    assert seconds_left(paused(), age=timedelta(minutes=30)) == 3600


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "a part of our service is out"),
        ({"kind": "staff", "note": "Fire alarm"}, "Fire alarm"),
        ({"kind": "pause"}, "you have paused the exam"),
    ],
)
def test_it_says_why_the_clock_stands(values, words):
    console = Console(width=200)
    with console.capture() as shown:
        console.print(picture(paused(**values), Talk(as_json=False), seconds_left=3600))

    assert words in shown.get()
    assert "1:00:00 left" in shown.get()


def test_it_says_for_how_long_the_clock_stood():
    stood = paused(ended_at="2026-03-02T10:20:00Z")
    running = Sitting.model_validate(stood.model_dump(mode="json") | {"phase": "running"})
    console = Console(width=200)
    with console.capture() as shown:
        console.print(picture(running, Talk(as_json=False), seconds_left=3600))

    assert "The clock stood for 0:20:00" in shown.get()


def test_a_clock_that_does_not_run_has_no_time_left():
    assert seconds_left(sitting(None, None, phase="ready")) is None


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "0:00:00"), (-5, "0:00:00"), (59.9, "0:00:59"), (17947, "4:59:07")]
)
def test_a_length_of_time_is_hours_minutes_seconds(seconds: float, shown: str):
    assert length_of(seconds) == shown


@pytest.mark.parametrize(
    ("size", "shown"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (2_500_000, "2.5 MB"), (3 * 10**9, "3.0 GB")],
)
def test_a_size_is_in_powers_of_a_thousand(size: int, shown: str):
    assert size_of(size) == shown


def test_help_is_wrapped_by_what_is_seen():
    english = wrap("Submit as often as you like.", 12)
    chinese = wrap("每个类别提交次数不限，取最高分。", 12)

    assert all(width_of(line) <= 12 for line in english)
    assert all(width_of(line) <= 14 for line in chinese)  # punctuation stays with its word
    assert "".join(chinese) == "每个类别提交次数不限，取最高分。"
    assert not any(line.startswith(("，", "。")) for line in chinese)


def test_help_keeps_its_paragraphs():
    assert wrap("One.\n\nTwo.", 80) == ["One.", "", "Two."]
