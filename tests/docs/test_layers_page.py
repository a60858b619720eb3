from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from assay.grading.modelfile.layers import COVERED
from assay.grading.modelfile.uncovered import ALIASES, NOT_COVERED
from assay.messages import Language

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    tools = str(ROOT / "tools")
    spec = importlib.util.spec_from_file_location("layers_page", f"{tools}/layers_page.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, tools)
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(tools)
    return module


def test_the_pages_say_what_the_reader_covers(tool: ModuleType):
    assert tool.stale() == [], "type: python tools/layers_page.py write"


@pytest.mark.parametrize("language", Language)
def test_every_layer_is_on_the_page(tool: ModuleType, language: Language):
    text = tool.page_of(language).read_text(encoding="utf-8")

    for kind in {*COVERED, *NOT_COVERED} - ALIASES:
        assert f"`{kind}`" in text
