"""The pieces of the library that `Write an item` offers to authors."""

from __future__ import annotations

import importlib
import re

import pytest
import yaml
from pages import ROOT, Page

from assay.items.blueprint import BlueprintYaml
from assay.items.spec import DataYaml
from assay.items.tables import Table

PAGES = [Page(ROOT / "docs" / "authors" / f"write-an-item.{end}") for end in ("en.md", "zh-CN.md")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path.name)
def test_every_block_is_there(page):
    rows = re.findall(r"^\| `(assay\.items\.[\w.]+)\.(\w+)`", page.text, re.MULTILINE)

    assert len(rows) >= 6
    for module, name in rows:
        assert callable(getattr(importlib.import_module(module), name))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path.name)
def test_the_table_that_an_example_draws_is_one(page):
    [example] = [lines for language, lines in page.blocks() if "draw_rows(" in "".join(lines)]
    names = {"seed": 3}
    exec("\n".join(example), names)

    train, hidden = names["train"], names["hidden"]
    assert isinstance(train, Table)
    assert train.csv().count(b"\n") == 901
    assert hidden.split("wine").inputs["wine"].shape == (5000, 13)
    assert train.described("zh-CN").count("\n") == 12


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path.name)
def test_the_yaml_on_the_page_is_what_the_format_takes(page):
    data, plan = [
        yaml.safe_load("\n".join(lines)) for kind, lines in page.blocks() if kind == "yaml"
    ]

    assert DataYaml.model_validate(data["data"]).files[0].name == "penguins.csv"
    assert BlueprintYaml.model_validate(plan).slots[0].pool == ["series/tides"]
