from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from assay.grading.modelfile.layers import COVERED
from assay.grading.modelfile.uncovered import ALIASES, NOT_COVERED
from assay.messages import Language
from programs import program

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    return program("layers_page")


def test_the_pages_say_what_the_reader_covers(tool: ModuleType):
    assert tool.stale() == [], "type: python tools/layers_page.py write"


@pytest.mark.parametrize("language", Language)
def test_every_layer_is_on_the_page(tool: ModuleType, language: Language):
    text = tool.page_of(language).read_text(encoding="utf-8")

    for kind in {*COVERED, *NOT_COVERED} - ALIASES:
        assert f"`{kind}`" in text
