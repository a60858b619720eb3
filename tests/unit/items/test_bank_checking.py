"""Items are checked several at once, each as it is checked alone."""

from __future__ import annotations

import pickle
import shutil
from uuid import UUID

import pytest

from assay.items import load_bank
from assay.items.check import check_item
from assay.items.checking import check_items
from assay.items.errors import StrayFile


@pytest.fixture
def items(folder):
    """Three items: the second has a stray file, the third draws what depends on the process."""
    for number, name in enumerate(("line", "stray", "unsure"), start=1):
        if number > 1:
            shutil.copytree(folder.item, folder.root / "regression" / name)
        folder.item = folder.root / "regression" / name
        folder.write_spec(uuid=str(UUID(int=number)))
    folder.replace("default_rng(seed)", 'default_rng([seed, hash("a word") % 1000])')
    (folder.root / "regression" / "stray" / "notes.txt").write_text("")
    return [*load_bank(folder.root).items.values()]


def test_two_at_once_find_what_one_after_another_finds(items, codes):
    together = [(item.key, codes(found)) for item, found in check_items(items, (1, 2), jobs=2)]

    assert together == [
        ("regression/line", []),
        ("regression/stray", ["stray_file"]),
        ("regression/unsure", ["not_deterministic"]),
    ]
    assert together == [(item.key, codes(check_item(item))) for item in items]


def test_an_error_crosses_a_process_with_what_it_says():
    error = StrayFile(file="notes.txt")

    assert str(pickle.loads(pickle.dumps(error))) == str(error)
