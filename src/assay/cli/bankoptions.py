"""What the commands of `assay bank` have in common."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Annotated

import typer

from assay.cli.failures import ExtraMissing
from assay.messages import N_

BankFolder = Annotated[
    Path | None,
    typer.Option(
        "--bank",
        metavar="FOLDER",
        show_default=False,
        help=N_("The bank; else ASSAY_BANK, else the open bank."),
    ),
]

ItemNames = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="ITEM", show_default=False, help=N_("Items, as category/name; else all.")
    ),
]

Python = Annotated[
    Path | None,
    typer.Option(
        "--python",
        metavar="FILE",
        show_default=False,
        help=N_("A Python with TensorFlow; else the one that runs this."),
    ),
]

Patience = Annotated[
    float | None,
    typer.Option(
        "--patience",
        metavar="SECONDS",
        min=1,
        show_default=False,
        help=N_(
            "Stop a recipe that trains for longer; else after ten times what is allowed: 300 s, "
            "for images 600 s."
        ),
    ),
]


def require(module: str, extra: str) -> None:
    """Make sure that `module` is installed.

    Raises:
        ExtraMissing: It is not; `extra` of Assay brings it.
    """
    if importlib.util.find_spec(module) is None:
        raise ExtraMissing(missing=module, extra=extra)
