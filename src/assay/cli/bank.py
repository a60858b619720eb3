"""`assay bank`: what the item bank holds, and whether it proves itself."""

from __future__ import annotations

from typing import Any

import typer

from assay.cli.bankcheck import check_items
from assay.cli.banknew import new_item
from assay.cli.bankoptions import BankFolder
from assay.cli.bankpreview import preview_item
from assay.cli.calibrate import calibrate_items
from assay.cli.options import Json
from assay.cli.tables import bare_table
from assay.cli.talk import Talk
from assay.items import Bank, Item, load_bank
from assay.messages import N_

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.command("list", help=N_("Show the items of the bank."))
def list_items(*, bank: BankFolder = None, as_json: Json = False) -> None:
    """Show the items, and the blueprints that draw from them."""
    talk = Talk(as_json=as_json)
    loaded = load_bank(bank)
    talk.say(N_("The bank in {folder}"), folder=loaded.folder)
    table = bare_table()
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


app.command("new", help=N_("Begin an item: a folder that works, with TODOs."))(new_item)
app.command("preview", help=N_("Show what a candidate will see of an item."))(preview_item)
app.command("check", help=N_("Check files, texts and draws; with --train, the recipes too."))(
    check_items
)
app.command("calibrate", help=N_("Train the ladder of recipes over seeds and judge the item."))(
    calibrate_items
)


def _summary(item: Item, bank: Bank) -> dict[str, Any]:
    spec = item.spec.model_dump(mode="json", by_alias=True)
    return {"key": item.key, "blueprints": _blueprints_with(item, bank), **spec}


def _blueprints_with(item: Item, bank: Bank) -> list[str]:
    return [
        key
        for key, blueprint in bank.blueprints.items()
        if any(item.key in slot.pool for slot in blueprint.spec.slots)
    ]
