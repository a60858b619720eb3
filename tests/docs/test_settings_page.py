"""The operators' table of settings names exactly what the server reads."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from pages import ROOT, Page

from assay.cli import manual

CODE = ROOT / "src" / "assay"
SERVER = [CODE / "server", CODE / "items", CODE / "grading"]
CANDIDATE = [CODE / "cli", CODE / "workspace"]
# What `assay serve` tells its own parts, not what an operator sets.
INTERNAL = {"ASSAY_PRACTICE", "ASSAY_SUPERVISOR"}


def read_by(folders: list[Path]) -> set[str]:
    """Return the variables whose names are values in the code; docstrings are none."""
    return {
        node.value
        for folder in folders
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"ASSAY_[A-Z_]+", node.value)
    }


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_operators_table_has_what_the_server_reads(name):
    page = Page(ROOT / "docs" / "operators" / name)
    described = {code for code in page.first_column() if code.startswith("ASSAY_")}

    assert described == read_by(SERVER) - INTERNAL


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_operators_page_names_no_other_variable(name):
    text = Page(ROOT / "docs" / "operators" / name).text

    assert set(re.findall(r"ASSAY_[A-Z_]+", text)) <= read_by(SERVER) - INTERNAL


def test_the_manual_has_what_the_command_line_reads():
    described = {name for names in manual._VARIABLES for name in names.split(", ")}
    described = {name for name in described if name.startswith("ASSAY_")}
    own = read_by(CANDIDATE)

    assert own <= described
    assert described <= own | read_by(SERVER)
