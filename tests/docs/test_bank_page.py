from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from assay.items import load_bank
from assay.messages import Language
from programs import program

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    return program("bank_page")


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
