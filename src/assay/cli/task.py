"""`assay task`: a task's text, in the terminal."""

from __future__ import annotations

from pathlib import Path

from rich.markdown import Markdown

from assay.cli.failures import TaskSealed
from assay.cli.options import Category, Json
from assay.cli.talk import Talk
from assay.messages import N_
from assay.workspace import Workspace
from assay.workspace.errors import BundleDamaged


def task(number: Category = None, *, as_json: Json = False) -> None:
    """Show the task of a category; needs no connection."""
    talk = Talk(as_json=as_json)
    place = Path.cwd()
    workspace = Workspace.find(place)
    slot = workspace.slot_named(number, place=place, command="task")
    folder = workspace.slot_folder(slot)
    try:
        text = workspace.task_text(slot, talk.language)
    except BundleDamaged as error:
        raise TaskSealed(slot=slot) from error
    talk.show(Markdown(text))
    talk.say(N_("→ Your files: {folder}"), folder=str(folder))
    talk.give({"slot": slot, "folder": str(folder), "text": text})
