from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from assay.cli.commands import existing
from assay.cli.exits import ExitCode
from assay.messages import Language

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("cli_page", ROOT / "tools" / "cli_page.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


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
