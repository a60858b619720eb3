"""What a model that was trained on one candidate's variant is worth on another's."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from assay.grading import grade
from assay.grading.sandbox import Runner
from assay.items import load_bank
from assay.items.calibration import evidence as files
from assay.items.ladder import recipe_of
from assay.items.recipes import train
from assay.items.sources import MODEL_FILE
from assay.items.trainers import ColdTrainer

KEYS = sorted(load_bank(Path(__file__).resolve().parents[2] / "bank").items)
SECTION = "## What a model of another variant is worth"
ALL_POINTS = 5


@pytest.mark.parametrize("key", KEYS)
def test_it_earns_less_than_all_points_or_the_item_says_why_it_may(open_bank, key):
    item = open_bank.items[key]
    evidence = files.read(item)
    if evidence is None:
        pytest.skip(f"{key} is not measured; `assay bank check --evidence` asks for the reason")
    references = [run for run in evidence.runs if run.recipe == "reference.py"]
    points = [run.transfer.points for run in references if run.transfer is not None]

    assert len(points) == len(references) > 0
    if item.spec.transfer == "differs":
        assert max(points) < ALL_POINTS
    else:
        assert SECTION in (item.folder / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("key", KEYS)
def test_no_item_has_an_excuse_that_it_does_not_need(open_bank, key):
    item = open_bank.items[key]
    evidence = files.read(item)
    if item.spec.transfer == "differs" or evidence is None:
        return
    points = [run.transfer.points for run in evidence.runs if run.transfer is not None]

    assert max(points) == ALL_POINTS


def points_on(item, variant, model):
    with Runner() as runner:
        return grade(
            runner,
            model,
            contract=item.spec.to_contract(),
            limits=item.spec.to_limits(),
            metric=item.spec.metric,
            split=variant.hidden,
        ).points


@pytest.mark.train
def test_the_reference_of_one_s_own_variant_earns_all_and_of_another_s_does_not(
    open_bank, tmp_path
):
    item = open_bank.items["classic/wine"]  # the quickest
    alice, bob = item.draw(101), item.draw(102)
    with ColdTrainer(sys.executable) as trainer:
        train(item, alice, recipe_of(item, item.reference), tmp_path, trainer)
    model = tmp_path / MODEL_FILE

    assert points_on(item, alice, model) == ALL_POINTS
    assert points_on(item, bob, model) < ALL_POINTS
