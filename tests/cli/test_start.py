from __future__ import annotations

import json
from pathlib import Path

import pytest
from alices_shell import Shell

from assay.workspace import environment
from fake_exam import STARTER, FakeExam, problem, sealed_bundle


def test_it_makes_the_folder_and_starts_the_clock(alice: Shell, exam: FakeExam, home: Path):
    out = alice("start", "exam", "--no-env", "--yes")

    assert exam.phase == "running"
    assert "4:59:00 left" in out
    names = {"task.en.md", "task.zh-CN.md", "item.json", "starter.py", "data"}
    for slot in ("Category1", "Category2"):
        assert {path.name for path in (home / "exam" / slot).iterdir()} == names


def test_who_starts_reads_what_they_promise(alice: Shell):
    alice("start", "exam", "--no-env", code=12)

    assert "The work is yours alone." in alice.err
    assert "and promise to keep to the rules." in alice.err


def test_it_shows_the_rules_before_anything_else(alice: Shell):
    alice("start", "--no-env", "--yes")

    for rule in ("Slot 1 40 %, Slot 2 60 %", "5:00:00 from Start", "90 % of the weighted total"):
        assert rule in alice.err


def test_without_yes_and_without_a_terminal_everything_is_prepared_but_the_clock(
    alice: Shell, exam: FakeExam, home: Path
):
    alice("start", "exam", "--no-env", code=12)

    assert exam.phase == "ready"
    assert "assay start exam --yes" in alice.err
    assert not (home / "exam" / "Category1").exists()
    assert len(list((home / "exam" / ".assay" / "sealed").iterdir())) == 2


def test_the_same_command_goes_on_where_it_was(alice: Shell, exam: FakeExam, home: Path):
    alice("start", "exam", "--no-env", code=12)
    exam.requests.clear()
    alice("start", "exam", "--yes")

    assert exam.phase == "running"
    assert not [request for request in exam.requests if request.endswith("/bundle")]
    assert (home / "exam" / "Category1" / "starter.py").read_text() == STARTER


def test_it_never_overwrites_what_the_candidate_wrote(sitting: Path, alice: Shell):
    (sitting / "Category1" / "starter.py").write_text("mine")
    (sitting / "Category1" / "mymodel.h5").write_bytes(b"5")
    alice("start")

    assert (sitting / "Category1" / "starter.py").read_text() == "mine"
    assert (sitting / "Category1" / "mymodel.h5").read_bytes() == b"5"


def test_it_brings_back_a_deleted_file(sitting: Path, alice: Shell):
    (sitting / "Category1" / "starter.py").unlink()
    alice("start")

    assert (sitting / "Category1" / "starter.py").read_text() == STARTER


def test_a_running_sitting_asks_nothing_again(sitting: Path, alice: Shell):
    alice("start")

    assert "going on where it was" in alice.err


def test_a_broken_download_is_fetched_again(alice: Shell, exam: FakeExam):
    exam.broken_downloads = 2
    alice("start", "exam", "--no-env", "--yes")

    assert sum(request.endswith("/bundle") for request in exam.requests) == 4


def test_a_bundle_that_stays_broken_is_said_so_before_the_clock_runs(alice: Shell, exam: FakeExam):
    exam.broken_downloads = 100
    alice("start", "exam", "--no-env", "--yes", code=13)

    assert exam.phase == "ready"
    assert "damaged" in alice.err


def test_a_sealed_bundle_that_was_changed_on_the_disk_is_fetched_again(
    alice: Shell, exam: FakeExam, home: Path
):
    alice("start", "exam", "--no-env", code=12)
    sealed = home / "exam" / ".assay" / "sealed" / "Category1.bundle"
    sealed.write_bytes(b"x" * sealed.stat().st_size)
    alice("start", "exam", "--yes")

    assert (home / "exam" / "Category1" / "starter.py").read_text() == STARTER


def test_a_key_that_does_not_fit_is_no_traceback(alice: Shell, exam: FakeExam):
    other_key = bytes(32)
    exam.sealed["Category1"] = sealed_bundle(exam.plain["Category1"], other_key)
    alice("start", "exam", "--no-env", "--yes", code=13)

    assert "Category1" in alice.err


