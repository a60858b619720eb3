"""`assay serve` and `assay stop`: the whole server on one machine."""

from __future__ import annotations

from typing import Annotated

import typer

from assay.cli import childserver
from assay.cli.options import Data, Json
from assay.messages import N_

DETAILS = {
    "serve": N_(
        "Starts an embedded PostgreSQL, the web server and a grader, and stops them all at Ctrl-C. "
        "Everything is kept in the data folder. ASSAY_URL names the public address, "
        "ASSAY_DATABASE_URL another PostgreSQL, ASSAY_BANK another item bank."
    )
}


def serve(
    *,
    data: Data = None,
    host: Annotated[
        str, typer.Option("--host", metavar="ADDRESS", help=N_("Address to listen at."))
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", metavar="NUMBER", help=N_("Port; 0 for any free one."))
    ] = 8765,
    graders: Annotated[
        int | None,
        typer.Option(
            "--graders",
            metavar="NUMBER",
            show_default=False,
            help=N_("Submissions graded at the same time; else as many as there are processors."),
        ),
    ] = None,
    stop_it: Annotated[
        bool, typer.Option("--stop", help=N_("Stop the server that runs on the data folder."))
    ] = False,
    as_json: Json = False,
) -> None:
    """Run the server in the foreground."""
    if stop_it:
        stop(data=data)
    words = ["serve", *data_words(data), "--host", host, "--port", str(port)]
    words += ["--graders", str(graders)] if graders is not None else []
    childserver.become(*words, *(["--json"] if as_json else []))


def stop(*, data: Data = None) -> None:
    """Stop the server of a data folder."""
    childserver.become("stop", *data_words(data))


def data_words(data: str | None) -> list[str]:
    """Return how the server is told of its data folder."""
    return [] if data is None else ["--data", data]
