from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from assay.items.blueprint import BlueprintYaml
from assay.items.check import REQUIRED
from assay.items.skills import SKILLS
from assay.items.spec import ItemYaml
from assay.messages import Language
from programs import program

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    return program("item_format_page")


def test_the_pages_say_what_the_code_reads(tool: ModuleType):
    assert tool.stale() == [], "type: python tools/item_format_page.py write"


def test_every_field_has_words_in_chinese(tool: ModuleType):
    assert tool.untranslated() == []


@pytest.mark.parametrize("language", Language)
def test_every_file_field_and_skill_is_there(tool: ModuleType, language: Language):
    text = tool.page_of(language).read_text(encoding="utf-8")

    for name in (*REQUIRED, *ItemYaml.model_fields, *BlueprintYaml.model_fields, *SKILLS):
        assert f"`{name}`" in text
