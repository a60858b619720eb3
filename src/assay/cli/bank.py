"""`assay bank`: what the item bank holds, and whether it proves itself."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from assay.errors import AssayError, UsageError
from assay.items import Bank, Item, load_bank, scan_bank
from assay.messages import N_, Language, translate
from assay.wire import Problem

if TYPE_CHECKING:
    from assay.items.recipes import Grade, Run

FOUND = 1  # exit code: something is wrong with the bank

app = typer.Typer(no_args_is_help=True, help=N_("Look at the item bank and check it."))

BankFolder = Annotated[
    Path | None,
    typer.Option("--bank", help=N_("The bank's folder; else ASSAY_BANK, else the open bank.")),
]
AsJson = Annotated[bool, typer.Option("--json", help=N_("Print JSON to standard output."))]


class ExtraMissing(UsageError):
    """What draws or grades is not installed: a candidate does not need it."""

    code = "extra_missing"
    message = N_("This needs {module}, which is not installed here.")
    remedy = N_('Install it with: pip install "assay[{extra}]"')


@app.command("list", help=N_("Show the items of the bank."))
def list_items(*, bank: BankFolder = None, as_json: AsJson = False) -> None:
    """Print the items and their blueprints' slots."""
    loaded = load_bank(bank)
    if as_json:
        print(json.dumps([_summary(i, loaded) for i in loaded.items.values()], ensure_ascii=False))  # noqa: T201
        return
    language = _language()
    table = Table(title=str(loaded.folder), title_justify="left")
    for heading in (N_("Item"), N_("Title"), N_("Metric"), N_("Cuts, 1 to 5 points")):
        table.add_column(translate(heading, language), overflow="fold")
    table.add_column(translate(N_("Hidden"), language), justify="right")
    table.add_column(translate(N_("Blueprints"), language))
    for item in loaded.items.values():
        table.add_row(
            item.key,
            item.spec.title.in_language(language),
            item.spec.metric.name,
            " ".join(f"{cut:g}" for cut in item.spec.metric.cuts),
            f"{item.spec.hidden_size:,}",
            " ".join(_blueprints_with(item, loaded)) or "-",
        )
    Console().print(table)


@app.command("check", help=N_("Check the bank: files, texts, draws; with --train the recipes."))
def check_items(
    items: Annotated[
        list[str] | None, typer.Argument(help=N_("Items, as category/name; else all."))
    ] = None,
    *,
    bank: BankFolder = None,
    train: Annotated[
        bool, typer.Option("--train", help=N_("Also train and grade starter and recipes."))
    ] = False,
    seeds: Annotated[
        list[int] | None, typer.Option("--seed", help=N_("Seeds to draw; may be repeated."))
    ] = None,
    python: Annotated[
        Path | None, typer.Option(help=N_("A Python with TensorFlow; else this one."))
    ] = None,
    keep: Annotated[
        Path | None, typer.Option(help=N_("Leave the recipes' folders in this folder."))
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print what is wrong; exit with 1 if there is anything."""
    _require("numpy", "bank")
    from assay.items.check import (  # noqa: PLC0415 - a candidate has no NumPy
        DEFAULT_SEEDS,
        check_blueprints,
        check_item,
        check_layout,
    )

    talk = Console(stderr=True, highlight=False)
    language = _language()
    scan = scan_bank(bank)
    chosen = [scan.bank.item(key) for key in items] if items else [*scan.bank.items.values()]
    problems: list[AssayError] = [*scan.problems]
    runs: list[Run] = []
    if not items:
        problems += check_layout(scan.bank)
        problems += check_blueprints(scan.bank)
    _show(talk, problems, language)
    for item in chosen:
        talk.print(f"{item.key} …", style="dim")
        found = check_item(item, seeds if seeds and len(set(seeds)) > 1 else DEFAULT_SEEDS)
        _show(talk, found, language)
        problems += found
        if train and not found:
            with _grader() as grade:
                for run in _trained(item, seeds or DEFAULT_SEEDS[:1], python, grade, keep):
                    runs.append(run)
                    problems += run.problems
                    talk.print(_line(run))
                    _show(talk, run.problems, language)
    if as_json:
        print(json.dumps(_report(chosen, problems, runs, language), ensure_ascii=False))  # noqa: T201
    elif not problems:
        Console().print(
            translate(N_("Nothing is wrong. Items checked: {count}"), language, count=len(chosen))
        )
    else:
        Console().print(
            translate(N_("Problems found: {count}"), language, count=len(problems))
        )
    if problems:
        raise typer.Exit(FOUND)


def _trained(
    item: Item,
    seeds: list[int] | tuple[int, ...],
    python: Path | None,
    grade: Grade,
    keep: Path | None,
) -> Iterator[Run]:
    from assay.items.recipes import run_recipes  # noqa: PLC0415 - a candidate has no NumPy

    return run_recipes(
        item,
        seeds,
        python=str(python or sys.executable),
        grade=grade,
        keep=keep.resolve() if keep else None,
    )


@contextmanager
def _grader() -> Iterator[Grade]:
    """Wire the grading engine in: items know nothing of it."""
    _require("onnxruntime", "grader")
    from assay.grading import grade  # noqa: PLC0415 - a candidate has no grader
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


def _require(module: str, extra: str) -> None:
    if importlib.util.find_spec(module) is None:
        raise ExtraMissing(module=module, extra=extra)


def _line(run: Run) -> str:
    mark = f"{run.mark.points}/5  {run.mark.value:.4f}" if run.mark else "-"
    return f"  {run.recipe:<28} seed {run.seed:<6} {run.seconds:6.1f} s  {mark}"


def _show(talk: Console, problems: Sequence[AssayError], language: Language) -> None:
    for problem in problems:
        rendered = problem.render(language)
        talk.print(f"✗ {rendered.message}", style="red", markup=False)
        talk.print(f"  {rendered.remedy}", markup=False)


def _report(
    items: list[Item], problems: Sequence[AssayError], runs: list[Run], language: Language
) -> dict[str, object]:
    return {
        "items": [item.key for item in items],
        "problems": [_problem(p, language).model_dump() for p in problems],
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


def _problem(error: AssayError, language: Language) -> Problem:
    rendered = error.render(language)
    return Problem(
        code=error.code, message=rendered.message, remedy=rendered.remedy, params=error.params
    )


def _summary(item: Item, bank: Bank) -> dict[str, object]:
    spec = item.spec.model_dump(mode="json", by_alias=True)
    return {"key": item.key, "blueprints": _blueprints_with(item, bank), **spec}


def _blueprints_with(item: Item, bank: Bank) -> list[str]:
    return [
        key
        for key, blueprint in bank.blueprints.items()
        if any(item.key in slot.pool for slot in blueprint.spec.slots)
    ]


def _language() -> Language:
    names = ("ASSAY_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    return Language.closest(next(filter(None, map(os.environ.get, names)), None))
