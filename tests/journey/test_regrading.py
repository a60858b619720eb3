"""Grading again with a real grader and its sandbox: the same marks, whatever became of the bank.

What a sitting was drawn with is frozen: the item's cuts, the hidden set, the exam's weights.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from office import Chen
from tree import Tree, copy_of, environment, eventually, no_process_left

from small_bank import EXAM, line_model, misshapen_model, write_bank

WEAK = line_model(1.0)  # its mean absolute error is about 5: two of the five cuts
ITEM = "regression/line"
REGRADES = """
import json
from assay.server.submissions.models import Regrade
rows = Regrade.objects.order_by("asked_at").values(
    "state", "points_before", "points", "value_before", "metric_value",
    "refusal_before", "refusal_code", "version_before", "grader_version",
)
print(json.dumps(list(rows)))
"""


@pytest.fixture
def changing(home: Path) -> Path:
    """A bank that the test changes."""
    return write_bank(home / "bank-that-changes")


@pytest.fixture
def house(home: Path, fresh: Path, changing: Path) -> Iterator[Tree]:
    tree = Tree(copy_of(fresh, home), environment(ASSAY_BANK=str(changing)))
    with no_process_left(tree):
        yield tree.start()
    shutil.rmtree(tree.data.parent)


def change(file: Path, **values: Any) -> None:
    """Change what a file of the bank says."""
    content = yaml.safe_load(file.read_text(encoding="utf-8")) | values
    file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


def grade_again(chen: Chen, submission: str) -> str:
    """Have Chen press the button; return the submission's page once it tells what came out."""
    page = f"/staff/submissions/{submission}/"
    before = chen.read(page).count("same verdict")
    chen.send(f"{page}regrade/", form=page)
    return eventually(
        lambda: shown if (shown := chen.read(page)).count("same verdict") > before else ""
    )


@pytest.mark.slow
def test_grading_again_gives_the_same_marks_whatever_became_of_the_bank(house, changing):
    chen = Chen(house)
    alice = house.candidate("alice@example.org")
    weak = alice.verdict(alice.submit(WEAK)["id"])
    wrong = alice.verdict(alice.submit(misshapen_model(3, 1), "Category2")["id"])

    assert (weak["points"], weak["total"]) == (2, 20)
    assert (wrong["state"], wrong["points"]) == ("refused", None)

    # The bank as it was.
    told = grade_again(chen, weak["id"])

    assert "Points 2/5" in told
    assert "as in the bank now" in told
    assert "Graded again" in told
    assert "verdict" in told.partition("Grading attempts")[2]  # the first grading, too
    assert "same verdict" in grade_again(chen, wrong["id"])

    # Easier cuts, another weight, another pass mark; the grader that starts next reads them.
    house.stop()
    change(changing / ITEM / "item.yaml", metric={"name": "mae", "cuts": [90, 80, 70, 60, 50]})
    plan = changing / "blueprints" / f"{EXAM}.yaml"
    slots = yaml.safe_load(plan.read_text(encoding="utf-8"))["slots"]
    for slot, weight in zip(slots, (90, 10), strict=True):
        slot["weight"] = weight
    change(plan, slots=slots, pass_mark=10)
    house.start()
    chen.moved_to(house.url)
    alice.moved_to(house.url)
    told = grade_again(chen, weak["id"])

    assert "Points 2/5" in told
    assert "9 · 6 · 3 · 1 · 0.1" in told  # the cuts that were drawn
    assert "the bank has changed since" in told

    # The same bytes, sent again, get what they had; so does the whole sitting.
    assert alice.verdict(alice.submit(WEAK)["id"])["points"] == 2
    assert alice.look_at_sitting()["total"] == 20

    # The item and the exam are gone for good: what was promised still holds.
    house.stop()
    other = changing / "regression" / "another"
    (changing / ITEM).rename(other)
    change(other / "item.yaml", uuid="5c4f6d0e-6f0a-4a39-9a7e-0b9a4a1f6c09")
    for slot in slots:
        slot["pool"] = ["regression/another"]
    change(plan, slots=slots, uuid="5c4f6d0e-6f0a-4a39-9a7e-0b9a4a1f6c08")
    plan.rename(plan.with_stem("another"))
    house.start()
    chen.moved_to(house.url)
    alice.moved_to(house.url)
    told = grade_again(chen, weak["id"])

    assert "Points 2/5" in told
    assert "the bank has changed since" in told
    assert alice.look_at_sitting()["total"] == 20
    assert chen.read("/staff/regrades/").count("same verdict") == 4

    found = json.loads(house.manage("shell", "-c", REGRADES).splitlines()[-1])

    assert [each["state"] for each in found] == ["same"] * 4
    for each in found:
        assert each["metric_value"] == each["value_before"]  # to the last bit
        assert each["points"] == each["points_before"]
        assert each["refusal_code"] == each["refusal_before"]
        assert each["grader_version"] == each["version_before"] != ""