def test_it_goes_on_from_inside_a_category(sitting: Path, alice: Shell):
    alice.cd(sitting / "Category2" / "data")
    started = alice.json("start")

    assert started["workspace"] == str(sitting)


def test_the_default_folder_is_named_after_the_exam(alice: Shell, home: Path):
    alice("start", "--no-env", "--yes")

    assert (home / "assay-developer" / "Category1" / "starter.py").exists()


def test_the_default_folder_is_found_again(alice: Shell, home: Path):
    alice("start", "--no-env", code=12)
    alice("start", "--yes")

    assert [path.name for path in home.iterdir()] == ["assay-developer"]


def test_it_does_not_touch_a_folder_with_other_files(alice: Shell, home: Path, exam: FakeExam):
    (home / "thesis").mkdir()
    (home / "thesis" / "chapter1.tex").write_text("…")
    alice("start", "thesis", "--no-env", "--yes", code=2)

    assert "already holds other files" in alice.err
    assert [path.name for path in (home / "thesis").iterdir()] == ["chapter1.tex"]
    assert exam.phase != "running"


def test_a_folder_that_an_editor_has_opened_is_still_empty(alice: Shell, home: Path):
    (home / "exam" / ".idea").mkdir(parents=True)
    alice("start", "exam", "--no-env", "--yes")

    assert (home / "exam" / "Category1").exists()


def test_it_refuses_the_folder_of_another_sitting(sitting: Path, alice: Shell, exam: FakeExam):
    record = sitting / ".assay" / "workspace.json"
    record.write_text(record.read_text().replace('"developer"', '"expert"'))
    alice("start", str(sitting), "--exam", "developer", code=2)

    assert "belongs to another sitting" in alice.err


def test_it_refuses_a_folder_of_a_newer_assay(sitting: Path, alice: Shell):
    record = sitting / ".assay" / "workspace.json"
    record.write_text(record.read_text().replace('"format_version": 1', '"format_version": 2'))
    alice("status", code=2)

    assert "Upgrade first" in alice.err


def test_the_record_of_the_folder_holds_neither_token_nor_key(sitting: Path, exam: FakeExam):
    path = sitting / ".assay" / "workspace.json"
    record = json.loads(path.read_text())

    assert "alices-token" not in path.read_text()
    assert set(record) == {
        "format_version", "server", "sitting", "exam", "title", "language", "slots",
        "requirements", "environment",
    }  # fmt: skip
    assert path.stat().st_mode & 0o777 == 0o600


def test_without_a_registration_it_says_whom_to_ask(alice: Shell, exam: FakeExam):
    exam.registered = False
    alice("start", code=5)

    assert "not registered" in alice.err
    assert "assay practice" in alice.err


def test_an_obstacle_is_told_in_the_servers_words(alice: Shell, exam: FakeExam):
    exam.obstacle = problem("retake_wait", "You may try again on 15 January.", "Practise.")
    alice("start", code=4)

    assert "You may try again on 15 January." in alice.err


def test_an_unknown_exam_is_named_with_the_known_ones(alice: Shell):
    alice("start", "--exam", "expert", code=2)

    assert "developer" in alice.err


def test_after_the_end_it_shows_how_it_stood(sitting: Path, alice: Shell, exam: FakeExam):
    exam.phase = "closed"
    out = alice("start")

    assert "assay result" in out


def test_it_waits_while_the_server_is_busy(alice: Shell, exam: FakeExam):
    exam.busy = 3
    alice("start", "exam", "--no-env", "--yes")

    assert "Trying again" in alice.err


def test_an_environment_that_cannot_be_made_costs_no_exam_time(
    alice: Shell, exam: FakeExam, monkeypatch: pytest.MonkeyPatch
):
    exam.environment = ["nothing-like-this-exists==1"]
    monkeypatch.setattr(environment, "_run", lambda _command: 1)
    alice("start", "exam", "--yes", code=13)

    assert exam.phase == "ready"
    assert "assay start --no-env" in alice.err
