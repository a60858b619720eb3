"""`assay bank`, typed as an author types it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

OPEN_BANK = Path(__file__).resolve().parents[2] / "bank"


def assay(*words, language="en", bank=OPEN_BANK):
    return subprocess.run(
        [sys.executable, "-m", "assay.cli", "bank", *words],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env={**os.environ, "ASSAY_LANGUAGE": language, "ASSAY_BANK": str(bank)},
    )


def test_list_shows_every_item_and_where_it_is_asked():
    run = assay("list")

    assert run.returncode == 0
    for key in ("regression/curve", "classic/handwritten_digits", "series/co2"):
        assert key in run.stdout
    assert "developer" in run.stdout


def test_list_speaks_chinese():
    run = assay("list", language="zh-CN")

    assert "噪声背后的曲线" in run.stdout


def test_list_gives_json():
    items = json.loads(assay("list", "--json").stdout)["items"]

    curve = next(item for item in items if item["key"] == "regression/curve")
    assert curve["blueprints"] == ["developer", "practice"]
    assert curve["metric"]["name"] == "r2"


def test_check_passes_what_is_right():
    run = assay("check", "regression/curve", "--json")

    assert run.returncode == 0
    report = json.loads(run.stdout)
    assert report["items"] == ["regression/curve"]
    assert (report["skipped"], report["problems"], report["runs"]) == ({}, [], [])


def test_check_says_what_is_wrong_what_to_do_and_ends_with_10(tmp_path):
    folder = tmp_path / "series" / "new"
    folder.mkdir(parents=True)
    (folder / "item.yaml").write_text("format_version: 9\n")

    run = assay("check", "--bank", str(tmp_path))

    assert run.returncode == 10
    assert "series/new/item.yaml has format_version 9" in run.stderr
    assert "Upgrade first" in run.stderr
    assert run.stdout.strip() == "Problems: 1. Items checked: 0."


def test_check_gives_problems_as_json(tmp_path):
    (tmp_path / "notes.txt").write_text("")

    run = assay("check", "--bank", str(tmp_path), "--json")

    assert run.returncode == 10
    (problem,) = json.loads(run.stdout)["problems"]
    assert problem["code"] == "stray_file"
    assert problem["params"] == {"file": "notes.txt"}


def test_new_makes_an_item_in_a_private_bank_and_says_how_to_go_on(tmp_path):
    run = assay("new", "text", "tides", "--bank", str(tmp_path / "mine"))

    assert run.returncode == 0
    assert "recipes/competent_wide.py" in run.stdout
    assert f"assay bank check text/tides --bank {tmp_path / 'mine'}" in run.stderr
    assert assay("list", "--bank", str(tmp_path / "mine")).returncode == 0


def test_preview_shows_the_task_in_a_language_and_samples_of_the_files(tmp_path):
    picture = tmp_path / "curve.png"

    run = assay("preview", "regression/curve", "--seed", "3", "--lang", "zh-CN", "--out", picture)

    assert run.returncode == 0
    assert "评分方式" in run.stdout
    assert "readings.csv" in run.stdout
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_new_begins_the_bank_that_the_environment_names(tmp_path):
    run = assay("new", "text", "tides", bank=tmp_path / "mine")

    assert run.returncode == 0
    assert (tmp_path / "mine" / "text" / "tides" / "item.yaml").is_file()


@pytest.mark.parametrize("name", ["nowhere/curve.png", "curve.jpg"])
def test_preview_says_before_it_draws_that_a_picture_cannot_be_there(tmp_path, name):
    run = assay("preview", "regression/curve", "--out", str(tmp_path / name))

    assert run.returncode == 2
    assert "A name that ends in .png, in a folder that exists, was expected" in run.stderr
    assert run.stdout == ""


def test_preview_gives_json():
    preview = json.loads(assay("preview", "regression/curve", "--json").stdout)

    assert preview["task"].startswith("# ")
    assert preview["parts"][0]["name"] == "readings.csv"
    assert len(preview["parts"][0]["rows"]) == 5


def test_check_can_ask_for_evidence(tmp_path):
    assay("new", "text", "tides", "--bank", str(tmp_path))

    warned = json.loads(assay("check", "--bank", str(tmp_path), "--json").stdout)
    run = assay("check", "--bank", str(tmp_path), "--evidence", "--json")

    assert [warning["code"] for warning in warned["warnings"]] == ["evidence_missing"]
    assert run.returncode == 10
    assert "evidence_missing" in [p["code"] for p in json.loads(run.stdout)["problems"]]


def test_check_names_an_item_without_evidence_and_its_reason(tmp_path):
    assay("new", "text", "tides", "--bank", str(tmp_path))
    with (tmp_path / "text" / "tides" / "item.yaml").open("a", encoding="utf-8") as spec:
        spec.write("unmeasured:\n  en: The sea is far.\n  zh-CN: 大海很远。\n")

    run = assay("check", "--bank", str(tmp_path), "--evidence", language="zh-CN")
    report = json.loads(assay("check", "--bank", str(tmp_path), "--evidence", "--json").stdout)

    assert "大海很远。" in run.stderr
    assert "text/tides" in run.stdout
    assert report["unmeasured"] == {"text/tides": "The sea is far."}
    assert "evidence_missing" not in [p["code"] for p in report["problems"]]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["check", "poetry/sonnet"], 10),
        (["list", "--bank", "/nowhere/at/all"], 10),
        (["check", "--seed", "one"], 2),
        (["preview", "regression/curve", "--lang", "klingon"], 2),
        (["new", "poetry", "sonnet"], 2),
        (["new", "text", "A Sonnet"], 10),
    ],
)
def test_what_cannot_be_done_is_said(words, code):
    run = assay(*words)

    assert run.returncode == code
    assert run.stderr
    assert "Traceback" not in run.stderr
