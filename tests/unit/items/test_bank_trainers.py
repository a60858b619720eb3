"""Programs in a new Python each, and in forks of a warm one."""

from __future__ import annotations

import sys

import pytest

from assay.items import trainers
from assay.items.errors import NoFramework, TrainerGone
from assay.items.trainers import OUTPUT, ColdTrainer, WarmTrainer

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks on Linux only")


@pytest.fixture(params=["cold", "warm"])
def trainer(request, monkeypatch):
    monkeypatch.setattr(trainers, "PACKAGES", ("numpy",))
    kind = {"cold": ColdTrainer, "warm": WarmTrainer}[request.param]
    with kind(sys.executable, 1) as made:
        yield made


@pytest.fixture
def run(trainer, tmp_path):
    def run(text, seconds=20):
        (tmp_path / "recipe.py").write_text(text)
        return trainer.run(tmp_path, "recipe.py", seconds)

    return run


def test_a_program_runs_in_its_folder_and_is_the_main_one(run, tmp_path):
    (tmp_path / "beside.py").write_text("WORD = 'beside'\n")

    ended = run(
        "import sys\nfrom beside import WORD\nif __name__ == '__main__':\n"
        "    print(WORD, sys.argv)\n    print('oh', file=sys.stderr)\n    open('made', 'w').close()\n"
    )

    assert ended.code == 0
    assert ended.output.splitlines() == ["beside ['recipe.py']", "oh"]
    assert (tmp_path / "made").exists()
    assert (tmp_path / OUTPUT).read_text() == ended.output


def test_what_a_program_prints_is_beside_its_folder_while_it_runs(run):
    assert "output.txt" not in run("import os\nprint(os.listdir())").output


@pytest.mark.parametrize(
    ("text", "code", "last"),
    [
        ("raise SystemExit(3)", 3, ""),
        ("raise SystemExit('no ink')", 1, "no ink"),
        ("raise SystemExit", 0, ""),
        ("1 / 0", 1, "ZeroDivisionError: division by zero"),
        ("import os\nos.kill(os.getpid(), 9)", -9, ""),
    ],
)
def test_how_a_program_ended_is_told(run, text, code, last):
    ended = run(text)

    assert ended.code == code
    assert (ended.output.splitlines() or [""])[-1] == last


def test_a_program_that_takes_too_long_is_stopped(run):
    ended = run("import time\ntime.sleep(60)", seconds=0.3)

    assert ended.code is None
    assert ended.seconds < 10


BUSY = """
import time
while time.process_time() < 0.5:
    pass
"""


def test_a_program_that_computes_takes_the_processor_s_time(run):
    assert 0.5 <= run(BUSY).processor_seconds < 1.5


def test_a_program_that_waits_takes_hardly_any(run):
    ended = run("import time\ntime.sleep(1)")

    assert ended.seconds >= 1
    assert ended.processor_seconds < 0.5


def test_what_the_programs_of_a_program_take_is_counted_with_it(run):
    ended = run(f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {BUSY!r}])")

    assert ended.processor_seconds >= 0.5


def test_one_program_after_another_begins_afresh(run):
    first = run("import numpy, random\nnumpy.mark = 1\nprint(numpy.random.rand(), random.random())")
    second = run("import numpy, random\nprint(numpy.random.rand(), random.random())")
    third = run("import numpy\nprint(hasattr(numpy, 'mark'))")

    assert first.output != second.output
    assert third.output == "False\n"


def test_a_program_gets_nothing_to_read(run):
    assert run("import sys\nprint(repr(sys.stdin.read()))").output == "''\n"


def test_a_warm_python_says_what_it_has(monkeypatch):
    monkeypatch.setattr(trainers, "PACKAGES", ("numpy",))
    with WarmTrainer(sys.executable) as trainer:
        assert set(trainer.versions) == {"python", "numpy"}


def test_a_python_without_the_packages_is_refused_with_the_reason(monkeypatch):
    monkeypatch.setattr(trainers, "PACKAGES", ("no_such_framework",))

    with pytest.raises(NoFramework, match="No module named 'no_such_framework'"):
        WarmTrainer(sys.executable)


def test_a_warm_python_that_is_ended_from_outside_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(trainers, "PACKAGES", ("numpy",))
    (tmp_path / "recipe.py").write_text("import os\nos.kill(os.getppid(), 9)\n")

    with WarmTrainer(sys.executable, 1) as trainer:
        for _ in range(2):
            with pytest.raises(TrainerGone):
                trainer.run(tmp_path, "recipe.py", 20)


@pytest.mark.parametrize("kind", [ColdTrainer, WarmTrainer])
@pytest.mark.parametrize("name", ["nowhere", "no-program"])
def test_a_python_that_is_none_is_named(tmp_path, kind, name):
    (tmp_path / "no-program").write_text("")
    (tmp_path / "recipe.py").write_text("")
    python = str(tmp_path / name)

    with pytest.raises(NoFramework) as raised, kind(python) as trainer:
        trainer.run(tmp_path, "recipe.py", 20)

    assert f"{python} cannot train recipes" in str(raised.value)
    assert "--python FILE" in str(raised.value)
