from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from assay.cli.commands import existing
from assay.cli.exits import ExitCode
from assay.messages import Language
from programs import program

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    return program("cli_page")


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """The manual changes the process's language for a moment; nothing of it stays."""
    monkeypatch.setenv("ASSAY_LANGUAGE", "en")
    monkeypatch.setenv("LANGUAGE", "en")


def test_the_manual_is_what_the_commands_say(tool: ModuleType):
    assert tool.stale() == [], "type: python tools/cli_page.py write"


@pytest.mark.parametrize("language", Language)
def test_every_command_and_every_exit_code_is_in_it(tool: ModuleType, language: Language):
    text = tool.page_of(language).read_text(encoding="utf-8")

    for name in existing():
        assert f"\n## assay {name}\n" in text
    for code in ExitCode:
        assert f"| `{code.value}` |" in text
