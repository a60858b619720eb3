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


def require(module: str, extra: str) -> None:
    """Make sure that `module` is installed.

    Raises:
        ExtraMissing: It is not; `extra` of Assay brings it.
    """
    if importlib.util.find_spec(module) is None:
        raise ExtraMissing(missing=module, extra=extra)
