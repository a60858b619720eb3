"""Training an item's recipes as a candidate would: `assay bank check --train`.

How a model file becomes points is not known here; the caller hands it in (`Grade`).
"""

from __future__ import annotations

import io
import shutil
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from assay.errors import BankError, Refusal
from assay.items.bundle import build_bundle
from assay.items.errors import (
    RecipeFailed,
    RecipeFallsShort,
    RecipeHangs,
    RecipeRefused,
    StarterPasses,
    WrongRecipePasses,
)
from assay.items.ladder import SKILLED, Recipe, Role, ladder, recipe_of
from assay.items.loader import Item
from assay.items.patience import patience as usual_patience
from assay.items.sources import MODEL_FILE, NONE
from assay.items.trainers import Ended, Trainer
from assay.items.variant import Split, Variant
from assay.messages import N_, Words

STARTER_AT_MOST = 2  # points that an unfinished starter may earn, if it saves a model at all
_SAID = 200  # characters of a program's last line


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What grading says about a model file."""

    points: int
    value: float  # of the item's metric; private to authors and staff


# (model file, item, split) → mark; raises Refusal for a file that is not graded.
Grade = Callable[[Path, Item, Split], Mark]

# (recipe, seed) → a context in which it is trained on that seed's variant, so that it can be told.
Watch = Callable[[Recipe, int], AbstractContextManager[None]]


def unwatched(_recipe: Recipe, _seed: int) -> AbstractContextManager[None]:
    """Tell nobody what is being trained."""
    return nullcontext()


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
    trainer: Trainer,
    grade: Grade,
    keep: Path | None = None,
    patience: float | None = None,
    watch: Watch = unwatched,
) -> Iterator[Run]:
    """Train the starter and the ladder on each seed's variant, one after another.

    Args:
        item: The item.
        seeds: Of the variants.
        trainer: Where the programs run.
        grade: Turns a model file into points.
        keep: A folder to leave the recipes' folders in; else they are removed.
        patience: Seconds after which a recipe is stopped; None: see `patience.patience`.
        watch: Is told what is being trained, and when it is over.

    Yields:
        A run, as soon as it is over, with what is wrong with it.
    """
    for seed in seeds:
        variant = item.draw(seed)
        for recipe in [recipe_of(item, item.starter), *ladder(item)]:
            kept = keep / item.key / str(seed) / recipe.path.stem if keep else None
            with tempfile.TemporaryDirectory(prefix="assay-recipe-") as temporary:
                work = _Work(
                    item=item,
                    variant=variant,
                    recipe=recipe,
                    seed=seed,
                    folder=kept or Path(temporary),
                    patience=patience,
                )
                with watch(recipe, seed):
                    run = _run(work, trainer, grade)
                yield run


def train(
    item: Item,
    variant: Variant,
    recipe: Recipe,
    folder: Path,
    trainer: Trainer,
    *,
    patience: float | None = None,
) -> Ended:
    """Run a recipe in `folder`, beside the public bundle and nothing else.

    Args:
        item: The item.
        variant: Of the item.
        recipe: Of the item.
        folder: Is emptied, and made if need be; holds the model file afterwards.
        trainer: Where the program runs.
        patience: Seconds after which it is stopped; None: see `patience.patience`.

    Raises:
        RecipeHangs: It was stopped.
        RecipeFailed: It did not come to its end for another reason.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with zipfile.ZipFile(io.BytesIO(build_bundle(item, variant))) as bundle:
        bundle.extractall(folder)
    script = folder / recipe.path.name
    shutil.copyfile(recipe.path, script)
    seconds = usual_patience(item) if patience is None else patience
    ended = trainer.run(folder, script.name, seconds)
    if ended.code == 0:
        return ended
    if ended.code is None:
        raise RecipeHangs(file=f"{item.key}/{recipe.name}", expected=f"{seconds:g}")
    raise RecipeFailed(
        file=f"{item.key}/{recipe.name}",
        expected=Words(N_("an end with exit code 0")),
        received=_how(ended),
    )


def _how(ended: Ended) -> Words:
    """Return how a program ended that came to an end, but to a bad one."""
    last = next((line for line in reversed(ended.output.splitlines()) if line.strip()), None)
    if last is None:
        return Words(N_("exit code {code}, without a word"), code=ended.code)
    return Words(
        N_("exit code {code}: {said}"), code=ended.code, said=last.strip()[:_SAID].rstrip(".")
    )


@dataclass(frozen=True, kw_only=True)
class _Work:
    """What is to be trained, and where."""

    item: Item
    variant: Variant
    recipe: Recipe
    seed: int
    folder: Path
    patience: float | None


def _run(work: _Work, trainer: Trainer, grade: Grade) -> Run:
    item, recipe, seed = work.item, work.recipe, work.seed
    begun = time.monotonic()
    mark: Mark | None = None
    problems: list[BankError] = []
    try:
        ended = train(item, work.variant, recipe, work.folder, trainer, patience=work.patience)
        if recipe.role is Role.STARTER:
            _check_words(item, recipe, ended)
        model = work.folder / MODEL_FILE
        mark = grade(model, item, work.variant.hidden) if model.is_file() else None
        problems = _judge(item, recipe, seed, mark)
    except Refusal as refusal:
        if recipe.role is not Role.STARTER:  # whose model may well be refused
            problems = [RecipeRefused.of(refusal, file=f"{item.key}/{recipe.name}", seed=seed)]
    except RecipeFailed as error:
        problems = [error.on(seed)]
    return Run(
        item=item.key,
        recipe=recipe.name,
        seed=seed,
        seconds=time.monotonic() - begun,
        mark=mark,
        problems=problems,
    )


def without_model(item: Item, recipe: Recipe) -> RecipeFailed:
    """Return the error of a recipe that leaves no model file behind."""
    return RecipeFailed(
        file=f"{item.key}/{recipe.name}",
        expected=Words(N_("a graded model")),
        received=Words(N_("no {file}"), file=MODEL_FILE),
    )


def _check_words(item: Item, starter: Recipe, ended: Ended) -> None:
    if not ended.output.strip():
        raise RecipeFailed(
            file=f"{item.key}/{starter.name}",
            expected=Words(N_("a word about what is left to do")),
            received=NONE,
        )


def _judge(item: Item, recipe: Recipe, seed: int, mark: Mark | None) -> list[BankError]:
    file = f"{item.key}/{recipe.name}"
    if mark is None:
        if recipe.role is Role.STARTER:
            return []  # no model is as it should be
        return [without_model(item, recipe).on(seed)]
    reached = f"{mark.points} ({item.spec.metric.name} {mark.value:.4f})"
    allowed = range(STARTER_AT_MOST + 1) if recipe.role is Role.STARTER else recipe.points
    if mark.points in allowed:
        return []
    wrong: type[BankError] = WrongRecipePasses
    if recipe.role is Role.STARTER:
        wrong = StarterPasses
    elif recipe.role in SKILLED:
        wrong = RecipeFallsShort
    return [wrong(file=file, field=str(seed), expected=allowed[-1], received=reached)]
