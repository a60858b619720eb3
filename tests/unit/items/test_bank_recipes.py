"""Recipes without a framework: their "model" is a slope in a text file."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from assay.errors import Refusal
from assay.items.patience import patience
from assay.items.recipes import Mark, run_recipes
from assay.items.spec import Category
from assay.items.trainers import ColdTrainer
from assay.messages import Language

HANGS = "recipes/fair_slope.py"


class NoNumber(Refusal):
    code = "no_number"
    message = "A number was expected."
    remedy = "Write one."


def grade(file, item, split):
    text = file.read_text()
    try:
        slope = float(text)
    except ValueError:
        raise NoNumber from None
    value = float(np.abs(slope * split.inputs["x"] - 1 - split.labels).mean())
    return Mark(points=sum(value <= cut for cut in item.spec.metric.cuts), value=value)


def runs_of(folder, **how):
    trainer = ColdTrainer(sys.executable)
    return list(run_recipes(folder.load(), [1], trainer=trainer, grade=grade, **how))


def only_problem(folder, **how):
    problems = [problem for run in runs_of(folder, **how) for problem in run.problems]
    assert len(problems) == 1, problems
    return problems[0]


def test_starter_reference_and_naive_recipes_run_and_are_graded(folder):
    runs = runs_of(folder)

    assert [(run.recipe, run.mark.points) for run in runs] == [
        ("starter.py", 0),
        ("wrong/flat.py", 0),
        ("wrong/steep.py", 2),
        ("reference.py", 5),
    ]
    assert [run.problems for run in runs] == [[], [], [], []]


def test_a_recipe_runs_beside_the_public_bundle_and_nothing_else(folder):
    look = "import os\nassert sorted(os.listdir()) == {files}\n\n\ndef solution_model"
    files = (
        "['item.json', 'reference.py', 'starter.py', 'task.en.md', 'task.zh-CN.md', 'train.npz']"
    )
    folder.replace("def solution_model", look.format(files=files), "reference.py")

    (run,) = [run for run in runs_of(folder) if run.recipe == "reference.py"]

    assert run.problems == []


def test_a_starter_that_earns_points_unfinished_is_a_problem(folder):
    folder.replace('"0"', '"2"', "starter.py")

    problem = only_problem(folder)

    assert problem.code == "starter_passes"
    assert "at most 2 points unfinished, received 5 (mae 0.0000)" in str(problem)


def test_a_starter_without_a_model_is_as_it_should_be(folder):
    folder.replace('    model.save("mymodel.h5")', '    # model.save("mymodel.h5")', "starter.py")

    run = runs_of(folder)[0]

    assert run.mark is None
    assert run.problems == []


def test_a_starter_with_a_refused_model_is_as_it_should_be(folder):
    folder.replace('"0"', '"nothing yet"', "starter.py")

    assert runs_of(folder)[0].problems == []


@pytest.mark.parametrize(
    ("old", "new", "received"),
    [
        ('    print("Find the slope.")', "", "a word about what is left to do"),
        ('    print("Find the slope.")', "    raise SystemExit(3)", "exit code 3"),
        ('    print("Find the slope.")', "    1 / 0", "ZeroDivisionError"),
    ],
)
def test_a_starter_that_does_not_end_well_is_a_problem(folder, old, new, received):
    folder.replace(old, new, "starter.py")

    problem = only_problem(folder)

    assert problem.code == "recipe_failed"
    assert received in str(problem)


def test_a_reference_below_five_points_is_a_problem(folder):
    folder.replace('"2"', '"2.1"', "reference.py")

    problem = only_problem(folder)

    assert problem.code == "recipe_falls_short"
    assert problem.params["expected"] == 5
    assert problem.params["received"].startswith("4 (mae 0.")


def test_a_reference_without_a_model_is_a_problem(folder):
    folder.replace('    model.save("mymodel.h5")', '    # model.save("mymodel.h5")', "reference.py")

    problem = only_problem(folder)

    assert problem.code == "recipe_failed"
    assert "no mymodel.h5" in str(problem)


def test_a_reference_whose_model_is_refused_is_a_problem_with_the_reason(folder):
    folder.replace('"2"', '"two"', "reference.py")

    assert "A number was expected." in str(only_problem(folder))


def test_a_recipe_that_hangs_is_stopped_and_it_is_said_what_to_do(folder):
    folder.write_recipe(HANGS, 1.5)
    folder.replace("def solution_model():", "def solution_model():\n    while True: pass", HANGS)

    problem = only_problem(folder, patience=2)

    told = problem.render(Language.ENGLISH)
    assert problem.code == "recipe_hangs"
    assert told.message == (
        "regression/line/recipes/fair_slope.py (seed 1): an end within 2 s was expected, "
        "but it was still running and was stopped."
    )
    assert "--patience SECONDS" in told.remedy


@pytest.mark.parametrize(("category", "seconds"), [("regression", 300), ("image", 600)])
def test_a_recipe_is_stopped_after_ten_times_what_its_item_allows(folder, category, seconds):
    item = folder.load()
    spec = item.spec.model_copy(update={"category": Category(category)})

    assert patience(replace(item, spec=spec)) == seconds


def test_it_is_told_which_recipe_is_being_trained_and_when_it_is_over(folder):
    told = []

    @contextmanager
    def watch(recipe, seed):
        told.append(("begins", recipe.name, seed))
        yield
        told.append(("is over", recipe.name, seed))

    runs = runs_of(folder, watch=watch)

    assert told == [(what, run.recipe, 1) for run in runs for what in ("begins", "is over")]


def test_a_naive_recipe_above_its_limit_is_a_problem(folder):
    folder.replace("AT_MOST = 2", "AT_MOST = 1", "wrong/steep.py")

    problem = only_problem(folder)

    assert problem.code == "wrong_recipe_passes"
    assert problem.params["file"] == "regression/line/wrong/steep.py"
    assert problem.params["expected"] == 1


def test_the_folders_can_be_kept(folder, tmp_path):
    runs_of(folder, keep=tmp_path / "kept")

    kept = tmp_path / "kept" / "regression" / "line" / "1" / "reference"
    assert (kept / "mymodel.h5").read_text() == "2"
    assert (kept / "output.txt").read_text() == "Find the slope.\n"


def test_a_refused_model_is_told_with_the_words_of_its_refusal(folder):
    folder.replace('"2"', '"steep"', "reference.py")

    problem = only_problem(folder)

    assert problem.code == "recipe_refused"
    assert str(problem) == (
        "regression/line/reference.py (seed 1): its model is not graded. "
        "A number was expected. Write one."
    )


def test_a_folder_is_no_model(folder):
    folder.replace(
        "        with open(path",
        "        __import__('os').mkdir(path)\n        with open(path + '.txt'",
        "reference.py",
    )

    assert "expected a graded model, received no mymodel.h5" in str(only_problem(folder))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("raise SystemExit(3)", "exit code 3, without a word"),
        ("raise ValueError('a tide.')", "exit code 1: ValueError: a tide."),
    ],
)
def test_how_a_recipe_ended_is_said(folder, line, words):
    folder.replace("    return Model()", f"    {line}", "reference.py")

    assert f"received {words}" in str(only_problem(folder))
    assert ".." not in str(only_problem(folder))
