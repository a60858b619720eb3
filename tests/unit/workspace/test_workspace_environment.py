from __future__ import annotations

import os
import sys
import zipfile
from pathlib import Path

import pytest

from assay.workspace import environment
from assay.workspace.environment import Step, is_whole, make, python_of
from assay.workspace.errors import EnvironmentBroken, EnvironmentFailed

posix_only = pytest.mark.skipif(os.name == "nt", reason="the tools are stood in by shell scripts")


def wheel(folder: Path, name: str = "tiny", code: str = "answer = 42\n") -> str:
    """Build a wheel; return a requirement for it, which needs no index."""
    path = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as out:
        out.writestr(f"{name}/__init__.py", code)
        out.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        out.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        out.writestr(f"{info}/RECORD", f"{name}/__init__.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n")
    return f"{name} @ {path.as_uri()}"


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.mark.slow
def test_pip_makes_a_whole_environment_and_the_second_time_is_for_nothing(tmp_path: Path):
    requirements = [wheel(tmp_path)]
    folder = tmp_path / ".venv"
    steps: list[Step] = []
    versions = make(folder, requirements, uv=None, on_step=steps.append)

    assert versions == {"tiny": "1.0"}
    assert steps == [Step.FOLDER, Step.INSTALL_WITH_PIP, Step.CHECK]
    assert is_whole(folder, requirements)
    assert not is_whole(folder, [*requirements, "more"])


@pytest.mark.slow
def test_a_package_that_cannot_be_imported_is_found_before_the_exam(tmp_path: Path):
    requirements = [wheel(tmp_path, code="raise ImportError('DLL load failed')\n")]
    with pytest.raises(EnvironmentBroken) as caught:
        make(tmp_path / ".venv", requirements, uv=None, on_step=lambda _: None)

    assert "tiny" in str(caught.value)
    assert "DLL load failed" in str(caught.value)
    assert not is_whole(tmp_path / ".venv", requirements)


@pytest.mark.slow
@posix_only
def test_where_uv_fails_pip_goes_on(tmp_path: Path):
    uv = script(tmp_path / "uv", "exit 2")
    steps: list[Step] = []
    make(tmp_path / ".venv", [wheel(tmp_path)], uv=uv, on_step=steps.append)

    assert steps == [Step.FOLDER, Step.INSTALL_WITH_UV, Step.PIP_INSTEAD, Step.CHECK]


@posix_only
def test_where_both_fail_it_says_which_tool_and_how(tmp_path: Path, capfd):
    python = script(tmp_path / "python", "echo no ensurepip; exit 3")
    with pytest.raises(EnvironmentFailed) as caught:
        make(tmp_path / ".venv", ["x"], uv=None, on_step=lambda _: None, python=str(python))

    out, err = capfd.readouterr()
    assert caught.value.params == {"tool": "venv", "exit_code": 3}
    assert (out, err) == ("", "no ensurepip\n")


@posix_only
def test_an_interrupted_environment_is_gone_on_with(tmp_path: Path):
    folder = tmp_path / ".venv"
    (folder / "bin").mkdir(parents=True)
    report = '{\\"module\\": null, \\"versions\\": {\\"x\\": \\"1\\"}}'
    script(folder / "bin" / "python", f'echo "$@" >> {tmp_path}/calls; echo "{report}"')
    steps: list[Step] = []
    make(folder, ["x"], uv=None, on_step=steps.append)

    assert steps == [Step.INSTALL_WITH_PIP, Step.CHECK]
    assert "-m pip install" in (tmp_path / "calls").read_text()


def test_an_environment_without_its_marker_is_not_whole(tmp_path: Path):
    assert not is_whole(tmp_path, ["x"])


def test_uv_beside_python_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    beside = tmp_path / ("uv.exe" if os.name == "nt" else "uv")
    beside.write_text("")
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))

    assert environment.find_uv() == beside


def test_the_interpreter_is_where_the_system_has_it(tmp_path: Path):
    assert python_of(tmp_path).name in {"python", "python.exe"}


@pytest.mark.parametrize(
    ("requirement", "name"),
    [
        ("tensorflow-cpu==2.21.0; sys_platform == 'linux'", "tensorflow-cpu"),
        ("NumPy>=2,<3", "numpy"),
        ("scikit_learn", "scikit-learn"),
        ("tiny @ file:///x", "tiny"),
    ],
)
def test_a_requirements_name_is_normal(requirement: str, name: str):
    assert environment._name_of(requirement) == name
