"""The options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

from assay.messages import N_

Json = Annotated[bool, typer.Option("--json", help=N_("Print the result as JSON."))]
Yes = Annotated[bool, typer.Option("--yes", "-y", help=N_("Do not ask, do it."))]
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
