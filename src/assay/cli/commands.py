"""The table of commands, and how one is loaded: only the one that is called.

So `assay --help` starts fast, and a command whose packages are not installed
(NumPy, Django) is in nobody's way.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

import assay
from assay.cli import speech
from assay.cli.failures import ExtraMissing, NoSuchCommand
from assay.cli.pages import PageContext
from assay.messages import N_, Language, translate

CANDIDATES = N_("For candidates")
EVERYBODY = N_("For everybody")
AUTHORS = N_("For authors of items")
STAFF = N_("For those who run a server")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the table."""

    module: str  # below assay.cli
    member: str  # a function, or a Typer application of several commands
    summary: str  # message id: one sentence for the list of commands
    panel: str  # message id: who it is for
    extra: str | None = None  # the extra of the distribution that it needs
    raw: bool = False  # its words are handed on as they are


COMMANDS: dict[str, Entry] = {
    "login": Entry(
        module="login",
        member="login",
        summary=N_("Sign in to an exam server with the token of your invitation."),
        panel=CANDIDATES,
    ),
    "start": Entry(
        module="start",
        member="start",
        summary=N_("Prepare your exam folder, then press Start. The same command goes on."),
        panel=CANDIDATES,
    ),
    "status": Entry(
        module="status",
        member="status",
        summary=N_("Show the time left, your points, and what is missing to pass."),
        panel=CANDIDATES,
    ),
    "task": Entry(
        module="task",
        member="task",
        summary=N_("Show the task of a category."),
        panel=CANDIDATES,
    ),
    "submit": Entry(
        module="submit",
        member="submit",
        summary=N_("Submit a category's model file and wait for its points."),
        panel=CANDIDATES,
    ),
    "cancel": Entry(
        module="cancel",
        member="cancel",
        summary=N_("Cancel a category's submission that is still being graded."),
        panel=CANDIDATES,
    ),
    "end": Entry(
        module="end",
        member="end",
        summary=N_("End the exam before its time."),
        panel=CANDIDATES,
    ),
    "result": Entry(
        module="result",
        member="result",
        summary=N_("Show the result and the certificate."),
        panel=CANDIDATES,
    ),
    "practice": Entry(
        module="practice",
        member="practice",
        summary=N_("Sit a whole exam on your own machine, with a server of your own."),
        panel=CANDIDATES,
        extra="server",
    ),
    "verify": Entry(
        module="verify",
        member="verify",
        summary=N_("Check a certificate, from a file or an address."),
        panel=EVERYBODY,
    ),
    "inspect": Entry(
        module="models",
        member="inspect",
        summary=N_("Show what a model file holds, and whether a task would take it."),
        panel=EVERYBODY,
        extra="grader",
    ),
    "predict": Entry(
        module="models",
        member="predict",
        summary=N_("Run a model file on inputs, as the grader does."),
        panel=EVERYBODY,
        extra="grader",
    ),
    "grade": Entry(
        module="models",
        member="grade",
        summary=N_("Grade a model file against an item of the bank, as the server does."),
        panel=AUTHORS,
        extra="server",
    ),
    "bank": Entry(
        module="bank",
        member="app",
        summary=N_("List and check the items of a bank."),
        panel=AUTHORS,
        extra="bank",
    ),
    "serve": Entry(
        module="serve",
        member="serve",
        summary=N_("Run the whole server on this machine."),
        panel=STAFF,
        extra="server",
    ),
    "stop": Entry(
        module="serve",
        member="stop",
        summary=N_("Stop the server that runs on a data folder."),
        panel=STAFF,
        extra="server",
    ),
    "staff": Entry(
        module="staff",
        member="app",
        summary=N_("Register candidates, list sittings, have submissions graded again."),
        panel=STAFF,
        extra="server",
    ),
}


