"""Measuring an item: recipes without a framework, whose "model" is a slope in a text file."""

from __future__ import annotations

import json
import math
import sys
from contextlib import nullcontext

import numpy as np
import pytest

from assay.errors import Refusal
from assay.grading.scoring import measure
from assay.items.calibration import evidence as files
from assay.items.calibration.certainty import same_points, standard_error
from assay.items.calibration.evidence import Evidence, Mark, RunRecord, Transfer
from assay.items.calibration.measuring import Grading, calibrate, machine_line
from assay.items.calibration.picture import draw_picture
from assay.items.calibration.rules import (
    check_evidence,
    deviations,
    errors_at_cuts,
    judge,
    quality,
    training_seconds,
)
from assay.items.errors import TrainerGone
from assay.items.ladder import Role, ladder
from assay.items.spec import MetricName, MetricYaml
from assay.items.trainers import ColdTrainer
from assay.messages import Words


class NoNumber(Refusal):
    code = "no_number"
    message = "A number was expected."
    remedy = "Write one."


def predict(file, item, split):
    try:
        return float(file.read_text()) * split.inputs["x"] - 1
    except ValueError:
        raise NoNumber from None


GRADING = Grading(predict=predict, measure=measure)


@pytest.fixture
def whole(folder):
    """An item with a whole ladder."""
    folder.write_recipe("recipes/fair_slope.py", 1.5)
    folder.write_recipe("recipes/competent_slope.py", 2.01)
    return folder


def calibrated(folder, seeds=(1, 2), jobs=1, upto=None, **how):
    trainers = [ColdTrainer(sys.executable) for _ in range(jobs)]
    runs = calibrate(
        folder.load(), seeds, trainers=trainers, grading=GRADING, machine="a machine", **how
    )
    taken = []
    for run in runs:
        taken.append(run)
        if len(taken) == upto:
            runs.close()
            break
    return taken


def stored(folder):
    return json.loads((folder.item / "calibration.json").read_text())


def test_the_ladder_goes_from_naive_recipes_up_to_the_reference(whole):
    assert [(recipe.name, recipe.role, recipe.points[-1]) for recipe in ladder(whole.load())] == [
        ("wrong/flat.py", Role.NAIVE, 1),
        ("wrong/steep.py", Role.NAIVE, 2),
        ("recipes/fair_slope.py", Role.FAIR, 5),
        ("recipes/competent_slope.py", Role.COMPETENT, 5),
        ("reference.py", Role.REFERENCE, 5),
    ]


def test_every_recipe_is_measured_on_every_seed_and_written_down(whole):
    calibrated(whole)

    evidence = stored(whole)
    assert evidence["machines"] == ["a machine"]
    assert [(run["recipe"], run["seed"]) for run in evidence["runs"]] == [
        (recipe.name, seed) for recipe in ladder(whole.load()) for seed in (1, 2)
    ]
    reference = evidence["runs"][-1]
    assert reference["hidden"] == {"value": 0.0, "points": 5}
    assert reference["sealed"] == {"value": 0.0, "points": 5}
    assert reference["transfer"] == {"value": 0.0, "points": 5, "seed": 3}
    assert "transfer" not in evidence["runs"][0]
    assert all(run["processor_seconds"] >= 0 for run in evidence["runs"])


def test_an_interrupted_calibration_goes_on_where_it_was(whole):
    first = calibrated(whole, upto=3)
    assert len(stored(whole)["runs"]) == 3

    rest = calibrated(whole)

    assert len(first) + len(rest) == 10
    assert len(stored(whole)["runs"]) == 10


def test_more_seeds_can_be_added_later(whole):
    calibrated(whole, seeds=(1,))

    assert {run.seed for run in calibrated(whole, seeds=(1, 2, 3))} == {2, 3}


def test_two_can_be_trained_at_once(whole):
    calibrated(whole, jobs=2)

    assert len(stored(whole)["runs"]) == 10


