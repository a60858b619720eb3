from __future__ import annotations

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from assay.messages import Language
from assay.wire import Slot
from assay.workspace import EnvironmentKind, Manifest, Workspace, ide


def make(folder: Path, **changes: object) -> Workspace:
    record = Manifest(
        server="https://exam.example.org",
        sitting="s1",
        exam="developer",
        title="ML Developer",
        language=Language.ENGLISH,
        slots=(Slot(name="Category1", title="Regression", weight=100),),
        requirements=("numpy>=2",),
    ).model_copy(update=changes)
    workspace = Workspace.create(folder, record)
    ide.write(workspace)
    return workspace


def test_vs_code_runs_the_starter_with_the_environments_python(tmp_path: Path):
    root = make(tmp_path / "my exam").root
    launch = json.loads((root / ".vscode" / "launch.json").read_text())
    run = next(c for c in launch["configurations"] if "Category1" in c["name"])

    assert run["program"] == "${workspaceFolder}/Category1/starter.py"
    assert run["cwd"] == "${workspaceFolder}/Category1"
    assert run["python"].startswith("${workspaceFolder}/.venv/")


def test_vs_codes_build_task_submits_the_category_of_the_open_file(tmp_path: Path):
    root = make(tmp_path / "exam").root
    tasks = json.loads((root / ".vscode" / "tasks.json").read_text())["tasks"]
    default = next(task for task in tasks if task.get("group", {}).get("isDefault"))

    assert default["options"]["cwd"] == "${fileDirname}"
    assert [default["command"], *default["args"]] == [sys.executable, "-m", "assay.cli", "submit"]


def test_pycharm_runs_and_submits_each_category(tmp_path: Path):
    root = make(tmp_path / "exam").root
    folder = root / ".idea" / "runConfigurations"
    options = {}
    for path in folder.iterdir():
        configuration = ET.parse(path).getroot().find("configuration")
        assert configuration is not None
        options[path.name] = {o.get("name"): o.get("value") for o in configuration.iter("option")}

    assert options["Run_Category1.xml"]["SCRIPT_NAME"] == "$PROJECT_DIR$/Category1/starter.py"
    assert ".venv" in str(options["Run_Category1.xml"]["SDK_HOME"])
    assert options["Submit_Category1.xml"]["SCRIPT_WORKING_DIRECTORY"] == "$PROJECT_DIR$/Category1"


@pytest.mark.skipif(os.name == "nt", reason="the text is for a Unix shell")
def test_the_shell_line_of_pycharm_really_runs_assay(tmp_path: Path):
    root = make(tmp_path / "exam").root
    tree = ET.parse(root / ".idea" / "runConfigurations" / "Submit_Category1.xml")
    text = next(
        o.get("value") for o in tree.getroot().iter("option") if o.get("name") == "SCRIPT_TEXT"
    )
    run = subprocess.run(
        ["/bin/sh", "-c", f"{text} --help"], capture_output=True, text=True, check=False
    )

    assert run.returncode == 0
    assert "assay submit" in run.stdout


def test_with_an_environment_of_ones_own_no_interpreter_is_forced(tmp_path: Path):
    root = make(tmp_path / "exam", environment=EnvironmentKind.OWN).root

    for path in (".vscode/settings.json", ".vscode/launch.json"):
        assert ".venv" not in (root / path).read_text()


def test_the_readme_is_in_the_candidates_language(tmp_path: Path):
    english = make(tmp_path / "one").root / "README.md"
    chinese = make(tmp_path / "two", language=Language.CHINESE).root / "README.md"

    assert "| Regression | 100 % | [Category1](Category1/) |" in english.read_text()
    assert "提交" in chinese.read_text(encoding="utf-8")


def test_what_the_candidate_changed_stays(tmp_path: Path):
    workspace = make(tmp_path / "exam")
    path = workspace.root / ".vscode" / "settings.json"
    path.write_text("{}")
    ide.write(workspace)

    assert path.read_text() == "{}"
