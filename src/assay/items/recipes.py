"""Training an item's recipes as a candidate would: `assay bank check --train`.

How a model file becomes points is not known here; the caller hands it in (`Grade`).
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from assay.errors import BankError, Refusal
from assay.items.bundle import build_bundle
from assay.items.errors import (
    RecipeFailed,
    ReferenceFallsShort,
    StarterPasses,
    WrongRecipePasses,
)
from assay.items.loader import Item
from assay.items.sources import MODEL_FILE, ceiling
from assay.items.variant import Split, Variant
from assay.wire import TOP_POINTS

STARTER_AT_MOST = 2  # points that an unfinished starter may earn, if it saves a model at all
_SECONDS = 900  # for one recipe; a reference trains in 60 on two cores


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What grading says about a model file."""

    points: int
    value: float  # of the item's metric; private to authors and staff


# (model file, item, split) → mark; raises Refusal for a file that is not graded.
Grade = Callable[[Path, Item, Split], Mark]


@dataclass(frozen=True, kw_only=True)
class Run:
    """One recipe, trained on one variant and graded on its hidden set."""

    item: str
    recipe: str  # path within the item
    seed: int
    seconds: float  # wall clock of the recipe's process
    mark: Mark | None  # None: no model file, or one that is refused
    problems: list[BankError] = field(default_factory=list)


def run_recipes(
    item: Item,
    seeds: Sequence[int],
    *,
    python: str,
    grade: Grade,
    keep: Path | None = None,
) -> Iterator[Run]:
    """Train starter, reference and naive recipes on each seed's variant, one after another.

    Args:
        item: The item.
        seeds: Of the variants.
        python: A Python with TensorFlow.
        grade: Turns a model file into points.
        keep: A folder to leave the recipes' folders in; else they are removed.

    Yields:
        A run, as soon as it is over, with what is wrong with it.
    """
    for seed in seeds:
        variant = item.draw(seed)
        for recipe in [item.starter, item.reference, *item.wrong]:
            name = recipe.relative_to(item.folder).as_posix()
            kept = keep / item.key / str(seed) / recipe.stem if keep else None
            with tempfile.TemporaryDirectory(prefix="assay-recipe-") as temporary:
                folder = kept or Path(temporary)
                yield _run(item, variant, name, seed, folder, python=python, grade=grade)


def _run(
    item: Item, variant: Variant, recipe: str, seed: int, folder: Path, *, python: str, grade: Grade
) -> Run:
    file = f"{item.key}/{recipe}"
    begun = time.monotonic()
    problem = _train(item, variant, recipe, folder, python=python)
    seconds = time.monotonic() - begun
    if problem:
        failed = RecipeFailed(
            file=file, field=str(seed), expected="an end with exit code 0", received=problem
        )
        return Run(
            item=item.key, recipe=recipe, seed=seed, seconds=seconds, mark=None, problems=[failed]
        )
    mark, refusal = _mark(item, variant, folder / MODEL_FILE, grade)
    problems = _judge(item, recipe, seed, mark, refusal)
    return Run(
        item=item.key, recipe=recipe, seed=seed, seconds=seconds, mark=mark, problems=problems
    )


def _train(item: Item, variant: Variant, recipe: str, folder: Path, *, python: str) -> str | None:
    """Run the recipe in `folder`, beside the public bundle; return what failed, or None."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with zipfile.ZipFile(io.BytesIO(build_bundle(item, variant))) as bundle:
        bundle.extractall(folder)
    script = folder / Path(recipe).name
    shutil.copyfile(item.folder / recipe, script)
    try:
        run = subprocess.run(  # noqa: S603 - the bank is ours
            [python, script.name],
            cwd=folder,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=_SECONDS,
            check=False,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "2", "PYTHONIOENCODING": "utf-8"},
        )
    except subprocess.TimeoutExpired:
        return f"still running after {_SECONDS} s"
    (folder / "output.txt").write_text(run.stdout + run.stderr, encoding="utf-8")
    if run.returncode != 0:
        last = [line for line in run.stderr.splitlines() if line.strip()][-1:]
        return f"exit code {run.returncode}: {''.join(last)}"
    if recipe == item.starter.name and not run.stdout.strip():
        return "no word about what is left to do"
    return None


def _mark(
    item: Item, variant: Variant, model: Path, grade: Grade
) -> tuple[Mark | None, Refusal | None]:
    if not model.exists():
        return None, None
    try:
        return grade(model, item, variant.hidden), None
    except Refusal as refusal:
        return None, refusal


def _judge(
    item: Item, recipe: str, seed: int, mark: Mark | None, refusal: Refusal | None
) -> list[BankError]:
    file = f"{item.key}/{recipe}"
    is_starter, is_reference = recipe == item.starter.name, recipe == item.reference.name
    if mark is None:
        if is_starter:
            return []  # no model and a refused one are as they should be
        received = str(refusal) if refusal else f"no {MODEL_FILE}"
        return [
            RecipeFailed(file=file, field=str(seed), expected="a graded model", received=received)
        ]
    received = f"{mark.points} ({item.spec.metric.name} {mark.value:.4f})"
    if is_reference:
        wrong: type[BankError] = ReferenceFallsShort
        expected = TOP_POINTS
        passes = mark.points == TOP_POINTS
    else:
        wrong = StarterPasses if is_starter else WrongRecipePasses
        expected = STARTER_AT_MOST if is_starter else ceiling(item.folder / recipe) or 0
        passes = mark.points <= expected
    return (
        [] if passes else [wrong(file=file, field=str(seed), expected=expected, received=received)]
    )
