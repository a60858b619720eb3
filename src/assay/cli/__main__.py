"""The command `assay`: whatever goes wrong below ends here, as a message and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import typer

from assay.cli import speech, usage
from assay.cli.exits import ExitCode, exit_code_of
from assay.errors import AssayError
from assay.messages import N_, Language, translate


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `assay` and exit with its code."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run `assay` with `arguments`; return the exit code."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError):  # a stream that is no file, as in tests
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    tag, words = speech.take_option(arguments)
    language = speech.resolve(tag, os.environ)
    speech.publish(language)
    as_json = "--json" in words
    try:
        return _called(tag, words, language)
    except AssayError as error:
        return _told(error, language, as_json=as_json)
    except usage.UsageProblem as error:
        return _explained(error, language)
    except (KeyboardInterrupt, EOFError, typer.Abort):
        return _stopped(language)
    except BrokenPipeError:
        # Whoever reads our output has gone, as `head` does; nothing may be written any more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.OK
    except Exception as error:
        if os.environ.get("ASSAY_DEBUG"):
            raise
        return _surprised(error, language)


def _called(tag: str | None, words: list[str], language: Language) -> int:
    """Call the command that `words` name; `tag` is the language that they named."""
    from assay.cli import commands  # noqa: PLC0415 - after the language is known

    named = [] if tag is None else [speech.OPTION, tag]
    command = commands.root(language)
    try:
        with command.make_context("assay", [*named, *words]) as context:
            command.invoke(context)
    except typer.Exit as end:
        return end.exit_code
    return ExitCode.OK


def _told(error: AssayError, language: Language, *, as_json: bool) -> int:
    """Say what is wrong and what to type next."""
    if os.environ.get("ASSAY_DEBUG"):
        import traceback  # noqa: PLC0415 - for developers only

        traceback.print_exc()
    from assay.cli.talk import Talk  # noqa: PLC0415 - takes its time to load
    from assay.cli.told import problem_of  # noqa: PLC0415 - the same

    talk = Talk(as_json=as_json, language=language)
    problem = problem_of(error, language)
    talk.say(problem.message, style="bold red")
    if problem.remedy:
        talk.say(f"→ {problem.remedy}")
    talk.give({"problem": problem.model_dump(mode="json")})
    return exit_code_of(error)


def _explained(problem: Any, language: Language) -> int:
    """Say what is wrong with the command line."""
    if type(problem).__name__ == "NoArgsIsHelpError":
        typer.echo(problem.format_message(), err=True)
        return ExitCode.USAGE
    context = getattr(problem, "ctx", None)
    if context:
        _say(context.get_usage())
    _say(usage.explain(problem, language))
    path = context.command_path if context else "assay"
    _say(f"→ {translate(N_('See what can be typed: {command} --help'), language, command=path)}")
    return ExitCode.USAGE


def _stopped(language: Language) -> int:
    _say("")  # the terminal has shown ^C on the line
    _say(translate(N_("Stopped. Nothing is lost; the same command goes on."), language))
    return ExitCode.INTERRUPTED


def _surprised(error: Exception, language: Language) -> int:
    kind = type(error).__name__
    message = N_("This should not have happened: {kind}: {detail}. Your files are untouched.")
    _say(translate(message, language, kind=kind, detail=str(error)))
    remedy = N_("Try again. To report it, send what this prints: ASSAY_DEBUG=1 assay …")
    _say(f"→ {translate(remedy, language)}")
    return ExitCode.INTERNAL


def _say(text: str) -> None:
    typer.echo(text, err=True)


if __name__ == "__main__":
    main()
