"""What every item of the open bank must hold."""

from __future__ import annotations

import re
import sys

import pytest

from assay.grading import grade
from assay.grading.sandbox import Runner
from assay.items.check import check_blueprints, check_item, check_layout
from assay.items.recipes import Mark, run_recipes
from assay.items.tasktexts import check_task_texts
from assay.items.trainers import warm_or_cold


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


def test_the_task_names_shapes_cuts_and_limits_and_both_texts_are_alike(item):
    assert [str(problem) for problem in check_task_texts(item)] == []


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
