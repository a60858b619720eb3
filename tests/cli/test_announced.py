from __future__ import annotations

from pathlib import Path

import pytest
from alices_shell import Shell, save
from rich.console import Console

from assay.cli.announcements import posted
from assay.cli.talk import Talk
from assay.messages import Language
from assay.wire import Sitting
from fake_exam import FakeExam

TEXT = "The figure of Category2\nis upside down."


def test_submit_tells_what_staff_announce_once(sitting: Path, alice: Shell, exam: FakeExam):
    exam.announce(TEXT)
    save(sitting / "Category1", b"1")
    alice("submit", "1")

    assert "From the staff, 2026-01-01" in alice.err
    assert TEXT in alice.err

    alice("submit", "1")

    assert TEXT not in alice.err


def test_another_announcement_is_told_alone(sitting: Path, alice: Shell, exam: FakeExam):
    exam.announce(TEXT)
    save(sitting / "Category1", b"1")
    alice("submit", "1")
    exam.announce("It is mended.")
    alice("submit", "1")

    assert "It is mended." in alice.err
    assert TEXT not in alice.err


def test_one_that_comes_while_a_submission_waits_is_told(
    sitting: Path, alice: Shell, exam: FakeExam, monkeypatch
):
    exam.grading = "again"
    look = exam._submission

    def announcing(name: str, **rest: object) -> object:
        if not exam.announcements:
            exam.announce(TEXT)
        return look(name, **rest)

    monkeypatch.setattr(exam, "_submission", announcing)
    save(sitting / "Category1", b"4")
    out = alice("submit", "1")

    assert "4/5" in out
    assert alice.err.count(TEXT) == 1


def test_status_shows_it_as_long_as_it_holds(sitting: Path, alice: Shell, exam: FakeExam):
    exam.announce(TEXT)

    assert TEXT in alice("status")
    assert TEXT in alice("status")

    exam.announcements.clear()

    assert "From the staff" not in alice("status")


def test_what_status_has_shown_is_not_told_again(sitting: Path, alice: Shell, exam: FakeExam):
    exam.announce(TEXT)
    alice("status")
    save(sitting / "Category1", b"1")
    alice("submit", "1")

    assert TEXT not in alice.err


def test_start_shows_what_is_announced(alice: Shell, exam: FakeExam):
    exam.announce(TEXT)

    assert TEXT in alice("start", "exam", "--no-env", "--yes")


def test_end_shows_it_before_it_asks(sitting: Path, alice: Shell, exam: FakeExam):
    exam.announce(TEXT)
    alice("end", code=12)

    assert TEXT in alice.err
    assert exam.phase == "running"


def test_a_program_gets_it_and_the_person_is_still_told(
    sitting: Path, alice: Shell, exam: FakeExam
):
    exam.announce(TEXT)

    assert [each["text"] for each in alice.json("status")["sitting"]["announcements"]] == [TEXT]

    save(sitting / "Category1", b"1")
    alice("submit", "1")

    assert TEXT in alice.err


def test_outside_of_an_exam_folder_it_is_always_new(
    sitting: Path, alice: Shell, exam: FakeExam, home: Path
):
    exam.announce(TEXT)
    model = save(sitting / "Category1", b"1")
    alice.cd(home)
    for _ in range(2):
        alice("submit", "1", str(model))

        assert TEXT in alice.err


def test_a_record_that_is_damaged_costs_no_submission(sitting: Path, alice: Shell, exam: FakeExam):
    exam.announce(TEXT)
    (sitting / ".assay" / "announcements.json").write_text('["?"]')
    save(sitting / "Category1", b"1")
    alice("submit", "1")

    assert TEXT in alice.err


def test_a_server_that_knows_of_no_announcements_is_understood(
    sitting: Path, alice: Shell, exam: FakeExam, monkeypatch
):
    older = {name: value for name, value in exam.sitting().items() if name != "announcements"}
    monkeypatch.setattr(exam, "sitting", lambda: older)

    assert "From the staff" not in alice("status")


@pytest.mark.parametrize(("seen", "is_dim"), [(set(), False), ({"1"}, True)])
def test_what_was_seen_before_is_dimmed(seen: set[str], *, is_dim: bool):
    exam = FakeExam(phase="running")
    exam.announce(TEXT)
    talk = Talk(language=Language.ENGLISH)
    lines = posted(Sitting.model_validate(exam.sitting()), talk, seen=seen)
    console = Console(force_terminal=True, color_system="standard", width=100)
    with console.capture() as captured:
        console.print(*lines)

    assert captured.get().startswith("\x1b[2m") == is_dim
