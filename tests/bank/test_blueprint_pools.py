"""What exams of the open bank can be made of."""

from __future__ import annotations

import pytest

EXAMS = ["developer", "practice"]


@pytest.mark.parametrize("exam", EXAMS)
def test_an_exam_needs_no_network(open_bank, exam):
    plan = open_bank.blueprints[exam].spec

    assert plan.offline_only
    for slot in plan.slots:
        assert all(open_bank.item(key).spec.offline for key in open_bank.pool(plan, slot))


@pytest.mark.parametrize("exam", EXAMS)
def test_each_place_has_four_items_to_draw_from_where_the_bank_has_them(open_bank, exam):
    for slot in open_bank.blueprints[exam].spec.slots:
        (category,) = {key.split("/")[0] for key in slot.pool}
        known = [key for key in open_bank.items if key.startswith(f"{category}/")]

        assert len(set(slot.pool)) >= 4 or len(known) < 4


def test_the_classic_exam_draws_what_has_the_original_s_contract(open_bank):
    for slot in open_bank.blueprints["classic"].spec.slots:
        category = slot.pool[0].split("/")[0]
        classic = {
            key
            for key, item in open_bank.items.items()
            if key.startswith(f"{category}/") and item.spec.classic_form
        }

        assert set(slot.pool) == classic
