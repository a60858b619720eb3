from __future__ import annotations

from pathlib import Path

from alices_shell import Shell, save

from fake_exam import ALICE, FakeExam, problem


def test_status_shows_time_points_and_what_is_missing(sitting: Path, alice: Shell):
    save(sitting / "Category2", b"4")
    alice("submit", "2")
    out = alice("status")

    assert "4:59:00 left" in out
    assert "Item 1" in out
    assert "★★★★☆  4/5" in out
    assert "Total 48.0 of 90 needed: 42.0 missing. Still to be won: Category1 +40" in out


def test_status_says_when_one_passes(sitting: Path, alice: Shell):
    for number in ("1", "2"):
        save(sitting / f"Category{number}", b"5")
        alice("submit", number)

    assert "Total 100.0 of 90 needed: you pass." in alice("status")


def test_status_outside_of_the_folder_shows_the_registrations_too(
    sitting: Path, alice: Shell, home: Path
):
    alice.cd(home)
    out = alice("status")

    assert "4:59:00 left" in out
    assert "2026-06-30" in out


def test_status_before_anything_shows_the_registration(alice: Shell):
    assert "may be sat: assay start" in alice("status")


def test_status_as_json_has_the_sitting_and_the_standing(sitting: Path, alice: Shell):
    stand = alice.json("status")

    assert stand["sitting"]["phase"] == "running"
    assert stand["seconds_left"] == 4 * 3600 + 59 * 60
    assert stand["standing"]["missing"] == 90
    assert stand["standing"]["gains"][0] == {"slot": "Category2", "most": 60, "enough": None}


def test_a_task_is_shown_without_the_server(sitting: Path, alice: Shell, exam: FakeExam):
    exam.requests.clear()
    out = alice("task", "1")

    assert "The task of Category1" in out
    assert not exam.requests


def test_a_task_is_shown_in_chinese_to_who_reads_chinese(sitting: Path, alice: Shell):
    assert "的题目" in alice("task", "1", "--language", "zh-CN")


def test_a_task_before_start_is_sealed(alice: Shell, home: Path):
    alice("start", "exam", "--no-env", code=12)
    alice.cd(home / "exam")
    alice("task", "1", code=2)

    assert "opened when the clock starts" in alice.err


def test_a_task_outside_of_an_exam_folder_says_where_to_go(alice: Shell):
    alice("task", "1", code=2)

    assert "not inside an exam folder" in alice.err


def test_cancel_gives_up_what_is_being_graded(sitting: Path, alice: Shell, exam: FakeExam):
    exam.grading = "until cancelled"
    exam._submit("Category1", query={"name": "mymodel.h5"}, body=b"4")
    alice("cancel", "1")

    assert exam.submissions[0]["state"] == "cancelled"


def test_cancel_with_nothing_to_cancel_says_so(sitting: Path, alice: Shell):
    alice("cancel", "1", code=5)

    assert "no submission that is still being graded" in alice.err


def test_end_asks_first(sitting: Path, alice: Shell, exam: FakeExam):
    alice("end", code=12)

    assert exam.phase == "running"
    assert "4:59:00 left" in alice.err
    assert "Nothing was graded yet in: Category1, Category2." in alice.err
    assert "assay end --yes" in alice.err


def test_end_ends(sitting: Path, alice: Shell, exam: FakeExam):
    ended = alice.json("end", "--yes")

    assert ended["phase"] == "closing"


def test_result_waits_until_it_is_final(sitting: Path, alice: Shell):
    alice("end", "--yes")
    first = alice.json("result")
    final = alice.json("result", "--wait")

    assert (first["final"], final["final"]) == (False, True)


def test_result_of_who_passed_has_the_certificate(sitting: Path, alice: Shell):
    for number in ("1", "2"):
        save(sitting / f"Category{number}", b"5")
        alice("submit", number)
    alice("end", "--yes")
    out = alice("result", "--wait")

    assert "Passed." in out
    assert "https://exam.example.org/verify/c1" in out


def test_result_of_who_failed_has_the_date_of_a_retake(sitting: Path, alice: Shell):
    alice("end", "--yes")
    out = alice("result", "--wait")

    assert "Not passed." in out
    assert "2026-01-15" in out


def test_result_says_what_to_study_and_how_certain_the_marks_are(sitting: Path, alice: Shell):
    alice("end", "--yes")
    early = alice("result")
    out = alice("result", "--wait")

    assert "What to study next" not in early
    study = out.partition("What to study next")[2]
    assert [word in study for word in ("Stop early", "Training", "2.5 of 5 points")] == [True] * 3
    assert "accuracy ≥ 0.95" in out
    assert "± 0.003" in out


def test_result_before_the_end_is_refused_in_the_servers_words(sitting: Path, alice: Shell):
    alice("result", code=6)

    assert "This sitting runs." in alice.err


def test_another_servers_folder_is_not_mixed_up(sitting: Path, alice: Shell, monkeypatch):
    monkeypatch.setenv("ASSAY_SERVER", "https://other.example.org")
    alice("status", code=2)

    assert "belongs to the exam server" in alice.err


def test_a_folder_is_spoken_for_at_its_own_server(sitting: Path, alice: Shell, home: Path):
    record = sitting / ".assay" / "workspace.json"
    record.write_text(record.read_text().replace("http://127.0.0.1", "http://127.0.0.2"))
    alice("status", code=3)

    assert "You are not signed in to http://127.0.0.2" in alice.err


def test_a_sitting_of_somebody_else_is_not_found(
    sitting: Path, alice: Shell, exam: FakeExam, monkeypatch
):
    monkeypatch.setattr(exam, "_sitting", lambda **_: (404, problem("not_found", "Not yours.")))
    alice("status", code=5)

    assert "Not yours." in alice.err


def test_the_token_of_somebody_else_is_refused(sitting: Path, alice: Shell, monkeypatch):
    monkeypatch.setenv("ASSAY_TOKEN", "bobs-token")
    alice("status", code=3)

    assert "Your token is not valid." in alice.err


def test_an_error_as_json_is_a_problem(sitting: Path, alice: Shell, monkeypatch):
    monkeypatch.setenv("ASSAY_TOKEN", "bobs-token")
    answer = alice.json("status", code=3)

    assert answer["problem"]["code"] == "unauthenticated"


def test_the_server_is_asked_in_the_readers_language(alice: Shell, exam: FakeExam):
    exam.languages.clear()
    alice("status", "--language", "zh-CN")

    assert exam.languages == {"zh-CN"}


def test_environment_variables_are_enough_to_be_signed_in(shell: Shell, server: str, monkeypatch):
    monkeypatch.setenv("ASSAY_SERVER", server)
    monkeypatch.setenv("ASSAY_TOKEN", ALICE)

    assert "may be sat" in shell("status")
