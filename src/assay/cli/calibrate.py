"""`assay bank calibrate`: measure that items are fair."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from assay.cli.bankoptions import BankFolder, ItemNames, Patience, Python, require
from assay.cli.exits import ExitCode
from assay.cli.options import Json
from assay.cli.tables import bare_table
from assay.cli.talk import Talk, length_of
from assay.cli.told import problem_of
from assay.cli.trainings import Trainings
from assay.errors import AssayError
from assay.items import Item, scan_bank
from assay.messages import N_, told
from assay.wire import TOP_POINTS

if TYPE_CHECKING:
    from assay.items.calibration.measuring import Grading, Measured
    from assay.items.calibration.rules import Finding
    from assay.items.trainers import Trainer

SEEDS = 8


def calibrate_items(
    items: ItemNames = None,
    *,
    bank: BankFolder = None,
    seeds: Annotated[
        int,
        typer.Option(
            "--seeds", metavar="N", min=1, help=N_("Variants to measure: those of seeds 1 to N.")
        ),
    ] = SEEDS,
    jobs: Annotated[
        int,
        typer.Option("--jobs", metavar="N", min=1, help=N_("Recipes to train at once.")),
    ] = 1,
    python: Python = None,
    patience: Patience = None,
    cold: Annotated[
        bool, typer.Option("--cold", help=N_("Start a new Python for each recipe; slower."))
    ] = False,
    as_json: Json = False,
) -> None:
    """Train the ladder of recipes over seeds, write the evidence, and judge it."""
    require("numpy", "bank")
    require("onnxruntime", "grader")
    require("matplotlib", "authors")
    talk = Talk(as_json=as_json)
    scan = scan_bank(bank)
    if scan.problems and not items:
        raise scan.problems[0]
    chosen = [scan.item(key) for key in items or scan.bank.items]
    report: dict[str, Any] = {}
    failed = False
    with (
        _grading() as grading,
        _trainers(str(python or sys.executable), jobs, cold=cold) as trainers,
    ):
        for item in chosen:
            problems = _measure(
                talk, item, range(1, seeds + 1), trainers, grading, patience=patience
            )
            findings = _conclude(talk, item)
            failed |= bool(problems) or not all(finding.passed for finding in findings)
            report[item.key] = {
                "problems": [
                    problem_of(p, talk.language).model_dump(mode="json") for p in problems
                ],
                "rules": [
                    {
                        "rule": finding.rule,
                        "passed": finding.passed,
                        "expected": finding.expected,
                        "received": finding.received,
                    }
                    for finding in findings
                ],
            }
    talk.give({"items": report})
    if failed:
        raise typer.Exit(ExitCode.BANK)


@contextmanager
def _trainers(python: str, jobs: int, *, cold: bool) -> Iterator[list[Trainer]]:
    from assay.items.trainers import ColdTrainer, warm_or_cold  # noqa: PLC0415

    threads = _threads(jobs)
    start = ColdTrainer if cold else warm_or_cold
    with ExitStack() as stack:
        yield [stack.enter_context(start(python, threads)) for _ in range(jobs)]


def _threads(jobs: int) -> int:
    return max(1, (os.cpu_count() or 1) // jobs)


@contextmanager
def _grading() -> Iterator[Grading]:
    """Wire the grading engine in, which items know nothing of."""
    from assay.grading.sandbox import Runner  # noqa: PLC0415
    from assay.grading.scoring import measure  # noqa: PLC0415
    from assay.items.calibration.measuring import Grading  # noqa: PLC0415
    from assay.items.variant import Array, Split  # noqa: PLC0415

    with Runner() as runner:

        def predict(file: Path, item: Item, split: Split) -> Array:
            spec = item.spec
            return runner.predict(file, split.inputs, spec.to_contract(), spec.to_limits())

        yield Grading(predict=predict, measure=measure)


def _measure(
    talk: Talk,
    item: Item,
    seeds: Sequence[int],
    trainers: Sequence[Trainer],
    grading: Grading,
    *,
    patience: float | None,
) -> list[AssayError]:
    from assay.items.calibration import evidence as files  # noqa: PLC0415
    from assay.items.calibration.measuring import calibrate, machine_line  # noqa: PLC0415

    jobs = len(trainers)
    machine = machine_line(dict(trainers[0].versions), jobs=jobs, threads=_threads(jobs))
    known = files.current(item, files.read(item))
    total = len(files.missing(item, known, seeds))
    talk.say(
        N_("{item}: {known} runs are known, {left} are to be trained."),
        item=item.key,
        known=len(known.runs),
        left=total,
    )
    problems: list[AssayError] = []
    said = set()  # a variant that cannot be drawn keeps every recipe from being trained
    if not total:
        return problems
    trainings = Trainings(talk)
    with talk.progress(
        N_("Training the recipes of {item}"), total=total, below=trainings.told, item=item.key
    ) as advance:
        for measured in calibrate(
            item,
            seeds,
            trainers=trainers,
            grading=grading,
            machine=machine,
            patience=patience,
            watch=trainings.of(item),
        ):
            advance(total - measured.left)
            talk.tell(Text(_line(talk, measured)))
            if measured.problem is not None:
                problems.append(measured.problem)
                problem = problem_of(measured.problem, talk.language)
                if problem.message not in said:
                    said.add(problem.message)
                    talk.tell_problem(problem)
    return problems


def _line(talk: Talk, measured: Measured) -> str:
    run = measured.run
    seed = talk.in_words(N_("seed {seed}"), seed=f"{measured.seed:<4}")
    begin = f"  {measured.recipe.name:<32} {seed}"
    if run is None:
        return f"{begin} -"
    hidden = f"{run.hidden.points}/{TOP_POINTS}  {run.hidden.value:.4f}"
    sealed = f"{run.sealed.points}/{TOP_POINTS}  {run.sealed.value:.4f}"
    parts = [
        talk.in_words(N_("{seconds} s"), seconds=f"{run.seconds:6.1f}"),
        hidden,
        talk.in_words(N_("sealed {mark}"), mark=sealed),
    ]
    if run.transfer:
        mark = f"{run.transfer.points}/{TOP_POINTS}"
        parts.append(talk.in_words(N_("next seed {mark}"), mark=mark))
    return f"{begin} {'   '.join(parts)}"


def _conclude(talk: Talk, item: Item) -> list[Finding]:
    """Draw the picture, and show what the evidence says about each rule."""
    from assay.items.calibration import evidence as files  # noqa: PLC0415
    from assay.items.calibration.picture import draw_picture  # noqa: PLC0415
    from assay.items.calibration.rules import judge  # noqa: PLC0415

    known = files.current(item, files.read(item))
    if known.runs:
        files.write(item, known)
        (item.folder / files.PICTURE).write_bytes(draw_picture(item, known))
    findings = judge(item, known)
    table = bare_table()
    table.add_column("")
    for head in (N_("Rule"), N_("Expected"), N_("Received")):
        table.add_column(talk.in_words(head), overflow="fold")  # Chinese has no words to part
    for finding in findings:
        mark = Text("✓", style="green") if finding.passed else Text("✗", style="bold red")
        said = [told(text, talk.language) for text in (finding.expected, finding.received)]
        table.add_row(mark, talk.in_words(finding.rule), *said)
    talk.show(table)
    trained = sum(run.seconds for run in known.runs)
    talk.say(
        N_("{item}: {runs} runs, trained in {time} altogether; see {picture}."),
        item=item.key,
        runs=len(known.runs),
        time=length_of(trained),
        picture=f"{item.key}/{files.PICTURE}",
    )
    return findings
