"""`assay staff`: what the certifying body does on the machine that serves."""

from __future__ import annotations

from typing import Annotated

import typer

from assay.cli import childserver
from assay.cli.options import BlueprintName, Data, Json
from assay.cli.serve import data_words
from assay.messages import N_

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.command(
    "register",
    help=N_(
        "Register a candidate for an exam; prints a token for `assay login`, which is shown only "
        "once."
    ),
)
def register(
    email: Annotated[str, typer.Argument(metavar="EMAIL", help=N_("Address of the candidate."))],
    *,
    name: Annotated[
        str,
        typer.Option(
            "--name",
            metavar="NAME",
            help=N_("As on the identity document; the certificate has it."),
        ),
    ],
    exam: BlueprintName = "developer",
    mail_language: Annotated[
        str | None,
        typer.Option(
            "--language",
            metavar="en|zh-CN",
            show_default=False,
            help=N_("Of mail to the candidate; else that of this command."),
        ),
    ] = None,
    time_factor: Annotated[
        float,
        typer.Option(
            "--time-factor",
            metavar="NUMBER",
            min=1.0,
            help=N_("Accommodation: multiplies the exam's duration."),
        ),
    ] = 1.0,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Register a candidate."""
    words = [email, "--name", name, "--exam", exam, "--time-factor", str(time_factor)]
    words += ["--language", mail_language] if mail_language else []
    manage(data, "register_candidate", *words, as_json=as_json)


@app.command("list", help=N_("List registrations, their sittings and how they stand."))
def list_sittings(
    *,
    email: Annotated[
        str | None,
        typer.Option(
            "--email", metavar="EMAIL", show_default=False, help=N_("Only this candidate's.")
        ),
    ] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """List registrations."""
    manage(data, "list_sittings", *(["--email", email] if email else []), as_json=as_json)


@app.command(
    "regrade", help=N_("Grade a submission again that could not be graded by the server's fault.")
)
def regrade(
    submission: Annotated[
        str, typer.Argument(metavar="ID", help=N_("As `assay staff list` shows it."))
    ],
    *,
    give_up: Annotated[
        bool,
        typer.Option(
            "--give-up", help=N_("Give it up for good, so that its sitting can be closed.")
        ),
    ] = False,
    data: Data = None,
) -> None:
    """Grade a submission again."""
    manage(data, "regrade", submission, *(["--give-up"] if give_up else []), as_json=False)


@app.command(
    "role",
    help=N_(
        "Give somebody who has an account a role of staff: registrar, identity-checker, examiner "
        "or auditor."
    ),
)
def role(
    email: Annotated[str, typer.Argument(metavar="EMAIL", help=N_("Address of the account."))],
    role_name: Annotated[str, typer.Argument(metavar="ROLE", help=N_("One of the four roles."))],
    *,
    remove: Annotated[bool, typer.Option("--remove", help=N_("Take the role away."))] = False,
    data: Data = None,
) -> None:
    """Give or take a role."""
    manage(data, "staff_role", email, role_name, *(["--remove"] if remove else []), as_json=False)


def manage(data: str | None, *words: str, as_json: bool) -> None:
    """Go on as a management command on the server's database, whether it runs or not."""
    childserver.become("manage", *data_words(data), "--", *words, *(["--json"] if as_json else []))
