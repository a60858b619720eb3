"""What every item of the open bank must hold."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from assay.grading import grade
from assay.grading.sandbox import Runner
from assay.items import load_bank
from assay.items.bundle import build_bundle
from assay.items.check import check_blueprints, check_item, check_layout
from assay.items.downloads import fetch
from assay.items.errors import DataMissing
from assay.items.recipes import Mark, run_recipes
from assay.items.trainers import warm_or_cold

OPEN_BANK = Path(__file__).resolve().parents[2] / "bank"
KEYS = sorted(load_bank(OPEN_BANK).items)


@pytest.fixture(params=KEYS)
def item(request, open_bank):
    found = open_bank.items[request.param]
    if not found.spec.offline:
        request.getfixturevalue("data_mirror")
    return found


@pytest.fixture
def drawable(item):
    """An item whose data are here; the mirror need not have every data set."""
    try:
        for file in item.spec.data.files:
            fetch(item.folder, file.name)
    except DataMissing as missing:
        pytest.skip(str(missing))
    return item


def test_nothing_lies_about_beside_the_items(open_bank):
    assert check_layout(open_bank) == []


def test_every_blueprint_draws_from_items_that_exist(open_bank):
    assert check_blueprints(open_bank) == []


def test_the_exam_has_an_item_of_each_category_in_its_place(open_bank):
    slots = open_bank.blueprints["developer"].spec.slots

    assert [slot.name for slot in slots] == [f"Category{n}" for n in range(1, 6)]
    assert [{key.split("/")[0] for key in slot.pool} for slot in slots] == [
        {"regression"},
        {"classic"},
        {"image"},
        {"text"},
        {"series"},
    ]


def test_practice_asks_what_the_exam_asks(open_bank):
    exam, practice = open_bank.blueprints["developer"].spec, open_bank.blueprints["practice"].spec

    assert practice.slots == exam.slots
    assert (exam.certificate, practice.certificate) == (True, False)


@pytest.mark.slow  # `make check` does the same: assay bank check
def test_the_item_keeps_all_promises(drawable):
    assert [str(problem) for problem in check_item(drawable, (3, 4))] == []


def test_the_hidden_set_is_large_enough_for_a_fair_mark_or_the_item_says_what_follows(item):
    assert item.spec.hidden_size >= 2000 or item.spec.certainty is not None


def test_the_chinese_text_is_chinese(item):
    text = (item.folder / "task.zh-CN.md").read_text(encoding="utf-8")
    prose = re.sub(r"`[^`]*`|\$\{\w+\}|https?://\S+", "", text)

    assert len(re.findall(r"[\u4e00-\u9fff]", prose)) > 300
    assert not re.findall(r"[\u4e00-\u9fff][,;:!?]", prose), "Chinese has punctuation of its own"


def test_the_task_names_shapes_cuts_and_limits(item):
    for name in ("task.en.md", "task.zh-CN.md"):
        text = (item.folder / name).read_text(encoding="utf-8")
        shapes = [i.shape for i in item.spec.contract.inputs] + [item.spec.contract.output.shape]
        for shape in shapes:
            inner = ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "")
            assert f"`({inner})`" in text
        for cut in item.spec.metric.cuts:
            assert f"{cut:.2f}" in text or f"{cut:g}" in text or f"{100 * cut:g}" in text
        assert f"{item.spec.limits.file_mb:g} MB" in text


def starter_says(item, folder):
    """Run the starter beside the public bundle as a candidate does; return what it printed."""
    with zipfile.ZipFile(io.BytesIO(build_bundle(item, item.draw(5)))) as bundle:
        bundle.extractall(folder)
    own = {name: value for name, value in os.environ.items() if not name.startswith("ASSAY_")}
    run = subprocess.run(
        # Isolated: neither our sources nor the user's packages, as in a new environment.
        [sys.executable, "-I", "-c", RUN_BESIDE, "starter.py"],
        cwd=folder,
        env={**own, "TF_CPP_MIN_LOG_LEVEL": "2"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


# What `python starter.py` does, where nothing else of ours can be imported.
RUN_BESIDE = """
import runpy, sys

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"assay", "sklearn", "statsmodels", "PIL", "django"}:
            raise ModuleNotFoundError(f"a candidate's environment has no {name}", name=name)

sys.meta_path.insert(0, Hidden())
sys.path.insert(0, "")
runpy.run_path(sys.argv[1], run_name="__main__")
"""


def test_a_starter_runs_as_it_is_and_says_what_is_left(open_bank, tmp_path):
    assert "TODO" in starter_says(open_bank.items["regression/curve"], tmp_path)


@pytest.mark.slow
def test_the_starter_runs_as_it_is_and_says_what_is_left(drawable, tmp_path):
    assert "TODO" in starter_says(drawable, tmp_path)
    assert not (tmp_path / "mymodel.h5").exists()


@pytest.mark.slow
@pytest.mark.train
@pytest.mark.timeout(3600)
def test_the_reference_earns_all_points_and_naive_recipes_do_not(drawable):
    with Runner() as runner:

        def mark(file, item, split):
            outcome = grade(
                runner,
                file,
                contract=item.spec.to_contract(),
                limits=item.spec.to_limits(),
                metric=item.spec.metric,
                split=split,
            )
            return Mark(points=outcome.points, value=outcome.value)

        with warm_or_cold(sys.executable) as trainer:
            runs = list(run_recipes(drawable, [5], trainer=trainer, grade=mark))

    assert [str(problem) for run in runs for problem in run.problems] == []
    assert {run.recipe: run.mark.points for run in runs if run.mark}["reference.py"] == 5
