"""`assay bank check`: whether the bank proves itself."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from assay.cli.bankoptions import BankFolder, ItemNames, Patience, Python, require
from assay.cli.exits import ExitCode
from assay.cli.options import Json
from assay.cli.talk import Talk
from assay.cli.told import problem_of
from assay.cli.trainings import Trainings
from assay.errors import AssayError
from assay.items import Bank, Item, scan_bank
from assay.items.errors import DataMissing, LeftToDo
from assay.messages import N_
from assay.wire import TOP_POINTS

if TYPE_CHECKING:
    from assay.items.recipes import Grade, Run, Watch


def check_items(
    items: ItemNames = None,
    *,
    bank: BankFolder = None,
    train: Annotated[
        bool,
        typer.Option(
            "--train",
            help=N_("Also train and grade the starter, the reference and the naive recipes."),
        ),
    ] = False,
    seeds: Annotated[
        list[int] | None,
        typer.Option(
            "--seed",
            metavar="S",
            show_default=False,
            help=N_("A seed to draw; may be given several times."),
        ),
    ] = None,
    python: Python = None,
    patience: Patience = None,
    keep: Annotated[
        Path | None,
        typer.Option(
            "--keep",
            metavar="FOLDER",
            show_default=False,
            help=N_("Leave the folders that the recipes ran in there."),
        ),
    ] = None,
    evidence: Annotated[
        bool,
        typer.Option(
            "--evidence",
            help=N_("Fail unless calibration.json proves that each item is fair."),
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Say what is wrong with the bank; exit with the bank's code if anything is."""
    require("numpy", "bank")
    talk = Talk(as_json=as_json)
    scan = scan_bank(bank)
    # What is wrong with an item.yaml is told with the rest.
    chosen = [
        scan.bank.item(key)
        for key in items or scan.bank.items
        if key in scan.bank.items or not scan.problems_of(key)
    ]
    found = _Findings(talk)
    found.add([p for key in items for p in scan.problems_of(key)] if items else scan.problems)
    if not items:
        found.add(_check_around(scan.bank))
    trainings = Trainings(talk)
    for item, wrong in _checked(talk, chosen, seeds, trainings):
        lacking = next((problem for problem in wrong if isinstance(problem, DataMissing)), None)
        if lacking is not None:
            found.skip(item, lacking)
        else:
            found.add(wrong)
        found.add(_check_evidence(item), as_warnings=not evidence)
        found.excuse(item)
        works = all(isinstance(problem, LeftToDo) for problem in wrong)
        if not train or not works:
            continue
        watch = trainings.of(item)
        for run in _train(item, seeds, python, keep=keep, patience=patience, watch=watch):
            found.add_run(run)
    found.conclude(len(chosen))
    talk.give(found.report([item.key for item in chosen]))
    if found.problems:
        raise typer.Exit(ExitCode.BANK)


