"""The thread between a part of the tree and its supervisor, as the part sees it.

The supervisor holds the other end of standard input: the line `stop` asks the part
to stop, the end of the stream means that the supervisor is dead. What the part has
to say it writes to standard output, one JSON object in a line. A part that somebody
starts by hand, on another machine for example, has no lifeline: signals stop it.
"""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass

from assay.errors import AssayError
from assay.messages import Language
from assay.server.embedded import tether

SUPERVISOR = "ASSAY_SUPERVISOR"  # environment: the supervisor's process id
STOP = b"stop\n"
ORPHANED = 70  # exit code of a part whose supervisor is gone (EX_SOFTWARE)


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a part says."""

    event: str  # "ready" or "error"
    code: str = ""  # of an error
    message: str = ""  # in the reader's language
    remedy: str = ""
    detail: str = ""  # for staff
    exit_code: int = 0

    @classmethod
    def read(cls, line: bytes) -> Report | None:
        """Return what a line says; None if it is no report."""
        try:
            return cls(**json.loads(line))
        except (ValueError, TypeError):
            return None


class Lifeline:
    """A part's end of the thread; without a supervisor, it does nothing."""

    def __init__(self) -> None:
        parent = os.environ.pop(SUPERVISOR, "")  # not for the part's own children
        self.is_supervised = parent.isdigit()
        if self.is_supervised and os.name == "posix":
            # Nothing a part does may outlive the supervisor; what it leaves, the next
            # start picks up.
            tether.hold(int(signal.SIGKILL), int(parent))

    def on_stop(self, stop: Callable[[], None]) -> None:
        """Have `stop` called, from another thread, when the supervisor asks for it."""
        if self.is_supervised:
            threading.Thread(target=_watch, args=[stop], name="lifeline", daemon=True).start()

    def ready(self) -> None:
        """Say that the part does its work from now on."""
        self._say(Report(event="ready"))

    def failed(self, error: AssayError, language: Language, exit_code: int) -> None:
        """Say why the part cannot do its work; the supervisor shows it."""
        rendered = error.render(language)
        self._say(
            Report(
                event="error",
                code=error.code,
                message=rendered.message,
                remedy=rendered.remedy,
                detail=str(getattr(error, "detail", "")),
                exit_code=exit_code,
            )
        )

    def _say(self, report: Report) -> None:
        if self.is_supervised:
            print(json.dumps(vars(report)), flush=True)  # noqa: T201 - the protocol


def _watch(stop: Callable[[], None]) -> None:
    # Not sys.stdin: its lock, held by a thread that waits, would disturb the exit.
    heard = b""
    while chunk := os.read(0, 64):
        heard += chunk
        if STOP in heard:
            heard = b""
            stop()
    os._exit(ORPHANED)
