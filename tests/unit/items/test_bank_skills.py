from __future__ import annotations

import re
import subprocess
import sys

import pytest

from assay.items.skills import GROUPS, SKILLS
from assay.messages import Language


def test_every_skill_belongs_to_a_part_of_the_checklist():
    assert {skill.group for skill in SKILLS.values()} == GROUPS.keys()


@pytest.mark.parametrize("skill", [*GROUPS.values(), *SKILLS.values()], ids=lambda s: s.id)
def test_every_skill_has_a_title_in_both_languages(skill):
    assert re.fullmatch(r"[a-z]+(\.[a-z0-9_]+)?", skill.id)
    assert skill.title(Language.ENGLISH).isascii()
    assert re.search(r"[\u4e00-\u9fff]", skill.title(Language.CHINESE))


def test_no_two_skills_are_called_the_same():
    for language in Language:
        titles = [(skill.group, skill.title(language)) for skill in SKILLS.values()]
        assert len(set(titles)) == len(titles)


def test_the_contract_can_be_imported_without_pydantic_yaml_or_numpy():
    heavy = "{'pydantic', 'yaml', 'numpy'}"
    code = f"import sys, assay.items.contract; print({heavy} & set(sys.modules))"

    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert run.stdout == "set()\n"


def test_a_bank_can_be_listed_without_numpy():
    code = "import sys; sys.modules['numpy'] = None; from assay.items import load_bank; load_bank()"

    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert run.stderr == ""
