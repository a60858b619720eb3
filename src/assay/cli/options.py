"""The options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assay.messages import N_

Json = Annotated[bool, typer.Option("--json", help=N_("Print the result as JSON."))]
Yes = Annotated[bool, typer.Option("--yes", "-y", help=N_("Do not ask, do it."))]
ExamFolder = Annotated[
    Path | None,
    typer.Argument(
        metavar="FOLDER",
        help=N_("The exam folder to make or to go on with."),
        show_default=False,
    ),
]
OwnEnvironment = Annotated[
    bool, typer.Option("--no-env", help=N_("Use a Python environment of your own."))
]
BlueprintName = Annotated[
    str, typer.Option("--exam", metavar="NAME", help=N_("A blueprint of the bank."))
]
Category = Annotated[
    str | None,
    typer.Argument(
        metavar="N",
        show_default=False,
        help=N_("Number of the category; not needed inside its folder."),
    ),
]
Data = Annotated[
    str | None,
    typer.Option(
        "--data",
        metavar="FOLDER",
        show_default=False,
        help=N_("The server's data folder; else ASSAY_DATA, else .assay"),
    ),
]
