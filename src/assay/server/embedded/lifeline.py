"""The thread between a part of the tree and its supervisor, as the part sees it.

The supervisor holds the other end of standard input: the line `go` lets the part begin,
the line `stop` asks it to stop, the end of the stream means that the supervisor is dead. What the part has
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
GO = b"go"
STOP = b"stop"
READY = "ready"
MIGRATED = "migrated"
ERROR = "error"
ORPHANED = 70  # exit code of a part whose supervisor is gone (EX_SOFTWARE)


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a part says."""

    event: str  # READY, MIGRATED or ERROR
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
        self._go = threading.Event()
        self._stop: Callable[[], None] | None = None
        if not self.is_supervised:
            return
        if os.name == "posix":
            # Nothing a part does may outlive the supervisor; what it leaves, the next
            # start picks up.
            tether.hold(int(signal.SIGKILL), int(parent))
        threading.Thread(target=self._watch, name="lifeline", daemon=True).start()

    def await_go(self) -> None:
        """Wait until the supervisor says that what this part needs is there.

        So that parts can load their code while the database starts.
        """
        if self.is_supervised:
            self._go.wait()

    def on_stop(self, stop: Callable[[], None]) -> None:
        """Have `stop` called, from another thread, when the supervisor asks for it."""
        self._stop = stop

    def ready(self) -> None:
        """Say that the part does its work from now on."""
        self._say(Report(event=READY))

    def migrated(self) -> None:
        """Say that the database is up to date."""
        self._say(Report(event=MIGRATED))

    def failed(self, error: AssayError, language: Language, exit_code: int) -> None:
        """Say why the part cannot do its work; the supervisor shows it."""
        rendered = error.render(language)
        self._say(
            Report(
                event=ERROR,
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

    def _watch(self) -> None:
        # Not sys.stdin: its lock, held by a thread that waits, would disturb the exit.
        heard = b""
        while chunk := os.read(0, 64):
            *lines, heard = (heard + chunk).split(b"\n")
            for line in lines:
                if line == GO:
                    self._go.set()
                elif line == STOP:
                    if self._stop is None or not self._go.is_set():
                        os._exit(0)  # there is nothing to finish yet
                    self._stop()
        os._exit(ORPHANED)
