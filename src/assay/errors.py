"""The error tree.

Every error that a person can meet says what was expected, what was received
and what to do next. It carries a stable code, message ids in English and the
parameters that fill them in; the edge that knows the reader's language renders
it (`render`).

    AssayError
    ├── UsageError       what was typed, configured or sent cannot be used
    ├── Unauthenticated  we do not know who is asking
    ├── NotAllowed       the rules of the exam say no
    ├── NotFound         there is no such thing, or it is somebody else's
    ├── Conflict         something else is going on that excludes this
    ├── Refusal          a model file that is not graded
    ├── BankError        an item or a blueprint breaks the format
    ├── CredentialError  a certificate that cannot be trusted
    ├── Unreachable      the server does not answer
    └── PlatformFault    our own fault; it never costs the candidate anything

Concrete errors are subclasses with class attributes `code`, `message` and
`remedy`, defined in the part that raises them:

    class SittingOver(NotAllowed):
        code = "sitting_over"
        message = N_("This sitting ended at {ended_at}.")
        remedy = N_("See your result with: assay result")

    raise SittingOver(ended_at="2026-01-01 12:00 UTC")
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from assay.messages import N_, Language, translate


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """An error in a reader's language."""

    message: str  # what was expected and what was received
    remedy: str  # what to do next


class AssayError(Exception):
    """Root of all errors that Assay raises on purpose.

    Args:
        params: Fill in the fields of `message` and `remedy`. Values are strings,
            numbers or None, so that an error can cross a process or the network.
    """

    code: ClassVar[str] = "error"
    message: ClassVar[str] = N_("Something went wrong.")
    remedy: ClassVar[str] = N_("Try again.")

    def __init__(self, **params: str | float | None) -> None:
        self.params = params
        super().__init__(self.code)

    def __reduce__(self) -> tuple[Any, ...]:
        """Let an error cross a process, with its parameters."""
        return partial(type(self), **self.params), ()

    def render(self, language: Language = Language.ENGLISH) -> Rendered:
        """Return message and remedy in `language`."""
        return Rendered(
            message=translate(self.message, language, **self.params),
            remedy=translate(self.remedy, language, **self.params),
        )

    def __str__(self) -> str:
        rendered = self.render()
        return f"{rendered.message} {rendered.remedy}"


class UsageError(AssayError):
    """What was typed, configured or sent cannot be used."""

    code = "usage"


class Unauthenticated(AssayError):
    """We do not know who is asking."""

    code = "unauthenticated"
    message = N_("You are not signed in, or your token is no longer valid.")
    remedy = N_("Sign in with: assay login SERVER")


class NotAllowed(AssayError):
    """The rules of the exam say no."""

    code = "not_allowed"


class NotFound(AssayError):
    """There is no such thing, or it belongs to somebody else.

    The two are told apart nowhere: a stranger must not learn what exists.
    """

    code = "not_found"
    message = N_("There is no such thing here, or it belongs to somebody else.")
    remedy = N_("Check the address and the account you are signed in with: assay status")


class Conflict(AssayError):
    """Something else is going on that excludes this."""

    code = "conflict"


class Refusal(AssayError):
    """A model file that is not graded, for a reason its author can mend."""

    code = "refused"


class BankError(AssayError):
    """An item or a blueprint breaks the format."""

    code = "bank"


class CredentialError(AssayError):
    """A certificate that cannot be trusted."""

    code = "credential"


class Unreachable(AssayError):
    """The server does not answer."""

    code = "unreachable"


class PlatformFault(AssayError):
    """Our own fault; it never costs the candidate an attempt, a mark or time."""

    code = "platform_fault"
    message = N_("Something failed on our side, not in your work.")
    remedy = N_("Nothing is lost. It is tried again by itself.")
