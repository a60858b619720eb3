"""`assay bank`: what the item bank holds, and whether it proves itself."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from assay.cli.bankoptions import BankFolder, ItemNames, Python, require
from assay.cli.calibrate import calibrate_items
from assay.cli.exits import ExitCode
from assay.cli.options import Json
from assay.cli.talk import Talk
from assay.cli.told import problem_of
from assay.errors import AssayError
from assay.items import Bank, Item, load_bank, scan_bank
from assay.items.errors import DataMissing
from assay.messages import N_
from assay.wire import TOP_POINTS

if TYPE_CHECKING:
    from assay.items.recipes import Grade, Run

app = typer.Typer(no_args_is_help=True, add_completion=False)
app.command("calibrate", help=N_("Train the ladder of recipes over seeds and judge the item."))(
    calibrate_items
)


@app.command("list", help=N_("Show the items of the bank."))
def list_items(*, bank: BankFolder = None, as_json: Json = False) -> None:
    """Show the items, and the blueprints that draw from them."""
    talk = Talk(as_json=as_json)
    loaded = load_bank(bank)
    talk.say(N_("The bank in {folder}"), folder=loaded.folder)
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="dim")
    table.add_column(talk.in_words(N_("Item")), no_wrap=True)
    table.add_column(talk.in_words(N_("Title")))
    table.add_column(talk.in_words(N_("Metric")), no_wrap=True)
    table.add_column(talk.in_words(N_("Cuts for 1 to 5 points")))
    table.add_column(talk.in_words(N_("Hidden samples")), justify="right")
    table.add_column(talk.in_words(N_("Blueprints")))
    for item in loaded.items.values():
        table.add_row(
            item.key,
            item.spec.title.in_language(talk.language),
            item.spec.metric.name,
            " ".join(f"{cut:g}" for cut in item.spec.metric.cuts),
            f"{item.spec.hidden_size:,}",
            " ".join(_blueprints_with(item, loaded)) or "-",
        )
    talk.show(table)
    talk.give({"items": [_summary(item, loaded) for item in loaded.items.values()]})


@app.command("check", help=N_("Check files, texts and draws; with --train, the recipes too."))
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
    keep: Annotated[
        Path | None,
        typer.Option(
            "--keep",
            metavar="FOLDER",
            show_default=False,
            help=N_("Leave the folders that the recipes ran in there."),
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Say what is wrong with the bank; exit with the bank's code if anything is."""
    require("numpy", "bank")
    talk = Talk(as_json=as_json)
    scan = scan_bank(bank)
    chosen = [scan.bank.item(key) for key in items] if items else [*scan.bank.items.values()]
    problems: list[AssayError] = [*scan.problems]
    if not items:
        problems += _check_around(scan.bank)
    _tell(talk, problems)
    runs: list[Run] = []
    skipped: dict[str, DataMissing] = {}
    for item in chosen:
        with talk.waiting(N_("Checking {item}"), item=item.key):
            found = _check(item, seeds)
        lacking = [problem for problem in found if isinstance(problem, DataMissing)]
        if lacking:  # neither right nor wrong: it cannot be told here
            skipped[item.key] = lacking[0]
            talk.warn(N_("{item} is skipped:"), item=item.key)
            _tell(talk, lacking, style="yellow")
            found = [problem for problem in found if problem not in lacking]
        _tell(talk, found)
        problems += found
        if train and not found and not lacking:
            for run in _train(item, seeds, python, keep):
                talk.tell(Text(_line(run)))
                _tell(talk, run.problems)
                runs.append(run)
                problems += run.problems
    said = [
        talk.in_words(
            N_("Problems: {count}. Items checked: {items}."),
            count=len(problems),
            items=len(chosen) - len(skipped),
        )
    ]
    if skipped:
        said.append(
            talk.in_words(N_("Skipped for want of data: {items}."), items=talk.listed(skipped))
        )
    talk.show_plain(talk.sentences(*said))
    talk.give(_report(talk, chosen, problems, runs, skipped))
    if problems:
        raise typer.Exit(ExitCode.BANK)


# What follows imports when it is called: `assay bank list` needs no NumPy.


def _check_around(bank: Bank) -> Sequence[AssayError]:
    from assay.items.check import check_blueprints, check_layout  # noqa: PLC0415

    return [*check_layout(bank), *check_blueprints(bank)]


def _check(item: Item, seeds: Sequence[int] | None) -> Sequence[AssayError]:
    from assay.items.check import DEFAULT_SEEDS, check_item  # noqa: PLC0415

    return check_item(item, seeds if seeds and len(set(seeds)) > 1 else DEFAULT_SEEDS)


def _train(
    item: Item, seeds: Sequence[int] | None, python: Path | None, keep: Path | None
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


def _line(run: Run) -> str:
    mark = f"{run.mark.points}/{TOP_POINTS}  {run.mark.value:.4f}" if run.mark else "-"
    return f"  {run.recipe:<28} seed {run.seed:<6} {run.seconds:6.1f} s   {mark}"


def _tell(talk: Talk, problems: Sequence[AssayError], *, style: str = "bold red") -> None:
    for error in problems:
        problem = problem_of(error, talk.language)
        talk.tell(Text(f"✗ {problem.message}", style=style))
        talk.tell(Text(f"  → {problem.remedy}"))


def _report(
    talk: Talk,
    items: Sequence[Item],
    problems: Sequence[AssayError],
    runs: Sequence[Run],
    skipped: Mapping[str, AssayError],
) -> dict[str, Any]:
    return {
        "items": [item.key for item in items if item.key not in skipped],
        "skipped": {
            key: problem_of(why, talk.language).model_dump(mode="json")
            for key, why in skipped.items()
        },
        "problems": [problem_of(p, talk.language).model_dump(mode="json") for p in problems],
        "runs": [
            {
                "item": run.item,
                "recipe": run.recipe,
                "seed": run.seed,
                "seconds": round(run.seconds, 1),
                "points": run.mark.points if run.mark else None,
                "value": run.mark.value if run.mark else None,
            }
            for run in runs
        ],
    }


def _summary(item: Item, bank: Bank) -> dict[str, Any]:
    spec = item.spec.model_dump(mode="json", by_alias=True)
    return {"key": item.key, "blueprints": _blueprints_with(item, bank), **spec}


def _blueprints_with(item: Item, bank: Bank) -> list[str]:
    return [
        key
        for key, blueprint in bank.blueprints.items()
        if any(item.key in slot.pool for slot in blueprint.spec.slots)
    ]
