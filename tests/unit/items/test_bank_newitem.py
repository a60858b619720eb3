from __future__ import annotations

from uuid import UUID

import pytest

from assay.items import load_bank
from assay.items.check import check_item
from assay.items.errors import ItemExists, ItemNameWrong
from assay.items.newitem import make_item
from assay.items.spec import Category

ID = UUID("0d7f5f4e-5a63-4a1f-9d4e-0c4f6e0f1a03")


@pytest.mark.parametrize("category", Category)
def test_a_new_item_passes_the_check_up_to_its_todos(tmp_path, codes, category):
    make_item(tmp_path / "bank", category, "tides", ID)
    item = load_bank(tmp_path / "bank").item(f"{category}/tides")

    assert item.spec.uuid == ID
    assert set(codes(check_item(item))) == {"left_to_do"}


def test_the_check_names_every_file_with_a_todo_but_the_starter(tmp_path):
    files = make_item(tmp_path / "bank", Category.TEXT, "tides", ID)
    item = load_bank(tmp_path / "bank").item("text/tides")

    named = {problem.params["file"] for problem in check_item(item)}

    assert named == {
        f"text/tides/{path.relative_to(item.folder).as_posix()}"
        for path in files
        if path.name != "starter.py"
    }


def test_nothing_is_written_over(tmp_path):
    make_item(tmp_path, Category.TEXT, "tides", ID)

    with pytest.raises(ItemExists):
        make_item(tmp_path, Category.TEXT, "tides", ID)


@pytest.mark.parametrize("name", ["Tides", "../tides", "high tides", "2tides", ""])
def test_a_name_that_is_no_folder_s_is_refused(tmp_path, name):
    with pytest.raises(ItemNameWrong):
        make_item(tmp_path, Category.TEXT, name, ID)
