"""Writes what makes Run and Submit one click: VS Code and PyCharm settings, and the README.

A file that exists is the candidate's and is left alone.

Reference: the formats of `.vscode/launch.json` and `tasks.json` (version 2.0.0), and of
JetBrains' shared run configurations in `.idea/runConfigurations`. PyCharm takes the
interpreter of a `.venv` in the project's root by itself.
"""

from __future__ import annotations

import json
import os
import shlex
import sys
from pathlib import Path
from string import Template
from typing import Any
from xml.sax.saxutils import quoteattr

from assay.messages import N_, Language, translate
from assay.workspace.atomic import write_atomically
from assay.workspace.environment import python_of
from assay.workspace.folder import Workspace
from assay.workspace.manifest import EnvironmentKind

_TEMPLATES = Path(__file__).parent / "templates"
_RUN = N_("Run {slot}")
_SUBMIT = N_("Submit and test model: {slot}")
_RUN_HERE = N_("Run this category")
_SUBMIT_HERE = N_("Submit and test model")
_ACTIVATE = N_("activate the environment with `{command}`, then run `python starter.py`.")
_OWN = N_("run `starter.py` with your own Python environment.")


def assay_command() -> list[str]:
    """Return the words that run Assay from anywhere, as editors must: no PATH is needed."""
    return [sys.executable, "-m", "assay.cli"]


def write(workspace: Workspace) -> None:
    """Write the editors' files and the README, except those that exist."""
    for name, text in _files(workspace).items():
        path = workspace.root / name
        if not path.exists():
            write_atomically(path, text.encode())
            if os.name != "nt":
                path.chmod(0o644)


def _files(workspace: Workspace) -> dict[str, str]:
    files = {
        "README.md": _readme(workspace),
        ".vscode/settings.json": _json(_vscode_settings(workspace)),
        ".vscode/launch.json": _json(_vscode_launch(workspace)),
        ".vscode/tasks.json": _json(_vscode_tasks(workspace)),
    }
    for slot in workspace.slots:
        files[f".idea/runConfigurations/Run_{slot}.xml"] = _pycharm_run(workspace, slot)
        files[f".idea/runConfigurations/Submit_{slot}.xml"] = _pycharm_submit(workspace, slot)
    return files


def _is_managed(workspace: Workspace) -> bool:
    return workspace.manifest.environment is EnvironmentKind.MANAGED


def _interpreter(variable: str) -> str:
    """The environment's Python, below an editor's variable for the workspace's folder."""
    return f"{variable}/{python_of(Path('.venv')).as_posix()}"


def _vscode_settings(workspace: Workspace) -> dict[str, Any]:
    settings: dict[str, Any] = {"files.exclude": {"**/.assay": True}}
    if _is_managed(workspace):
        settings["python.defaultInterpreterPath"] = _interpreter("${workspaceFolder}")
    return settings


def _vscode_launch(workspace: Workspace) -> dict[str, Any]:
    language = workspace.manifest.language
    places = {translate(_RUN_HERE, language): "${fileDirname}"} | {
        translate(_RUN, language, slot=slot): f"${{workspaceFolder}}/{slot}"
        for slot in workspace.slots
    }
    python = {"python": _interpreter("${workspaceFolder}")} if _is_managed(workspace) else {}
    configurations = [
        {
            "name": name,
            "type": "debugpy",
            "request": "launch",
            "program": f"{folder}/starter.py",
            "cwd": folder,
            "console": "integratedTerminal",
            **python,
        }
        for name, folder in places.items()
    ]
    return {"version": "0.2.0", "configurations": configurations}


