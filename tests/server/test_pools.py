"""Who is asked what: items and variants of a pool of four and one more that needs a network."""

from __future__ import annotations

import shutil
from uuid import UUID

import pytest
import yaml

from assay.items import load_bank
from assay.items.errors import EmptyPool
from assay.server.exams import bank
from assay.server.exams.models import Sitting
from assay.server.exams.services import sittings
from small_bank import EXAM, write_bank

KEYS = [f"regression/{name}" for name in ("line", "kink", "curve", "wave")]
DOWNLOAD = "regression/downloaded"


@pytest.fixture
def write(tmp_path, settings):
    """Write the bank and use it; its exam has two places with the same pool."""

    def write(**changes):
        folder = write_bank(tmp_path / "bank")
        for number, key in enumerate([*KEYS[1:], DOWNLOAD], start=1):
            copy = folder / key
            shutil.copytree(folder / "regression" / "line", copy)
            spec = yaml.safe_load((copy / "item.yaml").read_text(encoding="utf-8"))
            spec["uuid"] = str(UUID(int=number))
            if key == DOWNLOAD:
                file = {"name": "x", "url": "https://example.org/x", "sha256": "0" * 64}
                spec["data"] |= {"source": "download", "folder": "x"}
                spec["data"]["files"] = [{**file, "bytes": 1}]
            (copy / "item.yaml").write_text(yaml.safe_dump(spec), encoding="utf-8")
        path = folder / "blueprints" / f"{EXAM}.yaml"
        plan = yaml.safe_load(path.read_text(encoding="utf-8")) | changes
        for slot in plan["slots"]:
            slot["pool"] = changes.get("pool", [*KEYS, DOWNLOAD])
        plan.pop("pool", None)
        path.write_text(yaml.safe_dump(plan), encoding="utf-8")
        settings.BANK = folder
        bank.bank.cache_clear()
        return folder

    yield write

    bank.bank.cache_clear()


def tasks_of(register, candidate, now):
    """Open a sitting, and return what was drawn; the next one may be opened at once."""
    sitting = sittings.open_sitting(register(candidate, EXAM), now)
    Sitting.objects.filter(pk=sitting.pk).update(voided_at=now)
    return [(task.item, task.seed) for task in sitting.tasks.order_by("slot")]


def test_two_candidates_get_other_items_or_variants(register, write, alice, bob, now):
    write()

    hers, his = tasks_of(register, alice, now), tasks_of(register, bob, now)

    assert not {seed for _, seed in hers} & {seed for _, seed in his}


def test_a_second_sitting_gets_other_items_than_the_first(register, write, alice, now):
    write()

    first, second = tasks_of(register, alice, now), tasks_of(register, alice, now)

    assert {item for item, _ in [*first, *second]} == set(KEYS)


def test_what_needs_a_network_is_not_drawn(register, write, alice, now):
    write()
    drawn = [task for _ in range(10) for task in tasks_of(register, alice, now)]

    assert {item for item, _ in drawn} == set(KEYS)


def test_what_needs_a_network_is_drawn_if_the_blueprint_allows_it(register, write, alice, now):
    write(offline_only=False)
    drawn = [task for _ in range(3) for task in tasks_of(register, alice, now)]

    assert DOWNLOAD in {item for item, _ in drawn}


def test_a_pool_of_downloads_alone_has_nothing_to_draw(write):
    loaded = load_bank(write(pool=[DOWNLOAD]))
    plan = loaded.blueprints[EXAM].spec

    with pytest.raises(EmptyPool):
        loaded.pool(plan, plan.slots[0])


def test_a_demonstration_draws_the_same_again(register, write, alice, bob, now, settings, caplog):
    write()
    settings.DRAW_SEED = "seven"
    once = tasks_of(register, alice, now)
    Sitting.objects.all().delete()

    again = tasks_of(register, bob, now)

    assert once == again
    assert "anybody can foretell" in caplog.text


def test_a_demonstration_with_another_seed_draws_something_else(
    register, write, alice, now, settings
):
    write()
    settings.DRAW_SEED = "seven"
    once = tasks_of(register, alice, now)
    Sitting.objects.all().delete()
    settings.DRAW_SEED = "eight"

    assert tasks_of(register, alice, now) != once


def test_an_exam_draws_by_its_secret(settings):
    assert settings.DRAW_SEED is None
