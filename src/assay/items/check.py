"""Whether a bank proves itself: `assay bank check`."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from assay.errors import BankError
from assay.items import drawers
from assay.items.bundle import TASK_TEXTS
from assay.items.draw import BUNDLE, REPORT, digests, variant_files
from assay.items.errors import (
    DrawFailed,
    EmptyPool,
    FieldWrong,
    FileMissing,
    LeftToDo,
    NotDeterministic,
    SeedsAgree,
    SourceWrong,
    StrayFile,
    UnknownPoolItem,
    UnreadableFile,
)
from assay.items.loader import BLUEPRINTS, ITEM_YAML, Bank, Item
from assay.items.neighbours import check_neighbours
from assay.items.samples import check_variant
from assay.items.sources import check_ceiling, check_recipe, check_starter
from assay.items.spec import Category
from assay.items.tasktexts import check_task_texts
from assay.messages import N_, Words

REQUIRED = (
    ITEM_YAML,
    *TASK_TEXTS.values(),
    "starter.py",
    "data.py",
    "reference.py",
    "README.md",
)
OPTIONAL = ("calibration.json", "calibration.png")
WRONG_RECIPES = 2  # at least
RECIPES = r"(fair|competent)\w*\.py"  # in the folder recipes/
DEFAULT_SEEDS = (1, 2)
CERTAIN_SIZE = 2000  # hidden samples; with fewer a mark depends on luck, which an item must own up
_ASSETS = "assets"  # private files that data.py reads
_IGNORED = {"__pycache__"}
_DRAW_SECONDS = 600


def check_layout(bank: Bank) -> list[BankError]:
    """Return files that belong to no item and no blueprint, and folders that are no item yet."""
    known = {BLUEPRINTS, *Category}
    stray = [p for p in _visible(bank.folder) if p.name not in known and p.name != "README.md"]
    for category in Category:
        stray += [p for p in _visible(bank.folder / category) if not p.is_dir()]
    stray += [p for p in _visible(bank.folder / BLUEPRINTS) if p.suffix != ".yaml"]
    begun = [
        f"{category}/{path.name}/{ITEM_YAML}"
        for category in Category
        for path in _visible(bank.folder / category)
        if path.is_dir() and not (path / ITEM_YAML).exists()
    ]
    return [
        *(StrayFile(file=path.relative_to(bank.folder).as_posix()) for path in stray),
        *(FileMissing(file=file) for file in begun),
    ]


def check_blueprints(bank: Bank) -> list[BankError]:
    """Return places of blueprints that name an unknown item, or that can draw none."""
    problems: list[BankError] = []
    for key, blueprint in bank.blueprints.items():
        for number, slot in enumerate(blueprint.spec.slots):
            file, field = f"{BLUEPRINTS}/{key}.yaml", f"slots.{number}.pool"
            unknown = [name for name in slot.pool if name not in bank.items]
            problems += [
                UnknownPoolItem(file=file, field=field, expected="an item", received=name)
                for name in unknown
            ]
            if unknown:
                continue
            try:
                bank.pool(blueprint.spec, slot)
            except EmptyPool as error:
                problems.append(EmptyPool(**{**error.params, "file": file, "field": field}))
    return problems


def check_item(
    item: Item,
    seeds: Sequence[int] = DEFAULT_SEEDS,
    *,
    draw_elsewhere: Callable[..., None] = drawers.draw_cold,
) -> list[BankError]:
    """Return everything that is wrong with `item`, short of training its recipes.

    Args:
        item: The item.
        seeds: Two or more seeds to draw.
        draw_elsewhere: Draws in another process: `drawers.draw`, if the bank stays as it is for
            as long as this process lives, or `drawers.draw_cold`.
    """
    problems = [*_check_files(item)]
    if problems:
        return problems  # what follows needs the files
    problems += _check_certainty(item)
    problems += _check_sources(item)
    problems += check_task_texts(item)
    problems += _check_what_is_left(item)
    problems += _check_draws(item, seeds, draw_elsewhere)
    return problems


def _check_files(item: Item) -> Iterator[BankError]:
    for name in REQUIRED:
        if not (item.folder / name).is_file():
            yield FileMissing(file=f"{item.key}/{name}")
    for path in _texts(item):
        try:
            path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            name = path.relative_to(item.folder).as_posix()
            yield UnreadableFile(file=f"{item.key}/{name}", expected="UTF-8", received=str(error))
    if len(item.wrong) < WRONG_RECIPES:
        yield SourceWrong(
            file=f"{item.key}/wrong/",
            expected=Words(N_("at least {count} naive recipes"), count=WRONG_RECIPES),
            received=str(len(item.wrong)),
        )
    yield from _check_strays(item)


def _texts(item: Item) -> Iterator[Path]:
    """Yield the files of an item that people write, as far as they are there."""
    known = [item.folder / name for name in REQUIRED]
    yield from (path for path in [*known, *item.wrong, *item.recipes] if path.is_file())


def _check_strays(item: Item) -> Iterator[BankError]:
    allowed = {*REQUIRED, *OPTIONAL}
    for path in _visible(item.folder):
        if path.is_file() and path.name not in allowed:
            yield StrayFile(file=f"{item.key}/{path.name}")
        elif path.is_dir() and path.name not in {"wrong", "recipes", _ASSETS}:
            yield StrayFile(file=f"{item.key}/{path.name}/")
    for path in _visible(item.folder / "wrong"):
        if path.suffix != ".py":
            yield StrayFile(file=f"{item.key}/wrong/{path.name}")
    for path in _visible(item.folder / "recipes"):
        if path.suffix != ".py":
            yield StrayFile(file=f"{item.key}/recipes/{path.name}")
        elif not re.fullmatch(RECIPES, path.name):
            yield SourceWrong(
                file=f"{item.key}/recipes/{path.name}",
                expected=Words(N_("a name that begins with fair or competent")),
                received=path.name,
            )


def _check_certainty(item: Item) -> Iterator[BankError]:
    size = item.spec.hidden_size
    if size < CERTAIN_SIZE and item.spec.certainty is None:
        demand = N_("with fewer than {size} samples, `certainty` says what that does to the points")
        yield FieldWrong(
            file=f"{item.key}/{ITEM_YAML}",
            field="hidden_size",
            expected=Words(demand, size=f"{CERTAIN_SIZE:,}"),
            received=str(size),
        )


def _check_sources(item: Item) -> Iterator[BankError]:
    beside = item.spec.public_files
    yield from check_starter(item.starter, f"{item.key}/starter.py", beside)
    yield from check_recipe(item.reference, f"{item.key}/reference.py", beside)
    for path in item.recipes:
        yield from check_recipe(path, f"{item.key}/recipes/{path.name}", beside)
    for path in item.wrong:
        yield from check_recipe(path, f"{item.key}/wrong/{path.name}", beside)
        yield from check_ceiling(path, f"{item.key}/wrong/{path.name}")


def _check_what_is_left(item: Item) -> Iterator[BankError]:
    for path in _texts(item):
        lines = path.read_text(encoding="utf-8").splitlines()
        found = [number for number, line in enumerate(lines, start=1) if "TODO" in line]
        if found and path != item.starter:
            name = path.relative_to(item.folder).as_posix()
            yield LeftToDo(file=f"{item.key}/{name}", field=str(found[0]), received=len(found))


def _check_draws(
    item: Item, seeds: Sequence[int], draw_elsewhere: Callable[..., None]
) -> Iterator[BankError]:
    drawn: dict[int, dict[str, str]] = {}
    for seed in seeds:
        try:
            variant = item.draw(seed)
            problems = check_variant(item, variant)
            if problems:
                yield from problems
                return
            if seed == seeds[0]:
                yield from check_neighbours(item, variant)
            drawn[seed] = digests(variant_files(item, variant))
        except BankError as error:
            yield error
            return
    first = seeds[0]
    try:
        again = _drawn_elsewhere(item, first, draw_elsewhere)
    except DrawFailed as error:
        yield error
        return
    changed = [name for name, digest in drawn[first].items() if again.get(name) != digest]
    if changed:
        yield NotDeterministic(
            file=f"{item.key}/data.py", field=str(first), received=", ".join(changed)
        )
    same = [
        name
        for name in drawn[first]
        if name != BUNDLE and len({drawn[seed][name] for seed in seeds}) < len(drawn)
    ]
    if same:
        yield SeedsAgree(
            file=f"{item.key}/data.py",
            field=", ".join(map(str, seeds)),
            received=", ".join(same),
        )


def _drawn_elsewhere(item: Item, seed: int, draw_elsewhere: Callable[..., None]) -> dict[str, str]:
    """Return the digests of a draw in another process, with another order of sets."""
    with tempfile.TemporaryDirectory() as out:
        try:
            draw_elsewhere(
                item.key,
                seed,
                Path(out),
                bank=item.folder.parent.parent,
                environment={**os.environ, "PYTHONHASHSEED": "4711"},
                seconds=_DRAW_SECONDS,
            )
        except drawers.DrawEnded as end:
            raise DrawFailed(
                file=f"{item.key}/data.py", field=str(seed), received=str(end)[-400:]
            ) from None
        report = json.loads((Path(out) / REPORT).read_text(encoding="utf-8"))
        return dict(report["sha256"])


def _visible(folder: Path) -> Iterable[Path]:
    """Return what is in `folder`, without caches; hidden files are stray files too."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.name not in _IGNORED)