def test_a_recipe_that_hangs_is_stopped_and_the_others_are_measured(whole):
    hanging = "recipes/fair_slope.py"
    whole.replace("def solution_model():", "def solution_model():\n    while True: pass", hanging)

    failed = [run for run in calibrated(whole, seeds=(1,), patience=2) if run.run is None]

    assert [(run.recipe.name, run.problem.code) for run in failed] == [(hanging, "recipe_hangs")]
    assert failed[0].problem.params["field"] == "1"
    assert len(stored(whole)["runs"]) == 4


def test_it_is_told_what_is_being_measured(whole):
    begun = []

    def watch(recipe, seed):
        begun.append((recipe.name, seed))
        return nullcontext()

    runs = calibrated(whole, seeds=(1,), watch=watch)

    assert begun == [(run.recipe.name, run.seed) for run in runs]


def test_a_recipe_that_changed_is_measured_again_and_no_other(whole):
    calibrated(whole)
    whole.replace('"1.5"', '"1.6"', "recipes/fair_slope.py")

    assert {run.recipe.name for run in calibrated(whole)} == {"recipes/fair_slope.py"}
    assert len(stored(whole)["runs"]) == 10


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("data.py", "- 10 ", "- 9 "),
        ("item.yaml", "hidden_size: 200", "hidden_size: 201"),
        ("item.yaml", "parameters: 1000", "parameters: 999"),
    ],
)
def test_what_changes_the_draw_or_what_is_taken_makes_all_of_it_stale(whole, name, old, new):
    calibrated(whole)
    whole.replace(old, new, name)

    assert files.stale(whole.load(), files.read(whole.load())) == ["data.py, item.yaml or assets/"]
    assert files.current(whole.load(), files.read(whole.load())).runs == []


def test_a_file_that_data_py_reads_makes_all_of_it_stale(whole):
    calibrated(whole)
    whole.write("assets/words.txt", "ash")

    assert files.current(whole.load(), files.read(whole.load())).runs == []


def test_texts_do_not_make_evidence_stale(whole):
    calibrated(whole)
    whole.write("README.md", "Another line.\n")
    whole.write("task.en.md", "# A straight line\n\nThere are ${count} points.\n")
    whole.replace("Find the line.", "Find a line.", "item.yaml")
    whole.replace("# TODO: find", "# TODO: look for", "starter.py")

    assert calibrated(whole) == []
    assert files.stale(whole.load(), files.read(whole.load())) == []


def test_points_follow_the_cuts_without_training_again(whole):
    calibrated(whole)
    assert points_of(whole, "recipes/fair_slope.py") == {3}

    whole.write_spec(metric={"name": "mae", "cuts": [9, 6, 2, 1, 0.1]})

    assert calibrated(whole) == []
    assert points_of(whole, "recipes/fair_slope.py") == {2}


def points_of(folder, name):
    return {run["hidden"]["points"] for run in stored(folder)["runs"] if run["recipe"] == name}


@pytest.mark.parametrize(
    ("text", "received"),
    [("1 / 0", "ZeroDivisionError"), ("open('mymodel.h5', 'w').write('two')", "A number was")],
)
def test_a_recipe_that_fails_is_told_and_the_others_are_measured(whole, text, received):
    whole.write("recipes/fair_slope.py", text)

    runs = calibrated(whole, seeds=(1,))

    (failed,) = [run for run in runs if run.problem is not None]
    assert failed.recipe.name == "recipes/fair_slope.py"
    assert failed.problem.params["field"] == "1"
    assert received in str(failed.problem)
    assert len(stored(whole)["runs"]) == 4


def test_a_machine_is_told_without_its_name_or_paths():
    line = machine_line({"python": "3.11.7"}, jobs=2, threads=1)

    assert "python 3.11.7" in line
    assert "2 at once, 1 threads each" in line
    assert "/" not in line.replace("w/", "")