def _vscode_tasks(workspace: Workspace) -> dict[str, Any]:
    language = workspace.manifest.language
    command, *words = assay_command()

    def task(label: str, folder: str, **more: Any) -> dict[str, Any]:
        return {
            "label": label,
            "type": "process",
            "command": command,
            "args": [*words, "submit"],
            "options": {"cwd": folder},
            "presentation": {"clear": True, "focus": False},
            "problemMatcher": [],
            **more,
        }

    default = {"group": {"kind": "build", "isDefault": True}}
    here = task(translate(_SUBMIT_HERE, language), "${fileDirname}", **default)
    each = [
        task(translate(_SUBMIT, language, slot=slot), f"${{workspaceFolder}}/{slot}")
        for slot in workspace.slots
    ]
    return {"version": "2.0.0", "tasks": [here, *each]}


def _pycharm_run(workspace: Workspace, slot: str) -> str:
    managed = _is_managed(workspace)
    options = {
        "SDK_HOME": _interpreter("$PROJECT_DIR$") if managed else "",
        "IS_MODULE_SDK": "false" if managed else "true",
        "WORKING_DIRECTORY": f"$PROJECT_DIR$/{slot}",
        "SCRIPT_NAME": f"$PROJECT_DIR$/{slot}/starter.py",
        "PARAMETERS": "",
        "MODULE_MODE": "false",
    }
    name = translate(_RUN, workspace.manifest.language, slot=slot)
    return _pycharm(name, "PythonConfigurationType", "Python", options, module=workspace.root.name)


def _pycharm_submit(workspace: Workspace, slot: str) -> str:
    words = [*assay_command(), "submit"]
    windows = os.name == "nt"
    options = {
        "SCRIPT_TEXT": "& " + " ".join("'" + word.replace("'", "''") + "'" for word in words)
        if windows
        else shlex.join(words),
        "INDEPENDENT_SCRIPT_PATH": "true",
        "SCRIPT_PATH": "",
        "SCRIPT_OPTIONS": "",
        "INDEPENDENT_SCRIPT_WORKING_DIRECTORY": "true",
        "SCRIPT_WORKING_DIRECTORY": f"$PROJECT_DIR$/{slot}",
        "INDEPENDENT_INTERPRETER_PATH": "true",
        "INTERPRETER_PATH": "powershell.exe" if windows else "/bin/sh",
        "INTERPRETER_OPTIONS": "",
        "EXECUTE_IN_TERMINAL": "true",
        "EXECUTE_SCRIPT_FILE": "false",
    }
    name = translate(_SUBMIT, workspace.manifest.language, slot=slot)
    return _pycharm(name, "ShConfigurationType", "Shell Script", options)


def _pycharm(
    name: str, kind: str, factory: str, options: dict[str, str], *, module: str | None = None
) -> str:
    lines = [f"    <option name={quoteattr(k)} value={quoteattr(v)} />" for k, v in options.items()]
    if module:
        lines.insert(0, f"    <module name={quoteattr(module)} />")
    head = f'  <configuration default="false" name={quoteattr(name)} type="{kind}" factoryName='
    head += f"{quoteattr(factory)}>"
    return "\n".join(
        [
            '<component name="ProjectRunConfigurationManager">',
            head,
            *lines,
            '    <method v="2" />',
            "  </configuration>",
            "</component>",
            "",
        ]
    )


def _readme(workspace: Workspace) -> str:
    record = workspace.manifest
    rows = [f"| {s.title} | {s.weight} % | [{s.name}]({s.name}/) |" for s in record.slots]
    template = (_TEMPLATES / f"README.{record.language}.md").read_text(encoding="utf-8")
    return Template(template).substitute(
        title=record.title,
        count=len(record.slots),
        rows="\n".join(rows),
        python_hint=_python_hint(_is_managed(workspace), record.language),
        assay=shlex.join(assay_command()),
    )


def _python_hint(managed: bool, language: Language) -> str:  # noqa: FBT001 - private
    if not managed:
        return translate(_OWN, language)
    command = r"..\.venv\Scripts\activate" if os.name == "nt" else "source ../.venv/bin/activate"
    return translate(_ACTIVATE, language, command=command)


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
