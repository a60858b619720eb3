"""How long a recipe may train, and when one that does not end is stopped."""

from __future__ import annotations

from assay.items.loader import Item
from assay.items.spec import Category

SECONDS = 30.0  # for the training of a recipe, at the median
IMAGE_SECONDS = 60.0  # the same for images
GIVEN_UP_AFTER = 10  # times as long: a slow machine is not yet a recipe that hangs


def allowed_seconds(item: Item) -> float:
    """Return how long a recipe of `item` may train, in seconds of wall clock."""
    return IMAGE_SECONDS if item.spec.category is Category.IMAGE else SECONDS


def patience(item: Item) -> float:
    """Return after how many seconds a recipe of `item` is stopped, if nobody says otherwise."""
    return GIVEN_UP_AFTER * allowed_seconds(item)
