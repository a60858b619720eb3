"""Measuring an item: its ladder of recipes on one variant after another.

How a model file becomes predictions, and these a value, is not known here; the caller hands
it in (`Grading`).
"""

from __future__ import annotations

import os
import platform
import queue
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from assay.errors import BankError, Refusal
from assay.items.calibration import evidence as files
from assay.items.calibration.certainty import Measure, same_points, standard_error
from assay.items.calibration.evidence import Evidence, Mark, RunRecord, Transfer
from assay.items.errors import RecipeFailed, RecipeRefused, TrainerGone
from assay.items.ladder import Recipe, Role
from assay.items.loader import Item
from assay.items.recipes import Watch, train, unwatched, without_model
from assay.items.samples import check_variant
from assay.items.sources import MODEL_FILE
from assay.items.trainers import Ended, Trainer
from assay.items.variant import Array, Split, Variant

_DIGITS = 6  # of values in the file
_KEPT = 4  # variants in memory


@dataclass(frozen=True, kw_only=True)
class Grading:
    """The grading engine, as far as it is needed here."""

    predict: Callable[[Path, Item, Split], Array]  # raises Refusal
    measure: Measure


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One recipe on one variant, just now."""

    recipe: Recipe
    seed: int
    run: RunRecord | None  # None: it failed
    problem: BankError | None = None
    left: int  # recipes that are still to be trained


def calibrate(
    item: Item,
    seeds: Sequence[int],
    *,
    trainers: Sequence[Trainer],
    grading: Grading,
    machine: str,
    patience: float | None = None,
    watch: Watch = unwatched,
) -> Iterator[Measured]:
    """Train what the evidence lacks, and write it down after every run.

    An interrupted calibration goes on where it was.

    Args:
        item: The item.
        seeds: Of the variants.
        trainers: As many recipes are trained at once.
        grading: Turns a model file into values.
        machine: Where this runs; see `machine_line`.
        patience: Seconds after which a recipe is stopped; None: see `patience.patience`.
        watch: Is told what is being trained, and when it is over; from several threads.

    Yields:
        Each run as soon as it is over.

    Raises:
        NewerFormat, UnreadableFile: The evidence that is there cannot be read.
        TrainerGone: A trainer was ended from outside.
    """
    known = files.current(item, files.read(item))
    if known.runs:
        files.write(item, known)  # points by the present cuts; runs that became stale are gone
    if machine not in known.machines:
        known = known.model_copy(update={"machines": [*known.machines, machine]})
    number = known.machines.index(machine)
    work = files.missing(item, known, seeds)
    bench = _Bench(
        item=item,
        variants=_Variants(item),
        grading=grading,
        machine=number,
        patience=patience,
    )
    free: queue.SimpleQueue[Trainer] = queue.SimpleQueue()
    for trainer in trainers:
        free.put(trainer)

    def measured(seed: int, recipe: Recipe) -> RunRecord:
        trainer = free.get()
        try:
            with watch(recipe, seed):
                return bench.measure(recipe, seed, trainer)
        finally:
            free.put(trainer)

    with ThreadPoolExecutor(len(trainers)) as pool:
        pending = {pool.submit(measured, seed, recipe): (seed, recipe) for seed, recipe in work}
        left = len(pending)
        try:
            for future in as_completed(pending):
                seed, recipe = pending[future]
                left -= 1
                try:
                    run = future.result()
                except TrainerGone:
                    raise  # and nothing more can be trained
                except BankError as problem:
                    yield Measured(recipe=recipe, seed=seed, run=None, problem=problem, left=left)
                    continue
                known = _with(known, run)
                files.write(item, known)
                yield Measured(recipe=recipe, seed=seed, run=run, left=left)
        finally:
            for future in pending:
                future.cancel()
            for trainer in trainers if left else ():
                trainer.close()  # what runs is not waited for


def machine_line(versions: dict[str, str], *, jobs: int, threads: int) -> str:
    """Return where something is measured, in one line.

    Args:
        versions: Of Python and packages, by their names.
        jobs: Recipes at once.
        threads: Of TensorFlow, for each.
    """
    parts = [
        _processor(),
        f"{os.cpu_count()} cores",
        f"{platform.system()} {platform.machine()}",
        *(f"{name} {version}" for name, version in versions.items()),
        f"{jobs} at once, {threads} threads each",
    ]
    return ", ".join(part for part in parts if part)


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()


class _Variants:
    """The variants in use, each drawn once; what is wrong with one is found once, too."""

    def __init__(self, item: Item) -> None:
        self._item = item
        self._drawn: OrderedDict[int, Variant] = OrderedDict()
        self._wrong: dict[int, BankError] = {}
        self._lock = threading.Lock()  # an item's code may not be drawn from twice at once

    def __getitem__(self, seed: int) -> Variant:
        with self._lock:
            if seed in self._wrong:
                raise self._wrong[seed]
            if seed not in self._drawn:
                self._drawn[seed] = self._draw(seed)
            self._drawn.move_to_end(seed)
            while len(self._drawn) > _KEPT:
                self._drawn.popitem(last=False)
            return self._drawn[seed]

    def _draw(self, seed: int) -> Variant:
        try:
            variant = self._item.draw(seed)
            for problem in check_variant(self._item, variant):
                raise problem  # nothing is to be learnt from such a variant
        except BankError as problem:
            self._wrong[seed] = problem
            raise
        return variant


@dataclass(frozen=True, kw_only=True)
class _Bench:
    """Where recipes of one item are trained and measured."""

    item: Item
    variants: _Variants
    grading: Grading
    machine: int  # its number in the evidence
    patience: float | None  # seconds

    def measure(self, recipe: Recipe, seed: int, trainer: Trainer) -> RunRecord:
        """Return how a recipe does on a seed's variant.

        Raises:
            RecipeFailed: It gives no model.
            RecipeRefused: It gives one that is refused.
        """
        with tempfile.TemporaryDirectory(prefix="assay-calibrate-") as name:
            folder = Path(name) / "work"
            try:
                variant = self.variants[seed]
                ended = train(self.item, variant, recipe, folder, trainer, patience=self.patience)
                model = folder / MODEL_FILE
                if not model.is_file():
                    raise without_model(self.item, recipe)
                return self._grade(recipe, seed, model, ended)
            except RecipeFailed as failed:
                raise failed.on(seed) from None
            except Refusal as refusal:
                file = f"{self.item.key}/{recipe.name}"
                raise RecipeRefused.of(refusal, file=file, seed=seed) from refusal

    def _grade(self, recipe: Recipe, seed: int, model: Path, ended: Ended) -> RunRecord:
        hidden, metric = self.variants[seed].hidden, self.item.spec.metric
        predictions = self.grading.predict(model, self.item, hidden)
        measured = (metric.name, hidden.labels, predictions, hidden.baseline)
        value = self.grading.measure(*measured)
        sealed = self._value(model, self.variants[seed].sealed)
        transfer = None
        if recipe.role is Role.REFERENCE:
            other = self._mark(self._value(model, self.variants[seed + 1].hidden))
            transfer = Transfer(seed=seed + 1, value=other.value, points=other.points)
        error = standard_error(*measured, measure=self.grading.measure)
        return RunRecord(
            recipe=recipe.name,
            sha256=files.file_digest(recipe.path),
            seed=seed,
            hidden=self._mark(value),
            sealed=self._mark(sealed),
            standard_error=round(error, _DIGITS),
            same_points=round(same_points(metric, [value, sealed], error), 4),
            transfer=transfer,
            seconds=round(ended.seconds, 1),
            processor_seconds=None
            if ended.processor_seconds is None
            else round(ended.processor_seconds, 1),
            machine=self.machine,
        )

    def _value(self, model: Path, split: Split) -> float:
        predictions = self.grading.predict(model, self.item, split)
        metric = self.item.spec.metric.name
        return self.grading.measure(metric, split.labels, predictions, split.baseline)

    def _mark(self, value: float) -> Mark:
        # By the rounded value, so that the file says the same when it is read again.
        rounded = round(value, _DIGITS)
        return Mark(value=rounded, points=self.item.spec.metric.points(rounded))


def _with(known: Evidence, run: RunRecord) -> Evidence:
    return known.model_copy(update={"runs": [*known.runs, run]})
