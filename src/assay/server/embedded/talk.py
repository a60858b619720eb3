"""What the supervisor says, in the reader's language, on standard error."""

from __future__ import annotations

import contextlib
import os
import sys

from assay.errors import (
    AssayError,
    BankError,
    Conflict,
    NotAllowed,
    NotFound,
    PlatformFault,
    UsageError,
)
from assay.messages import Language, translate

# The numbers of `assay`'s own exit codes (docs/cli).
_EXIT_CODES: list[tuple[type[AssayError], int]] = [
    (UsageError, 2),
    (NotAllowed, 4),
    (NotFound, 5),
    (Conflict, 6),
    (PlatformFault, 9),
    (BankError, 10),
]
_INTERNAL = 1


def reader_language() -> Language:
    """Return the language of whoever started this process."""
    for name in ("ASSAY_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return Language.closest(os.environ[name])
    return Language.ENGLISH


def exit_code_of(error: AssayError) -> int:
    """Return the exit code that tells a script about `error`."""
    return next((code for kind, code in _EXIT_CODES if isinstance(error, kind)), _INTERNAL)


class Talk:
    """Lines on standard error.

    Args:
        language: The reader's.
    """

    def __init__(self, language: Language) -> None:
        self.language = language

    def say(self, message: str, /, **params: object) -> None:
        """Say `message`, a message id, filled in with `params`."""
        self._line(translate(message, self.language, **params))

    def complain(self, error: AssayError) -> None:
        """Say what went wrong and what to do about it."""
        rendered = error.render(self.language)
        self._line(rendered.message)
        self._line(rendered.remedy)

    def _line(self, text: str) -> None:
        with contextlib.suppress(OSError):  # nobody listens any more; the server runs on
            print(text, file=sys.stderr, flush=True)  # noqa: T201 - it is what this is for
