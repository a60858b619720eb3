"""What can be told of starters and recipes without running them."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from assay.errors import BankError
from assay.items.errors import ImportNotAllowed, SourceWrong, UnreadableFile
from assay.messages import N_, Words

MODEL_FILE = "mymodel.h5"
FUNCTION = "solution_model"
SAVE = f'model.save("{MODEL_FILE}")'
CEILING = "AT_MOST"  # the constant of a naive recipe: the points that it must not exceed
NAIVE_AT_MOST = 3  # points, of any naive recipe
NONE = Words(N_("none"))
FRAMEWORKS = ("tensorflow", "keras", "numpy", "pandas")  # what a candidate's environment has


def check_starter(path: Path, name: str, public_files: Iterable[str] = ()) -> Iterator[BankError]:
    """Check that the starter has what the candidate fills in and what saves the model.

    Args:
        path: The file.
        name: What to call it, relative to the bank.
        public_files: Of the item; the modules among them may be imported.
    """
    text = path.read_text(encoding="utf-8")
    yield from check_recipe(path, name, public_files)
    if "TODO" not in text:
        yield SourceWrong(
            file=name,
            expected=Words(N_("a TODO comment for what is left to do")),
            received=NONE,
        )


def check_recipe(path: Path, name: str, public_files: Iterable[str] = ()) -> Iterator[BankError]:
    """Check what starter, reference and naive recipes have in common.

    Args:
        path: The file.
        name: What to call it, relative to the bank.
        public_files: Of the item; the modules among them may be imported.
    """
    text = path.read_text(encoding="utf-8")
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        yield UnreadableFile(
            file=name,
            expected="Python",
            received=Words(N_("line {line}: {error}"), line=error.lineno, error=error.msg),
        )
        return
    functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    if FUNCTION not in functions:
        yield SourceWrong(
            file=name, expected=f"def {FUNCTION}()", received=", ".join(functions) or NONE
        )
    if SAVE not in text:
        yield SourceWrong(file=name, expected=SAVE, received=NONE)
    beside = {file.removesuffix(".py") for file in public_files if file.endswith(".py")}
    allowed = {*FRAMEWORKS, *sys.stdlib_module_names, *beside}
    for module in sorted(_imported(tree) - allowed):
        yield ImportNotAllowed(file=name, received=module, expected=", ".join(FRAMEWORKS))


def check_ceiling(path: Path, name: str) -> Iterator[BankError]:
    """Check that a naive recipe says what it must not exceed."""
    points = ceiling(path)
    if points is None or not 0 <= points <= NAIVE_AT_MOST:
        yield SourceWrong(
            file=name,
            expected=Words(
                N_("{name} = N at the top, N from 0 to {most}"), name=CEILING, most=NAIVE_AT_MOST
            ),
            received=NONE if points is None else str(points),
        )


def ceiling(path: Path) -> int | None:
    """Return the points that the naive recipe must not exceed, its `AT_MOST`, or None."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except SyntaxError:
        return None
    for node in tree.body:
        if (
            isinstance(node, ast.Assign)
            and [t.id for t in node.targets if isinstance(t, ast.Name)] == [CEILING]
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, int)
        ):
            return node.value.value
    return None


def _imported(tree: ast.Module) -> set[str]:
    modules: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules.add("." if node.level else (node.module or "").split(".")[0])
    return modules
