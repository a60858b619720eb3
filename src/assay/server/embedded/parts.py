"""The processes of the tree, as the supervisor sees them."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from queue import SimpleQueue

from assay.server.embedded.folder import DataFolder
from assay.server.embedded.lifeline import ERROR, GO, STOP, SUPERVISOR, Report

_FIRST_PAUSE = 0.2  # seconds before a part that died is started again; doubled each time
_LONGEST_PAUSE = 30.0
_GOOD_RUN = 60.0  # a part that ran for so long is trusted again


@dataclass(frozen=True, kw_only=True)
class Said:
    """A part has said something."""

    part: Part
    report: Report


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A process of a part is gone."""

    part: Part
    process: subprocess.Popen[bytes]


News = SimpleQueue[Said | Ended]


class Part:
    """One process of the tree; another one takes its place when it dies.

    Args:
        name: Names it in messages and its log.
        command: What it runs.
        environment: Added to our own.
        folder: Where its log is.
        descriptors: Open files that it inherits.
        news: Where it is told what happens to the part.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        folder: DataFolder,
        *,
        news: News,
        descriptors: Sequence[int] = (),
    ) -> None:
        self.name = name
        self.error: Report | None = None  # why it says that it cannot work
        self.reached: set[str] = set()  # what it has said, such as READY
        self.restart_at: float | None = None  # on the monotonic clock
        self._command = command
        self._environment = environment
        self._folder = folder
        self._news = news
        self._descriptors = descriptors
        self._process: subprocess.Popen[bytes] | None = None
        self._begun = 0.0
        self._pause = _FIRST_PAUSE

    @property
    def pid(self) -> int | None:
        """Process id, while it runs."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the process; it loads its code and waits for `go`.

        Must be called from the main thread, which the process is tied to.
        """
        self.restart_at = None
        self.error = None
        self.reached = set()
        self._begun = time.monotonic()
        with self._folder.open_log(self.name) as log:
            process = subprocess.Popen(  # noqa: S603 - our own program
                self._command,
                env={**os.environ, **self._environment, SUPERVISOR: str(os.getpid())},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                pass_fds=self._descriptors,
                start_new_session=True,  # Ctrl-C is for the supervisor alone
            )
        self._process = process
        for work in (self._relay, self._await_end):
            threading.Thread(target=work, args=[process], daemon=True).start()

    def _relay(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            report = Report.read(line)
            if report is not None:
                self._news.put(Said(part=self, report=report))

    def _await_end(self, process: subprocess.Popen[bytes]) -> None:
        process.wait()
        self._news.put(Ended(part=self, process=process))

    def take_note(self, news: Said | Ended) -> bool:
        """Take notice of news about this part.

        Returns:
            Whether the part has died just now.
        """
        if isinstance(news, Said):
            self.reached.add(news.report.event)
            if news.report.event == ERROR:
                self.error = news.report
            return False
        if news.process is not self._process:
            return False
        self._bury(news.process)
        if time.monotonic() - self._begun > _GOOD_RUN:
            self._pause = _FIRST_PAUSE
        self.restart_at = time.monotonic() + self._pause
        self._pause = min(2 * self._pause, _LONGEST_PAUSE)
        return True

    def go(self) -> None:
        """Let the process begin its work."""
        self._tell(GO)

    def ask_to_stop(self) -> None:
        """Ask the process to finish; it will not be started again."""
        self.restart_at = None
        self._tell(STOP)

    def _tell(self, word: bytes) -> None:
        if self._process is not None and self._process.stdin is not None:
            with contextlib.suppress(OSError):  # it has just ended
                self._process.stdin.write(word + b"\n")
                self._process.stdin.flush()

    def await_stop(self, seconds: float) -> bool:
        """Wait for the process to end, and end it by force after `seconds`.

        Returns:
            Whether it ended by itself.
        """
        process = self._process
        if process is None:
            return True
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return False
        else:
            return True
        finally:
            self._bury(process)

    def _bury(self, process: subprocess.Popen[bytes]) -> None:
        """Clear away what is left of a process that has ended, its children included."""
        self._process = None
        if os.name == "posix":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        if process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.close()


def how_it_ended(process: subprocess.Popen[bytes]) -> str:
    """Return the exit code, or the signal's name."""
    code = process.returncode
    return signal.Signals(-code).name if code is not None and code < 0 else str(code)