class _Findings:
    """What a check found, told as it is found."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self.problems: list[AssayError] = []
        self._warnings: list[AssayError] = []
        self._skipped: dict[str, AssayError] = {}
        self._excused: dict[str, str] = {}
        self._runs: list[Run] = []

    def add(self, found: Sequence[AssayError], *, as_warnings: bool = False) -> None:
        """Take in what is wrong, or, `as_warnings`, may stay for now."""
        for error in found:
            self._tell(error, "!" if as_warnings else "✗", "yellow" if as_warnings else "bold red")
        (self._warnings if as_warnings else self.problems).extend(found)

    def add_run(self, run: Run) -> None:
        """Take in a trained recipe."""
        self._talk.tell(Text(_line(self._talk, run)))
        self._runs.append(run)
        self.add(run.problems)

    def skip(self, item: Item, why: AssayError) -> None:
        """Take in an item of which nothing can be told here."""
        self._talk.warn(N_("{item} is skipped:"), item=item.key)
        self._tell(why, "!", "yellow")
        self._skipped[item.key] = why

    def excuse(self, item: Item) -> None:
        """Take in why nothing shows that an item is fair, if it says so."""
        if item.spec.unmeasured is None:
            return
        why = item.spec.unmeasured.in_language(self._talk.language)
        self._talk.warn(N_("{item} is not measured:"), item=item.key)
        self._talk.tell(Text(f"! {why}", style="yellow"))
        self._excused[item.key] = why

    def conclude(self, items: int) -> None:
        """Say how much there was in so many items."""
        talk = self._talk
        counts = {"count": len(self.problems), "items": items - len(self._skipped)}
        said = [talk.in_words(N_("Problems: {count}. Items checked: {items}."), **counts)]
        if self._warnings:
            said.append(talk.in_words(N_("Warnings: {count}."), count=len(self._warnings)))
        if self._skipped:
            names = talk.listed(self._skipped)
            said.append(talk.in_words(N_("Skipped for want of data: {items}."), items=names))
        if self._excused:
            names = talk.listed(self._excused)
            said.append(talk.in_words(N_("Not measured, with a reason: {items}."), items=names))
        talk.show_plain(talk.sentences(*said))

    def report(self, items: Sequence[str]) -> dict[str, Any]:
        """Return all of it as JSON."""
        return {
            "items": [key for key in items if key not in self._skipped],
            "skipped": {key: self._as_json(why) for key, why in self._skipped.items()},
            "unmeasured": self._excused,
            "problems": [self._as_json(problem) for problem in self.problems],
            "warnings": [self._as_json(warning) for warning in self._warnings],
            "runs": [
                {
                    "item": run.item,
                    "recipe": run.recipe,
                    "seed": run.seed,
                    "seconds": round(run.seconds, 1),
                    "points": run.mark.points if run.mark else None,
                    "value": run.mark.value if run.mark else None,
                }
                for run in self._runs
            ],
        }

    def _tell(self, error: AssayError, sign: str, style: str) -> None:
        problem = problem_of(error, self._talk.language)
        self._talk.tell_problem(problem, sign=sign, style=style)

    def _as_json(self, error: AssayError) -> dict[str, Any]:
        return problem_of(error, self._talk.language).model_dump(mode="json")


# What follows imports when it is called: `assay bank list` needs no NumPy.


def _check_around(bank: Bank) -> Sequence[AssayError]:
    from assay.items.check import check_blueprints, check_layout  # noqa: PLC0415

    return [*check_layout(bank), *check_blueprints(bank)]


def _checked(
    talk: Talk, items: Sequence[Item], seeds: Sequence[int] | None, trainings: Trainings
) -> Iterator[tuple[Item, Sequence[AssayError]]]:
    """Check items, saying how far it is; yield each with what is wrong with it."""
    from assay.items.check import DEFAULT_SEEDS  # noqa: PLC0415
    from assay.items.checking import check_items  # noqa: PLC0415

    drawn = seeds if seeds and len(set(seeds)) > 1 else DEFAULT_SEEDS
    with talk.progress(N_("Checking the items"), total=len(items), below=trainings.told) as advance:
        for done, checked in enumerate(check_items(items, drawn), start=1):
            advance(done)
            yield checked


def _check_evidence(item: Item) -> Sequence[AssayError]:
    from assay.items.calibration.rules import check_evidence  # noqa: PLC0415

    return check_evidence(item)


def _train(
    item: Item,
    seeds: Sequence[int] | None,
    python: Path | None,
    *,
    keep: Path | None,
    patience: float | None,
    watch: Watch,
) -> Iterator[Run]:
    from assay.items.check import DEFAULT_SEEDS  # noqa: PLC0415
    from assay.items.recipes import run_recipes  # noqa: PLC0415
    from assay.items.trainers import warm_or_cold  # noqa: PLC0415

    with _grader() as grade, warm_or_cold(str(python or sys.executable)) as trainer:
        yield from run_recipes(
            item,
            seeds or DEFAULT_SEEDS[:1],
            trainer=trainer,
            grade=grade,
            keep=keep.resolve() if keep else None,
            patience=patience,
            watch=watch,
        )


@contextmanager
def _grader() -> Iterator[Grade]:
    """Wire the grading engine in, which items know nothing of."""
    require("onnxruntime", "grader")
    from assay.grading import grade  # noqa: PLC0415
    from assay.grading.sandbox import Runner  # noqa: PLC0415
    from assay.items.recipes import Mark  # noqa: PLC0415
    from assay.items.variant import Split  # noqa: PLC0415

    with Runner() as runner:

        def mark(file: Path, item: Item, split: Split) -> Mark:
            outcome = grade(
                runner,
                file,
                contract=item.spec.to_contract(),
                limits=item.spec.to_limits(),
                metric=item.spec.metric,
                split=split,
            )
            return Mark(points=outcome.points, value=outcome.value)

        yield mark


def _line(talk: Talk, run: Run) -> str:
    mark = f"{run.mark.points}/{TOP_POINTS}  {run.mark.value:.4f}" if run.mark else "-"
    seed = talk.in_words(N_("seed {seed}"), seed=f"{run.seed:<6}")
    seconds = talk.in_words(N_("{seconds} s"), seconds=f"{run.seconds:6.1f}")
    return f"  {run.recipe:<28} {seed} {seconds}   {mark}"
