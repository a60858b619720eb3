from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from assay.items import load_bank
from assay.messages import Language

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bank_page", ROOT / "tools" / "bank_page.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("language", Language)
def test_every_item_has_a_row_and_a_section(tool: ModuleType, language: Language):
    text = tool.page(language)

    for item in load_bank(ROOT / "bank").items.values():
        assert f"| [`{item.key}`]" in text
        assert f"\n## {item.key}\n" in text
        assert item.spec.summary.in_language(language) in text


def test_what_was_measured_is_shown_with_its_picture(tool: ModuleType):
    text = tool.page(Language.ENGLISH)

    for item in load_bank(ROOT / "bank").items.values():
        measured = (item.folder / "calibration.json").exists()
        assert (f"../../bank/{item.key}/calibration.png" in text) == measured