def test_the_error_of_an_accuracy_is_binomial():
    labels = np.array([0, 1] * 50)
    predictions = np.eye(2)[np.where(np.arange(100) < 90, labels, 1 - labels)]

    error = standard_error(MetricName.ACCURACY, labels, predictions, None, measure=measure)

    assert error == pytest.approx(math.sqrt(0.9 * 0.1 / 100))


def test_the_error_of_other_metrics_comes_from_resampling():
    rng = np.random.default_rng(1)
    labels = np.zeros(2000)

    error = standard_error(MetricName.MAE, labels, rng.exponential(1, 2000), None, measure=measure)

    assert error == pytest.approx(1 / math.sqrt(2000), rel=0.3)


@pytest.mark.parametrize(("value", "expected"), [(0.95, 1.0), (0.9, 0.5), (0.5, 1.0), (0.89, 0.73)])
def test_the_same_points_are_sure_away_from_a_cut_and_a_toss_at_one(value, expected):
    metric = MetricYaml(name=MetricName.ACCURACY, cuts=[0.6, 0.7, 0.8, 0.85, 0.9])

    assert same_points(metric, [value], 0.01) == pytest.approx(expected, abs=0.01)


# The rules


def record(
    recipe, seed, points=5, value=0.05, *, sealed=None, transfer=None, seconds=3.0, processor=None
):
    return RunRecord(
        recipe=recipe,
        sha256="0",
        seed=seed,
        hidden=Mark(value=value, points=points),
        sealed=Mark(value=value, points=points if sealed is None else sealed),
        standard_error=0.01,
        same_points=1,
        transfer=None if transfer is None else Transfer(value=1, points=transfer, seed=seed + 1),
        seconds=seconds,
        processor_seconds=processor,
        machine=0,
    )


def faultless(seeds=range(1, 9)):
    """Return what the evidence of a fair item looks like, by recipe and seed."""
    runs = {}
    for seed in seeds:
        for name, points, value in (
            ("wrong/flat.py", 0, 10.0),
            ("wrong/steep.py", 2, 5.0),
            ("recipes/fair_slope.py", 3, 2.0),
            ("recipes/competent_slope.py", 5, 0.05),
            ("reference.py", 5, 0.0),
        ):
            transfer = 1 if name == "reference.py" else None
            runs[name, seed] = record(name, seed, points, value, transfer=transfer)
    return runs


def broken_rules(folder, runs):
    evidence = Evidence(item="regression/line", metric="mae", drawing="0", runs=[*runs.values()])
    return [finding.rule for finding in judge(folder.load(), evidence) if not finding.passed]


def test_faultless_evidence_keeps_every_rule(whole):
    assert broken_rules(whole, faultless()) == []


def test_seven_seeds_are_not_enough(whole):
    assert broken_rules(whole, faultless(range(1, 8))) == [
        "Every recipe was measured on enough seeds"
    ]


def test_a_ladder_without_a_competent_recipe_is_not_whole(folder):
    folder.write_recipe("recipes/fair_slope.py", 1.5)
    runs = {key: run for key, run in faultless().items() if "competent" not in key[0]}

    assert broken_rules(folder, runs) == ["The ladder is whole"]


@pytest.mark.parametrize(
    ("recipe", "changes", "rule"),
    [
        (
            "recipes/competent_slope.py",
            {"points": 4},
            "Competent recipes and the reference earn all points",
        ),
        (
            "reference.py",
            {"points": 4, "transfer": 1},
            "Competent recipes and the reference earn all points",
        ),
        ("wrong/steep.py", {"points": 3, "value": 5.0}, "Naive recipes stay below"),
        (
            "recipes/fair_slope.py",
            {"points": 3, "value": 4.0},
            "No variant is harder than another",
        ),
        (
            "reference.py",
            {"transfer": 5, "value": 0.0},
            "A model of another variant does not earn all points, or the item says why",
        ),
    ],
)
def test_one_seed_on_which_it_is_not_so_breaks_the_rule(whole, recipe, changes, rule):
    runs = faultless()
    runs[recipe, 4] = record(recipe, 4, **changes)

    assert broken_rules(whole, runs) == [rule]


