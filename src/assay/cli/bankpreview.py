"""`assay bank preview`: what a candidate will see of an item."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markdown import Markdown
from rich.table import Table
from rich.text import Text

from assay.cli.bankoptions import BankFolder, require
from assay.cli.failures import PictureNowhere
from assay.cli.options import Json
from assay.cli.talk import Talk
from assay.items import scan_bank
from assay.messages import N_, Language, told


def preview_item(
    item: Annotated[
        str, typer.Argument(metavar="ITEM", show_default=False, help=N_("As category/name."))
    ],
    *,
    seed: Annotated[
        int, typer.Option("--seed", metavar="S", min=0, help=N_("Of the variant."))
    ] = 1,
    lang: Annotated[
        Language | None,
        typer.Option(
            "--lang", metavar="L", show_default=False, help=N_("Of the task's text: en or zh-CN.")
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE", show_default=False, help=N_("Draw samples into a PNG file.")
        ),
    ] = None,
    bank: BankFolder = None,
    as_json: Json = False,
) -> None:
    """Draw a variant and show its task, its files and some samples."""
    require("numpy", "bank")
    if out is not None:  # before anything is drawn
        require("matplotlib", "authors")
        if out.suffix.lower() != ".png" or not out.parent.is_dir():
            raise PictureNowhere(file=str(out))
    from assay.items.bundle import task_text  # noqa: PLC0415 - `bank list` needs no NumPy
    from assay.items.preview import draw_preview, parts_of  # noqa: PLC0415

    talk = Talk(as_json=as_json)
    found = scan_bank(bank).item(item)
    with talk.waiting(N_("Drawing {item}"), item=found.key):
        variant = found.draw(seed)
    language = lang or talk.language
    text = task_text(found, variant, language)
    parts = parts_of(variant)
    talk.show(Markdown(text), Text(""))
    for part in parts:
        talk.show(Text(f"{part.name}   {told(part.kind, talk.language)}", style="bold"))
        table = Table(box=None, show_header=bool(part.head), padding=(0, 3, 0, 0))
        for column in part.head or [""] * max((len(row) for row in part.rows), default=0):
            table.add_column(Text(column))
        for row in part.rows:
            table.add_row(*(Text(cell) for cell in row))
        talk.show(table, Text(""))
    if out is not None:
        out.write_bytes(draw_preview(found, variant))
        talk.say(N_("Samples are drawn in {file}."), file=out)
    talk.give(
        {
            "item": found.key,
            "seed": seed,
            "task": text,
            "parts": [
                {"name": p.name, "kind": p.kind, "head": p.head, "rows": p.rows} for p in parts
            ],
            "picture": None if out is None else str(out),
        }
    )
