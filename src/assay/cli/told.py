"""What the server says of an error, in its own words, one class for each kind."""

from __future__ import annotations

from assay.errors import (
    AssayError,
    Conflict,
    NotAllowed,
    NotFound,
    PlatformFault,
    Rendered,
    Unauthenticated,
    UsageError,
)
from assay.messages import Language
from assay.wire import Problem


class Told(AssayError):
    """What the server said of an error, already in the reader's language."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(**problem.params)

    def render(self, language: Language = Language.ENGLISH) -> Rendered:
        """Return the server's own words; it was asked in the reader's language."""
        del language
        return Rendered(message=self.problem.message, remedy=self.problem.remedy)


class ToldUnauthenticated(Told, Unauthenticated):
    """401."""


class ToldNotAllowed(Told, NotAllowed):
    """403."""


class ToldNotFound(Told, NotFound):
    """404."""


class ToldConflict(Told, Conflict):
    """409."""


class ToldUsage(Told, UsageError):
    """413, 422 and every other 4xx."""


class ToldFault(Told, PlatformFault):
    """5xx."""


TOLD: dict[int, type[Told]] = {
    401: ToldUnauthenticated,
    403: ToldNotAllowed,
    404: ToldNotFound,
    409: ToldConflict,
}


def problem_of(error: AssayError, language: Language) -> Problem:
    """Return `error` in the shape that programs read."""
    if isinstance(error, Told):
        return error.problem
    rendered = error.render(language)
    return Problem(
        code=error.code, message=rendered.message, remedy=rendered.remedy, params=error.params
    )