def test_three_models_of_forty_may_not_get_other_points_on_sealed_samples(whole):
    runs = faultless()
    for seed in (1, 2):
        runs["recipes/fair_slope.py", seed] = record(
            "recipes/fair_slope.py", seed, 3, 2.0, sealed=2
        )
    assert broken_rules(whole, runs) == []

    runs["recipes/fair_slope.py", 3] = record("recipes/fair_slope.py", 3, 3, 2.0, sealed=2)

    assert broken_rules(whole, runs) == ["Hidden and sealed samples give the same points"]


def test_a_model_may_travel_if_the_item_says_why(whole):
    whole.write_spec(transfer={"en": "The task is the same.", "zh-CN": "题目相同。"})
    runs = faultless()
    runs["reference.py", 4] = record("reference.py", 4, value=0.0, transfer=5)

    assert broken_rules(whole, runs) == []


def test_one_slow_run_is_forgiven_and_a_slow_recipe_is_not(whole):
    runs = faultless()
    runs["wrong/flat.py", 1] = record("wrong/flat.py", 1, 0, 10.0, seconds=100)
    assert broken_rules(whole, runs) == []

    for seed in range(1, 9):
        runs["wrong/flat.py", seed] = record("wrong/flat.py", seed, 0, 10.0, seconds=31)

    assert broken_rules(whole, runs) == ["Training is short"]


@pytest.mark.parametrize(
    ("wall", "processor", "broken"),
    [
        (45, 28, []),
        (28, 45, []),
        (45, 31, ["Training is short"]),
        (45, None, ["Training is short"]),
    ],
)
def test_a_training_is_as_long_as_the_lesser_of_wall_clock_and_processor_time(
    whole, wall, processor, broken
):
    runs = faultless()
    for seed in range(1, 9):
        runs["reference.py", seed] = record(
            "reference.py", seed, value=0.0, transfer=1, seconds=wall, processor=processor
        )

    assert broken_rules(whole, runs) == broken


def test_a_few_runs_with_processor_time_do_not_speak_for_the_others():
    runs = [record("reference.py", seed, seconds=45) for seed in range(1, 8)]
    runs.append(record("reference.py", 8, seconds=45, processor=3))

    assert training_seconds(runs) == {"reference.py": 45}


def test_evidence_of_before_processor_time_can_be_read(whole):
    calibrated(whole)
    path = whole.item / "calibration.json"
    evidence = json.loads(path.read_text())
    for run in evidence["runs"]:
        del run["processor_seconds"]
    path.write_text(json.dumps(evidence))

    assert {run.processor_seconds for run in files.read(whole.load()).runs} == {None}
    assert calibrated(whole) == []
    assert "processor_seconds" not in stored(whole)["runs"][0]


@pytest.mark.parametrize(
    ("name", "cuts", "value", "expected"),
    [
        ("accuracy", [0.5, 0.6, 0.7, 0.8, 0.9], 0.83, 0.83),
        ("accuracy", [0.5, 0.6, 0.7, 0.8, 0.9], 0.1, 0.5),
        ("r2", [0.5, 0.6, 0.7, 0.8, 0.9], -12, 0.5),
        ("mae", [8, 4, 3, 2, 1], 2, 0.75),
        ("mae_ratio", [2, 1, 0.9, 0.8, 0.7], 40, 0),
    ],
)
def test_variants_are_compared_on_a_scale_from_0_to_1(name, cuts, value, expected):
    assert quality(MetricYaml(name=name, cuts=cuts), value) == pytest.approx(expected)


def test_the_mean_of_a_variant_is_taken_over_whole_ladders_only(whole):
    runs = faultless()
    del runs["reference.py", 8]

    away = deviations(whole.load(), [*runs.values()])

    assert away == {seed: pytest.approx(0) for seed in range(1, 8)}


