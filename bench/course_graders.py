"""How long nbgrader and Otter-Grader take for one model file: once, where they install.

Each is installed into a throwaway environment that borrows this one's
TensorFlow, and grades a notebook whose one test loads the candidate's file,
predicts the hidden samples and checks the metric.

    python bench/course_graders.py [--models a,b,c,d,e]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results" / "course_graders.json"
REQUIREMENTS = {"nbgrader": ["nbgrader"], "Otter-Grader": ["otter-grader", "ipykernel"]}
TEST = """
import keras, numpy as np
model = keras.models.load_model({file!r}, compile=False)
predictions = model.predict(np.load({x!r}), verbose=0)
assert len(predictions) == len(np.load({y!r}))
"""


def environment(folder: Path, requirements: list[str]) -> Path:
    """Return the Python of a fresh environment that also sees this one's packages."""
    uv = shutil.which("uv") or str(HERE.parent / ".uv" / "bin" / "uv")
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, folder], check=True)
    python = folder / "bin" / "python"
    command = [uv, "pip", "install", "--quiet", "--python", python, *requirements]
    subprocess.run(command, check=True, capture_output=True)
    [packages] = (folder / "lib").glob("python*/site-packages")
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python


def run(command: list[Any], folder: Path) -> None:
    """Run a step; its output is only of interest when it fails."""
    path = f"{Path(command[0]).parent}{os.pathsep}{os.environ['PATH']}"
    variables = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PATH": path}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{command[1:]}: {done.stdout[-2000:]}\n{done.stderr[-2000:]}")


def notebook(cells: list[dict[str, Any]]) -> str:
    """Return a notebook of code cells."""
    filled = [
        {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []} | cell
        for cell in cells
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    whole = {"cells": filled, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole)


def prepare_nbgrader(python: Path, folder: Path, test: str) -> Callable[[], None]:
    """Make a course with one assignment that Alice has submitted."""
    cell = {
        "grade": True,
        "grade_id": "test",
        "locked": True,
        "points": 1,
        "schema_version": 3,
        "solution": False,
        "task": False,
        "cell_type": "code",
    }
    source = folder / "source" / "ps1"
    source.mkdir(parents=True)
    cells = [{"id": "test", "source": test, "metadata": {"nbgrader": cell}}]
    (source / "p.ipynb").write_text(notebook(cells))
    (folder / "nbgrader_config.py").write_text(
        f"c = get_config()\nc.CourseDirectory.root = {str(folder)!r}\n"
        "c.ExecutePreprocessor.timeout = 600\n"
    )
    base = [python, "-m", "nbgrader"]
    run([*base, "generate_assignment", "ps1", "--create"], folder)
    submitted = folder / "submitted" / "alice" / "ps1"
    submitted.mkdir(parents=True)
    shutil.copy(folder / "release" / "ps1" / "p.ipynb", submitted)

    def grade() -> None:
        run([*base, "autograde", "ps1", "--student", "alice", "--force"], folder)
        graded = json.loads((folder / "autograded/alice/ps1/p.ipynb").read_text())
        outputs = [output for cell in graded["cells"] for output in cell.get("outputs", [])]
        assert not [output for output in outputs if output["output_type"] == "error"]

    return grade


def prepare_otter(python: Path, folder: Path, test: str) -> Callable[[], None]:
    """Make an autograder with one test, and a submission."""
    (folder / "tests").mkdir(parents=True)
    indented = "".join(f"    {line}\n" for line in test.strip().splitlines())
    (folder / "tests" / "q1.py").write_text(
        "from otter.test_files import test_case\n\nOK_FORMAT = False\nname = 'q1'\npoints = 1\n\n"
        f"@test_case(points=1)\ndef test_model():\n{indented}"
    )
    (folder / "requirements.txt").write_text("")
    cells = [{"id": "nothing", "source": "x = 1"}]
    (folder / "submission.ipynb").write_text(notebook(cells))
    run([python, "-m", "otter", "generate", "-t", "tests", "--no-environment"], folder)
    [archive] = folder.glob("*.zip")
    command = [python, "-m", "otter", "run", "-a", archive, "--no-logo", "submission.ipynb"]

    def grade() -> None:
        run(command, folder)
        [test] = json.loads((folder / "results.json").read_text())["tests"][-1:]
        assert test["score"] == 1

    return grade


PREPARE = {"nbgrader": prepare_nbgrader, "Otter-Grader": prepare_otter}


def main() -> int:
    """Measure, tell, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--models", default="a,b,c,d,e")
    models = parser.parse_args().models.split(",")
    seconds: dict[str, dict[str, float | str]] = {}
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        samples = home / "samples"
        samples.mkdir()
        subprocess.run(
            [sys.executable, HERE / "models.py", samples], check=True, capture_output=True
        )
        for grader, requirements in REQUIREMENTS.items():
            seconds[grader] = {}
            try:
                python = environment(home / grader, requirements)
            except subprocess.CalledProcessError as error:
                seconds[grader]["failed"] = f"does not install: {error.returncode}"
                continue
            for model in models:
                test = TEST.format(
                    file=str(samples / f"{model}.h5"),
                    x=str(samples / f"x_{model}.npy"),
                    y=str(samples / f"y_{model}.npy"),
                )
                folder = home / f"{grader}-{model}"
                grade = PREPARE[grader](python, folder, test)
                began = time.perf_counter()
                grade()
                seconds[grader][model] = time.perf_counter() - began
                print(f"{grader} {model}: {seconds[grader][model]:.1f} s", flush=True)
    report = {"seconds": seconds, "python": platform.python_version()}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
