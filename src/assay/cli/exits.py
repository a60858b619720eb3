"""The exit codes of `assay`: one table for scripts, the docs and the tests."""

from __future__ import annotations

from enum import IntEnum

from assay.errors import (
    AssayError,
    BankError,
    Conflict,
    CredentialError,
    NotAllowed,
    NotFound,
    PlatformFault,
    Refusal,
    Unauthenticated,
    Unreachable,
    UsageError,
)
from assay.messages import N_


class ExitCode(IntEnum):
    """How a command ended."""

    OK = 0
    INTERNAL = 1
    USAGE = 2
    UNAUTHENTICATED = 3
    NOT_ALLOWED = 4
    NOT_FOUND = 5
    CONFLICT = 6
    REFUSED = 7
    UNREACHABLE = 8
    PLATFORM_FAULT = 9
    BANK = 10
    CREDENTIAL = 11
    NOT_CONFIRMED = 12
    PREPARATION = 13
    OUT_OF_TIME = 14
    INTERRUPTED = 130

    @property
    def meaning(self) -> str:
        """What it says, as a message id."""
        return _MEANINGS[self]


_MEANINGS = {
    ExitCode.OK: N_("It is done. A model that earned 0/5 was graded, so that is 0, too."),
    ExitCode.INTERNAL: N_("A fault of the command line itself. ASSAY_DEBUG=1 shows where."),
    ExitCode.USAGE: N_("What was typed, or the folder or file it names, cannot be used."),
    ExitCode.UNAUTHENTICATED: N_("Not signed in, or the token is no longer valid."),
    ExitCode.NOT_ALLOWED: N_(
        "The rules of the exam say no, such as before Start or after the end."
    ),
    ExitCode.NOT_FOUND: N_("There is no such thing, or it belongs to somebody else."),
    ExitCode.CONFLICT: N_("Something else is going on, such as a submission that is being graded."),
    ExitCode.REFUSED: N_("The model file was not graded, for a reason that its author can mend."),
    ExitCode.UNREACHABLE: N_("The server did not answer, in spite of trying again for a while."),
    ExitCode.PLATFORM_FAULT: N_("The server's own fault. It costs the candidate nothing."),
    ExitCode.BANK: N_("An item or a blueprint of the bank breaks the format."),
    ExitCode.CREDENTIAL: N_("The certificate cannot be trusted."),
    ExitCode.NOT_CONFIRMED: N_("The question was answered with no, or could not be asked."),
    ExitCode.PREPARATION: N_("A task bundle or the Python environment could not be prepared."),
    ExitCode.OUT_OF_TIME: N_("The certificate is genuine, but expired, or not valid yet."),
    ExitCode.INTERRUPTED: N_("Ctrl-C was pressed, or the submission was cancelled."),
}

# The first class that fits decides; AssayError itself is last.
_BY_CLASS: list[tuple[type[AssayError], ExitCode]] = [
    (UsageError, ExitCode.USAGE),
    (Unauthenticated, ExitCode.UNAUTHENTICATED),
    (NotAllowed, ExitCode.NOT_ALLOWED),
    (NotFound, ExitCode.NOT_FOUND),
    (Conflict, ExitCode.CONFLICT),
    (Refusal, ExitCode.REFUSED),
    (Unreachable, ExitCode.UNREACHABLE),
    (PlatformFault, ExitCode.PLATFORM_FAULT),
    (BankError, ExitCode.BANK),
    (CredentialError, ExitCode.CREDENTIAL),
]
_BY_CODE = {
    "not_confirmed": ExitCode.NOT_CONFIRMED,
    "bundle_damaged": ExitCode.PREPARATION,
    "environment_failed": ExitCode.PREPARATION,
    "environment_broken": ExitCode.PREPARATION,
    "cancelled": ExitCode.INTERRUPTED,
    "credential_expired": ExitCode.OUT_OF_TIME,
    "credential_not_yet_valid": ExitCode.OUT_OF_TIME,
}


def exit_code_of(error: AssayError) -> ExitCode:
    """Return the exit code that tells a script about `error`."""
    if error.code in _BY_CODE:
        return _BY_CODE[error.code]
    return next((code for kind, code in _BY_CLASS if isinstance(error, kind)), ExitCode.INTERNAL)