def test_the_error_at_a_cut_lies_between_those_of_the_models_around_it(whole):
    runs = [record("reference.py", 1, value=value) for value in (0.0, 2.0, 4.0)]
    runs = [run.model_copy(update={"standard_error": run.hidden.value / 10}) for run in runs]

    assert errors_at_cuts(whole.load(), runs) == pytest.approx([0.4, 0.4, 0.3, 0.1, 0.01])


def test_evidence_is_missing_stale_or_weak(whole, codes):
    assert codes(check_evidence(whole.load())) == ["evidence_missing"]

    calibrated(whole)
    assert set(codes(check_evidence(whole.load()))) == {"evidence_thin", "evidence_weak"}

    whole.replace('"1.5"', '"1.6"', "recipes/fair_slope.py")
    (problem,) = check_evidence(whole.load())
    assert problem.code == "evidence_stale"
    assert problem.params["expected"] == "recipes/fair_slope.py"


def excuse(folder):
    folder.write_spec(unmeasured={"en": "The data were lost.", "zh-CN": "数据已丢失。"})


def test_evidence_may_be_missing_where_the_item_says_why(whole):
    excuse(whole)

    assert check_evidence(whole.load()) == []


def test_a_reason_does_not_stand_beside_evidence(whole, codes):
    calibrated(whole)
    excuse(whole)

    assert codes(check_evidence(whole.load())) == ["excuse_outlived"]


def test_the_picture_is_small(whole):
    evidence = Evidence(
        item="regression/line", metric="mae", drawing="0", runs=[*faultless(range(1, 33)).values()]
    )

    picture = draw_picture(whole.load(), evidence)

    assert picture.startswith(b"\x89PNG")
    assert len(picture) < 60_000


def test_evidence_on_too_few_seeds_asks_for_more_of_the_same_command(whole):
    calibrated(whole)

    (thin,) = [p for p in check_evidence(whole.load()) if p.code == "evidence_thin"]

    assert "at least 8 seeds were expected, received 2" in str(thin)
    assert "assay bank calibrate regression/line" in str(thin)


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        ("{", "unreadable_file", "cannot be read as JSON"),
        ("[]", "unreadable_file", "cannot be read as measured evidence"),
        ('{"format_version": 1}', "unreadable_file", "item: Field required"),
        ('{"format_version": 2}', "newer_format", "Upgrade first"),
    ],
)
def test_evidence_that_cannot_be_read_is_named_and_never_written_over(whole, content, code, words):
    path = whole.write("calibration.json", content)

    (problem,) = check_evidence(whole.load())

    assert problem.code == code
    assert words in str(problem)
    with pytest.raises(type(problem)):
        calibrated(whole)
    assert path.read_text(encoding="utf-8") == content


def test_what_changed_is_told_in_the_reader_s_language(whole):
    calibrated(whole)
    whole.replace("- 10 ", "- 9 ")

    (problem,) = check_evidence(whole.load())

    assert isinstance(problem.params["expected"], Words)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("    rng = np", "    raise RuntimeError('no ink')\n    rng = np", "draw_failed"),
        ('"x": sealed}', '"x": hidden}', "samples_overlap"),
    ],
)
def test_nothing_is_measured_on_a_variant_that_cannot_be_used(whole, old, new, code):
    whole.replace(old, new)

    runs = calibrated(whole, seeds=(1,))

    assert {run.problem.code for run in runs} == {code}
    assert len({id(run.problem) for run in runs}) == 1, "it is drawn once"
    assert not (whole.item / "calibration.json").exists()


def test_a_calibration_whose_trainer_is_gone_ends(whole):
    class Gone(ColdTrainer):
        def run(self, *_):
            raise TrainerGone

    runs = calibrate(
        whole.load(), (1,), trainers=[Gone("python")], grading=GRADING, machine="a machine"
    )

    with pytest.raises(TrainerGone):
        next(runs)
