from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from alices_shell import Shell, save

from assay.cli.http import Upload
from fake_exam import FakeExam, serving


def test_it_shows_the_points_and_what_is_missing(sitting: Path, alice: Shell):
    save(sitting / "Category1", b"4 of 5")
    out = alice("submit", "1")

    assert "★★★★☆  4/5" in out
    assert "Total 32.0 of 90 needed: 58.0 missing." in out
    assert "Category2 with 5/5" in out


def test_the_folder_says_which_category_is_meant(sitting: Path, alice: Shell, exam: FakeExam):
    save(sitting / "Category2", b"3")
    alice.cd(sitting / "Category2" / "data")
    alice("submit")

    assert exam.submissions[0]["slot"] == "Category2"


def test_a_file_says_which_category_is_meant(sitting: Path, alice: Shell, exam: FakeExam):
    save(sitting / "Category2", b"3")
    alice("submit", "Category2/mymodel.h5")

    assert exam.submissions[0]["slot"] == "Category2"


def test_outside_of_a_category_it_asks_for_the_number(sitting: Path, alice: Shell):
    alice("submit", code=2)

    assert "assay submit 1" in alice.err


def test_an_unknown_category_is_named_with_the_known_ones(sitting: Path, alice: Shell):
    alice("submit", "7", code=2)

    assert "Category1, Category2" in alice.err


def test_the_newest_model_file_is_taken_and_named(sitting: Path, alice: Shell, exam: FakeExam):
    folder = sitting / "Category1"
    save(folder, b"1")
    newest = save(folder, b"5", "mymodel.keras")
    os.utime(newest, (newest.stat().st_mtime + 5,) * 2)
    alice("submit", "1")

    assert exam.submissions[0]["file_name"] == "mymodel.keras"
    assert "left aside: mymodel.h5" in alice.err


def test_it_warns_of_a_starter_that_was_changed_after_the_model_was_saved(
    sitting: Path, alice: Shell
):
    path = save(sitting / "Category1", b"1")
    os.utime(path, (1, 1))
    alice("submit", "1")

    assert "starter.py was changed after" in alice.err


def test_without_a_model_it_says_how_to_get_one(sitting: Path, alice: Shell):
    alice("submit", "1", code=2)

    assert "Run the category's starter.py" in alice.err


def test_a_file_that_is_too_large_is_not_sent(sitting: Path, alice: Shell, exam: FakeExam):
    save(sitting / "Category1", b"5" * 1001)
    alice("submit", "1", code=2)

    assert "1001 bytes; this task takes at most 1000" in alice.err
    assert not exam.submissions


def test_a_refusal_is_shown_with_its_remedy(sitting: Path, alice: Shell):
    save(sitting / "Category1", b"?")
    out = alice("submit", "1", code=7)

    assert "The layer dense_1 runs code." in out
    assert "→ Use Rescaling." in out


def test_json_is_the_submission(sitting: Path, alice: Shell):
    save(sitting / "Category1", b"4")
    submission = alice.json("submit", "1")

    assert (submission["state"], submission["points"], submission["total"]) == ("graded", 4, 32.0)


def test_a_fault_of_the_platform_is_told_while_it_is_tried_again(
    sitting: Path, alice: Shell, exam: FakeExam
):
    exam.grading = "again"
    save(sitting / "Category1", b"5")
    out = alice("submit", "1")

    assert "It failed on our side." in alice.err
    assert "5/5" in out


def test_a_lost_answer_does_not_submit_twice(sitting: Path, alice: Shell, exam: FakeExam):
    exam.grading = "again"
    exam.hang_up = 1
    save(sitting / "Category1", b"5")
    alice("submit", "1")

    assert [s["number"] for s in exam.submissions] == [1]


def test_other_bytes_while_one_is_graded_are_refused(sitting: Path, alice: Shell, exam: FakeExam):
    exam.grading = "until cancelled"
    exam._submit("Category1", query={"name": "mymodel.h5"}, body=b"4")
    save(sitting / "Category1", b"5")
    alice("submit", "1", code=6)

    assert "One is being graded." in alice.err


def test_after_the_end_nothing_is_taken(sitting: Path, alice: Shell, exam: FakeExam):
    exam.phase = "closed"
    save(sitting / "Category1", b"5")
    alice("submit", "1", code=4)

    assert not exam.submissions


def test_a_server_that_is_away_is_waited_for(
    home: Path, shell: Shell, exam: FakeExam, monkeypatch: pytest.MonkeyPatch
):
    with serving(exam) as url:
        shell("login", url, "--token", "alices-token")
        shell("start", "exam", "--no-env", "--yes")
    port = int(url.rpartition(":")[2])
    shell.cd(home / "exam")
    save(home / "exam" / "Category1", b"5")
    monkeypatch.setattr("assay.cli.http._PAUSES", (0.2,))
    away = subprocess.Popen(
        [sys.executable, "-m", "assay.cli", "submit", "1"], stderr=subprocess.PIPE, text=True
    )
    assert away.stderr is not None
    first = away.stderr.readline()
    with serving(exam, port):
        away.communicate(timeout=30)

    assert away.returncode == 0
    assert "Nothing answers" in first
    assert exam.submissions[0]["points"] == 5


def test_a_server_that_stays_away_is_said_so_and_the_file_stays(
    home: Path, shell: Shell, exam: FakeExam, monkeypatch: pytest.MonkeyPatch
):
    with serving(exam) as url:
        shell("login", url, "--token", "alices-token")
        shell("start", "exam", "--no-env", "--yes")
    shell.cd(home / "exam")
    path = save(home / "exam" / "Category1", b"5")
    monkeypatch.setenv("ASSAY_PATIENCE", "0.1")
    shell("submit", "1", code=8)

    assert "Nothing answers at" in shell.err
    assert path.read_bytes() == b"5"


def test_a_file_that_changes_on_its_way_is_not_submitted(
    sitting: Path, alice: Shell, exam: FakeExam, monkeypatch: pytest.MonkeyPatch
):
    path = save(sitting / "Category1", b"5 old")
    hashed = Upload.of(path)
    path.write_bytes(b"5 new")
    monkeypatch.setattr(Upload, "of", lambda _path: hashed)
    alice("submit", "1", code=2)

    assert "changed while it was being sent" in alice.err
    assert not exam.submissions


@pytest.mark.skipif(os.name == "nt", reason="signals are sent otherwise on Windows")
def test_ctrl_c_cancels_the_submission(sitting: Path, alice: Shell, exam: FakeExam):
    exam.grading = "until cancelled"
    save(sitting / "Category1", b"5")
    process = subprocess.Popen(
        [sys.executable, "-m", "assay.cli", "submit", "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 20
    while "GET /api/submissions/sub1" not in exam.requests and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)

    assert process.returncode == 130
    assert exam.submissions[0]["state"] == "cancelled"
    assert "Cancelled" in out
    assert "Traceback" not in err


def test_a_file_from_another_categorys_folder_is_noticed(
    sitting: Path, alice: Shell, exam: FakeExam
):
    save(sitting / "Category2", b"3")
    alice.cd(sitting / "Category1")
    alice("submit", "1", "../Category2/mymodel.h5")

    assert exam.submissions[0]["slot"] == "Category1"
    assert "lies in the folder of Category2" in alice.err


def test_a_path_with_dots_says_which_category_is_meant(sitting: Path, alice: Shell, exam: FakeExam):
    save(sitting / "Category2", b"3")
    alice.cd(sitting / "Category1")
    alice("submit", "../Category2/mymodel.h5")

    assert exam.submissions[0]["slot"] == "Category2"
