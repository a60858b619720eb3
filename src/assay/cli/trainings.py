"""Says which recipes of the bank are being trained."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from assay.cli.talk import Talk, length_of
from assay.messages import N_

if TYPE_CHECKING:
    from assay.items import Item
    from assay.items.ladder import Recipe
    from assay.items.recipes import Watch


class Trainings:
    """What is being trained: below the progress bar or, without a terminal, a line for each."""

    def __init__(self, talk: Talk) -> None:
        """Tell it through `talk`."""
        self._talk = talk
        self._under_way: dict[tuple[str, int], float] = {}  # (file, seed) → since when

    def of(self, item: Item) -> Watch:
        """Return what is to be told about each recipe of `item`."""

        @contextmanager
        def watch(recipe: Recipe, seed: int) -> Iterator[None]:
            file = f"{item.key}/{recipe.name}"
            if not self._talk.has_terminal:
                self._talk.say(N_("Training {recipe} on seed {seed}"), recipe=file, seed=seed)
            self._under_way[file, seed] = time.monotonic()
            try:
                yield
            finally:
                del self._under_way[file, seed]

        return watch

    def told(self) -> str:
        """Return what is being trained at this moment, and for how long it has been."""
        talk, now = self._talk, time.monotonic()
        # Copied at once: other threads begin and end trainings.
        return talk.listed(
            talk.in_words(
                N_("{recipe}, seed {seed}: {time}"),
                recipe=file,
                seed=seed,
                time=length_of(now - since),
            )
            for (file, seed), since in list(self._under_way.items())
        )
