"""Says in the reader's language what is wrong with a command line that Typer refuses."""

from __future__ import annotations

import re
from typing import Any

import typer

from assay.messages import N_, Language, translate

# The class of all faults of a command line; Typer has no public name for it.
UsageProblem: Any = typer.BadParameter.__mro__[1]


def explain(problem: Any, language: Language) -> str:
    """Return what is wrong, as a sentence.

    Args:
        problem: A `UsageProblem`.
        language: The reader's.
    """
    kind = type(problem).__name__
    parameter = getattr(problem, "param", None)
    if kind == "MissingParameter" and parameter is not None:
        return translate(N_("Something is missing: {what}."), language, what=_shown(parameter))
    if kind == "NoSuchOption":
        return translate(N_("There is no option {what}."), language, what=problem.option_name)
    if kind == "BadOptionUsage" and "requires" in problem.message:
        return translate(N_("The option {what} needs a value."), language, what=problem.option_name)
    if kind == "BadParameter" and parameter is not None:
        return _about_value(problem, language)
    extra = re.search(r"unexpected extra argument.*\((.*)\)", problem.message)
    if extra:
        message = N_("There is more on the line than the command takes: {what}")
        return translate(message, language, what=extra.group(1))
    return str(problem.format_message())


def _about_value(problem: Any, language: Language) -> str:
    what = _shown(problem.param)
    if not hasattr(problem.__cause__, "errors"):
        message = N_("The value of {what} cannot be used: {detail}")
        return translate(message, language, what=what, detail=problem.message)
    from assay.items.demands import demand  # noqa: PLC0415 - brings Pydantic

    first = problem.__cause__.errors()[0]
    message = N_("{what}: {expected}; received {received}.")
    received = str(first["input"])
    return translate(message, language, what=what, expected=demand(first), received=received)


def _shown(parameter: Any) -> str:
    """What a parameter is called in the help."""
    if parameter.param_type_name == "argument":
        return str(parameter.metavar or parameter.name)
    return " / ".join(parameter.opts)
