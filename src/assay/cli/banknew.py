"""`assay bank new`: begin an item."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer

from assay.cli.bankoptions import BankFolder
from assay.cli.options import Json
from assay.cli.talk import Talk
from assay.items.loader import name_bank
from assay.items.newitem import make_item
from assay.items.spec import Category
from assay.messages import N_


def new_item(
    category: Annotated[
        Category,
        typer.Argument(metavar="CATEGORY", show_default=False, help=N_("One of the categories.")),
    ],
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", show_default=False, help=N_("The item's: small letters, digits and _.")
        ),
    ],
    *,
    bank: BankFolder = None,
    as_json: Json = False,
) -> None:
    """Write the folder of an item that works, with TODOs for what is to be its own."""
    talk = Talk(as_json=as_json)
    folder = name_bank(bank)
    files = make_item(folder, category, name, uuid4(), talk.language)
    key = f"{category}/{name}"
    talk.say(N_("The new item {item} is in {folder}:"), item=key, folder=folder / key)
    for file in files:
        talk.show_plain(f"  {file.relative_to(folder / key).as_posix()}")
    elsewhere = f" --bank {_shown(folder)}" if bank is not None else ""
    talk.say(N_("It works as it is. Replace what its TODOs name, then look at it and check it:"))
    talk.tell(f"  assay bank preview {key} --seed 1{elsewhere}")
    talk.tell(f"  assay bank check {key}{elsewhere}")
    talk.tell(f"  assay bank calibrate {key}{elsewhere}")
    talk.give({"item": key, "folder": str(folder / key), "files": [str(file) for file in files]})


def _shown(folder: Path) -> str:
    return f'"{folder}"' if " " in str(folder) else str(folder)