class Commands(TyperGroup):
    """The commands of `assay`, each loaded when it is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of the commands that exist, in the order of the table."""
        del ctx
        return list(existing())

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command's line in the list of commands: its name and summary."""
        del ctx
        entry = existing().get(cmd_name)
        if entry is None:
            return None
        language = speech.current()
        return TyperCommand(cmd_name, help=translate(entry.summary, language))

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the list of commands, by whom they are for."""
        del ctx
        language = speech.current()
        table = existing()
        longest = max(map(len, table))  # one width for all lists
        for panel in (CANDIDATES, EVERYBODY, AUTHORS, STAFF):
            rows = [
                (name.ljust(longest), translate(entry.summary, language))
                for name, entry in table.items()
                if entry.panel == panel
            ]
            if rows:
                with formatter.section(translate(panel, language)):
                    formatter.write_dl(rows)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that is called, loaded.

        Raises:
            NoSuchCommand: There is none of this name.
        """
        del ctx
        name, *rest = args
        if name not in existing():
            raise NoSuchCommand(received=name, closest=_closest(name))
        return name, load(name, speech.current()), rest


def existing() -> dict[str, Entry]:
    """Return the table, without commands that this installation does not have."""
    return {
        name: entry
        for name, entry in COMMANDS.items()
        if importlib.util.find_spec(f"assay.cli.{entry.module}") is not None
    }


def _closest(name: str) -> str:
    """The commands that a typing error may have meant, else all of them."""
    return ", ".join(difflib.get_close_matches(name, existing()) or existing())


def load(name: str, language: Language) -> Any:
    """Return a command, its help in `language`.

    Raises:
        ExtraMissing: It needs packages that are not installed.
    """
    entry = COMMANDS[name]
    try:
        module = importlib.import_module(f"assay.cli.{entry.module}")
    except ModuleNotFoundError as error:
        if entry.extra is None or (error.name or "").partition(".")[0] == "assay":
            raise
        raise ExtraMissing(missing=error.name, extra=entry.extra) from error
    member = getattr(module, entry.member)
    if isinstance(member, typer.Typer):
        command = get_command(member)
    else:
        single = typer.Typer(add_completion=False)
        single.command(name)(member)
        command = get_command(single)
    details = getattr(module, "DETAILS", {}).get(name)
    localize(command, language)
    command.name = name
    summary = translate(entry.summary, language)
    command.help = f"{summary}\n\n{translate(details, language)}" if details else summary
    return command


def localize(command: Any, language: Language) -> None:
    """Make the help of a command, of its parameters and of its own commands speak `language`."""
    command.context_class = PageContext
    command.rich_markup_mode = None
    for attribute in ("help", "short_help", "epilog"):
        text = getattr(command, attribute, None)
        if text:
            setattr(command, attribute, translate(text, language))
    for parameter in command.params:
        text = getattr(parameter, "help", None)
        if text:
            parameter.help = translate(text, language)
    for inner in getattr(command, "commands", {}).values():
        localize(inner, language)
        inner.short_help = inner.help  # a list of commands would cut it off


def root(language: Language) -> Any:
    """Return the command `assay` with all its commands, its help in `language`."""
    app = typer.Typer(cls=Commands, add_completion=False, no_args_is_help=True)
    app.callback()(_root)
    command = get_command(app)
    localize(command, language)
    command.help = f"{translate(_HELP, language)}\n\n{translate(_CHANNELS, language)}"
    return command


_HELP = N_("Assay: a hands-on certification exam for machine learning.")
_CHANNELS = N_(
    "Results are printed on standard output (with --json as JSON), everything else on standard "
    "error. All commands and exit codes: docs/cli.en.md"
)


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - Typer calls it so
    if wanted:
        typer.echo(f"assay {assay.__version__}")
        raise typer.Exit


def _root(
    context: typer.Context,
    *,
    language: str = typer.Option(
        None,
        speech.OPTION,
        metavar="en|zh-CN",
        help=N_("Language of all messages; may stand anywhere on the line."),
    ),
    version: bool = typer.Option(
        False,  # noqa: FBT003 - Typer's way to name a default
        "--version",
        help=N_("Show the version and exit."),
        is_eager=True,
        callback=_show_version,
    ),
) -> None:
    del version  # shown by its callback
    context.obj = language  # None unless it was named; `login` remembers it


def every_command(language: Language) -> Iterator[tuple[str, Any]]:
    """Yield the name and the loaded command of each line of the table, for the docs."""
    for name in existing():
        yield name, load(name, language)
