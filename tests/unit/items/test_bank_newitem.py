from __future__ import annotations

import re
from uuid import UUID

import pytest

from assay.items import load_bank, newitem
from assay.items.check import check_item
from assay.items.errors import ItemExists, ItemNameWrong
from assay.items.newitem import make_item
from assay.items.spec import Category
from assay.messages import Language

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


def words_of(path):
    """Return a template's words for the author: comments, docstrings, the README."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        return text
    return "\n".join(re.findall(r'#\s.*|""".*?"""', text))


def test_all_that_a_template_tells_the_author_is_told_in_the_author_s_language(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(newitem, "translate", lambda hint, _language: "待办" if hint else "")

    files = make_item(tmp_path, Category.TEXT, "tides", ID, Language.CHINESE)

    for path in files:
        if path.name not in {"starter.py", "task.en.md", "task.zh-CN.md"}:
            left = words_of(path).replace("TODO", "").replace("text/tides", "")
            assert not re.findall(r"[A-Za-z]{2,}", left), path


def test_a_template_has_every_hint(tmp_path):
    text = "".join(
        path.read_text(encoding="utf-8") for path in make_item(tmp_path, Category.TEXT, "tides", ID)
    )

    assert [hint for hint in newitem.HINTS if hint not in text] == []


def test_nothing_is_written_over(tmp_path):
    make_item(tmp_path, Category.TEXT, "tides", ID)

    with pytest.raises(ItemExists):
        make_item(tmp_path, Category.TEXT, "tides", ID)


@pytest.mark.parametrize("name", ["Tides", "../tides", "high tides", "2tides", ""])
def test_a_name_that_is_no_folder_s_is_refused(tmp_path, name):
    with pytest.raises(ItemNameWrong):
        make_item(tmp_path, Category.TEXT, name, ID)
