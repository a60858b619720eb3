"""An item's ladder of recipes: what people of different skill would hand in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from assay.items.loader import Item
from assay.items.sources import NAIVE_AT_MOST, ceiling
from assay.wire import TOP_POINTS


class Role(StrEnum):
    """What a program of an item stands for."""

    STARTER = "starter"  # what the candidate begins with
    NAIVE = "naive"  # a mistake that the item is about
    FAIR = "fair"  # on the way
    COMPETENT = "competent"  # as good as can be asked; of another architecture than the reference
    REFERENCE = "reference"  # the author's own solution


# Those that are measured over seeds, from the bottom up; all but the starter.
RUNGS = (Role.NAIVE, Role.FAIR, Role.COMPETENT, Role.REFERENCE)
SKILLED = frozenset({Role.COMPETENT, Role.REFERENCE})  # earn all points on every variant
AT_LEAST = {Role.NAIVE: 2, Role.FAIR: 1, Role.COMPETENT: 1, Role.REFERENCE: 1}  # programs


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """One program of an item."""

    name: str  # its path within the item, with "/"
    path: Path
    role: Role
    points: range  # that it may earn


def ladder(item: Item) -> list[Recipe]:
    """Return the recipes of `item`, from the bottom up, without the starter."""
    paths = [*item.wrong, *item.recipes, item.reference]
    recipes = [recipe_of(item, path) for path in paths]
    return sorted(recipes, key=lambda recipe: (RUNGS.index(recipe.role), recipe.name))


def recipe_of(item: Item, path: Path) -> Recipe:
    """Return the program of `item` at `path`."""
    name = path.relative_to(item.folder).as_posix()
    role = role_of(name)
    if role in SKILLED:
        points = range(TOP_POINTS, TOP_POINTS + 1)
    elif role is Role.NAIVE:
        points = range(min(ceiling(path) or 0, NAIVE_AT_MOST) + 1)
    else:
        points = range(TOP_POINTS + 1)
    return Recipe(name=name, path=path, role=role, points=points)


def role_of(name: str) -> Role:
    """Return what a program stands for.

    Args:
        name: Its path within the item, with "/".
    """
    if name == "starter.py":
        return Role.STARTER
    if name == "reference.py":
        return Role.REFERENCE
    folder, _, file = name.partition("/")
    if folder == "wrong":
        return Role.NAIVE
    return Role.COMPETENT if file.startswith(Role.COMPETENT) else Role.FAIR
