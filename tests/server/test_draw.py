"""Which item and which seed a slot gets."""

from __future__ import annotations

from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from assay.server.exams.draw import Draw, draw

SITTING = UUID("12345678-1234-4678-9234-567812345678")
POOL = ["text/one", "text/two", "text/three", "text/four"]


def drawn(**changes):
    arguments = {
        "secret": "s", "sitting": SITTING, "slot": "Category1", "pool": POOL, "seen": ()
    }  # fmt: skip
    return draw(**(arguments | changes))


def test_the_same_sitting_and_slot_give_the_same_draw():
    assert drawn() == drawn()


def test_a_draw_is_what_it_always_was():
    # A change of the formula would make old draws impossible to check.
    assert drawn() == Draw(item="text/two", seed=1599814568279827445)


def test_secret_sitting_and_slot_all_decide():
    others = [drawn(secret="t"), drawn(sitting=uuid4()), drawn(slot="Category2")]

    assert drawn().seed not in [other.seed for other in others]


def test_items_of_former_sittings_are_avoided():
    items = {drawn(sitting=uuid4(), seen=POOL[:3]).item for _ in range(20)}

    assert items == {"text/four"}


def test_a_pool_that_was_seen_whole_is_used_again():
    assert drawn(seen=POOL).item in POOL


def test_every_item_of_the_pool_is_drawn_about_equally_often():
    items = [drawn(sitting=uuid4()).item for _ in range(2000)]

    assert all(400 < items.count(item) < 600 for item in POOL)  # 5 standard deviations


@given(st.uuids(), st.text(min_size=1), st.lists(st.text(), min_size=1, unique=True))
def test_a_seed_fits_the_database(sitting, slot, pool):
    outcome = draw(secret="s", sitting=sitting, slot=slot, pool=pool, seen=())

    assert 0 <= outcome.seed < 2**63
    assert outcome.item in pool
