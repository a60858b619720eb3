"""Starts the parts of the server in order, keeps them running and stops them in reverse."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from types import FrameType
from typing import NoReturn

from assay.errors import AssayError
from assay.messages import N_
from assay.server.embedded.errors import AddressNotFree, PartDidNotStart
from assay.server.embedded.folder import DataFolder, ServerNote
from assay.server.embedded.lifeline import MIGRATED, READY
from assay.server.embedded.parts import Ended, News, Part, how_it_ended
from assay.server.embedded.postgres import Postgres
from assay.server.embedded.talk import Talk

DATABASE = "ASSAY_DATABASE_URL"
_READY_SECONDS = 120.0  # a part that is not ready by then is given up
_STOP_SECONDS = 15.0  # a part that has not stopped by then is killed
_LOOK_SECONDS = 0.5  # between two looks at the database's process
_SAME_REQUEST = 2.0  # signals to stop that come within this time are one
_BACKLOG = 1024  # connections that wait while the web part is started again


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a server is to run."""

    host: str = "127.0.0.1"
    port: int = 8765  # 0: any free one
    graders: int  # submissions that are graded at the same time
    practice: bool = False  # for oneself; grades even where nothing can be locked in
    as_json: bool = False  # say on standard output, too, when it is ready


class _StopRequested(BaseException):
    """SIGINT or SIGTERM; like KeyboardInterrupt, it may come anywhere."""


class _Relayed(AssayError):
    """What a part has said, in the reader's language already."""

    def __init__(self, message: str, remedy: str, exit_code: int) -> None:
        super().__init__()
        self.message = message  # type: ignore[misc]  # its class has message ids
        self.remedy = remedy  # type: ignore[misc]
        self.exit_code = exit_code


class Supervisor:
    """The root of the process tree.

    Args:
        folder: The data folder.
        options: How to run.
        talk: Where to say how it goes.
    """

    def __init__(self, folder: DataFolder, options: Options, talk: Talk) -> None:
        self._folder = folder
        self._options = options
        self._talk = talk
        self._news: News = queue.SimpleQueue()
        self._postgres: Postgres | None = None
        self._parts: list[Part] = []  # in the order in which they are to be stopped

    def run(self) -> None:
        """Run until somebody asks to stop.

        Raises:
            AssayError: The server could not start; nothing is left running.
        """
        with _raising_stop(), contextlib.suppress(_StopRequested), self._folder.locked():
            try:
                with self._listening_socket() as listener:
                    note = self._start(listener)
                    self._folder.write_note(note)
                    self._announce(note)
                    self._watch()
            finally:
                self._stop()

    # -- starting ---------------------------------------------------------------------------

    @contextlib.contextmanager
    def _listening_socket(self) -> Iterator[socket.socket]:
        """Take the address first: whoever wants it taken learns so in an instant.

        The supervisor keeps it, so that clients wait while the web part is started
        again, and are not refused.
        """
        host, port = self._options.host, self._options.port
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as listener:
            if os.name == "posix":
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind((host, port))
                listener.listen(_BACKLOG)
            except (OSError, OverflowError) as fault:
                reason = getattr(fault, "strerror", None) or str(fault)
                raise AddressNotFree(host=host, port=port, reason=reason) from fault
            yield listener

    def _start(self, listener: socket.socket) -> ServerNote:
        self._folder.clear()
        host, port = listener.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        here = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, shown)  # noqa: S104 - compared
        url = os.environ.get("ASSAY_URL") or f"http://{here}:{port}"
        database = os.environ.get(DATABASE) or self._address_of_own()
        environment = {
            "ASSAY_DATA": str(self._folder.path),
            "ASSAY_URL": url,
            DATABASE: database,
            "TMPDIR": str(self._folder.scratch),
            "DJANGO_SETTINGS_MODULE": "assay.server.settings",
        }
        if self._options.practice:
            environment["ASSAY_PRACTICE"] = "1"
        graders = str(self._options.graders)
        words, descriptors = _inherit(listener)
        web = self._part("web", ["web", "--migrate", *words], environment, descriptors)
        grader = self._part("grader", ["grader", "--graders", graders], environment)
        self._parts = [web, grader]
        for part in self._parts:
            part.start()  # loading their code takes them as long as it takes the database to start
        self._start_database()
        self._talk.say(N_("Bringing the database up to date …"))
        web.go()
        self._await(MIGRATED, web)
        self._talk.say(N_("Starting the web server and the grader …"))
        grader.go()
        self._await(READY, web, grader)
        # Nobody waits for it in the first second, so it does not take their processor time.
        background = self._part("background", ["background", "--graders", graders], environment)
        self._parts.append(background)
        background.start()
        background.go()
        return ServerNote(
            pid=os.getpid(),
            url=f"http://{here}:{port}",
            started_at=datetime.now(UTC).isoformat(timespec="seconds"),
            database=database,
            practice=self._options.practice,
        )

    def _address_of_own(self) -> str:
        self._postgres = Postgres(self._folder)
        return self._postgres.prepare()

    def _start_database(self) -> None:
        if self._postgres is None:
            return
        if self._postgres.is_new:
            self._talk.say(N_("Making a new database in {folder} …"), folder=str(self._folder.path))
        else:
            self._talk.say(N_("Starting the database …"))
        for folder in self._postgres.opened:
            if folder != self._folder.path:
                self._talk.say(
                    N_("PostgreSQL does not run as root, so others may now pass through {folder}."),
                    folder=str(folder),
                )
        self._postgres.start()

    def _part(
        self,
        name: str,
        words: list[str],
        environment: dict[str, str],
        descriptors: tuple[int, ...] = (),
    ) -> Part:
        command = [sys.executable, "-m", "assay.server", *words]
        return Part(
            name, command, environment, self._folder, news=self._news, descriptors=descriptors
        )

    def _await(self, event: str, *parts: Part) -> None:
        """Wait until all `parts` have said `event`; none of the tree may die meanwhile."""
        deadline = time.monotonic() + _READY_SECONDS
        while waiting := [part for part in parts if event not in part.reached]:
            try:
                news = self._news.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise self._why_not(waiting[0], None) from None
            if news.part.take_note(news):
                assert isinstance(news, Ended)
                raise self._why_not(news.part, news)

    def _why_not(self, part: Part, end: Ended | None) -> AssayError:
        said = part.error
        if said is not None and not said.detail:
            return _Relayed(said.message, said.remedy, said.exit_code)
        reason = how_it_ended(end.process) if end else f"{_READY_SECONDS:.0f} s"
        if said is not None:
            reason = said.detail
        return PartDidNotStart(part=part.name, reason=reason, log=str(self._folder.log(part.name)))

    def _announce(self, note: ServerNote) -> None:
        if self._options.as_json:
            public = {name: vars(note)[name] for name in ("url", "pid", "started_at")}
            print(json.dumps({**public, "data": str(self._folder.path)}), flush=True)  # noqa: T201
        self._talk.say(N_("Ready at {url}"), url=note.url)

    # -- running ----------------------------------------------------------------------------

    def _watch(self) -> NoReturn:
        while True:
            with contextlib.suppress(queue.Empty):
                news = self._news.get(timeout=_LOOK_SECONDS)
                if news.part.take_note(news):
                    assert isinstance(news, Ended)
                    self._mourn(news)
            if self._postgres is not None and self._postgres.poll() is not None:
                self._talk.say(N_("The database stopped unexpectedly; starting it again …"))
                self._postgres.start()
            for part in self._parts:
                if part.restart_at is not None and part.restart_at <= time.monotonic():
                    part.start()
                    part.go()

    def _mourn(self, end: Ended) -> None:
        part = end.part
        self._talk.say(
            N_("The part `{part}` stopped unexpectedly ({reason}); starting it again. Log: {log}"),
            part=part.name,
            reason=part.error.message if part.error else how_it_ended(end.process),
            log=str(self._folder.log(part.name)),
        )

    # -- stopping ---------------------------------------------------------------------------

    def _stop(self) -> None:
        """Stop everything that runs; a second request to stop does not wait."""
        try:
            self._stop_in_order(_STOP_SECONDS)
        except _StopRequested:
            for number in _stop_signals():
                signal.signal(number, signal.SIG_IGN)
            self._stop_in_order(0)

    def _stop_in_order(self, patience: float) -> None:
        running = [part for part in self._parts if part.pid is not None]
        if running:
            self._talk.say(N_("Stopping …"))
        # All at once: what one part still asks of another is answered until both are done.
        for part in running:
            part.ask_to_stop()
        deadline = time.monotonic() + patience
        for part in running:
            part.await_stop(max(0.0, deadline - time.monotonic()))
        if self._postgres is not None:
            self._postgres.stop()
        if running:
            self._talk.say(N_("Stopped."))


def _stop_signals() -> list[signal.Signals]:
    numbers = [signal.SIGINT, signal.SIGTERM]
    # Not under nohup, which has set it to be ignored.
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        numbers.append(signal.SIGHUP)
    return numbers


@contextlib.contextmanager
def _raising_stop() -> Iterator[None]:
    """Turn signals to stop into `_StopRequested`, wherever they hit."""
    last = -_SAME_REQUEST

    def request(_signal: int, _frame: FrameType | None) -> None:
        nonlocal last
        # Ctrl-C reaches the whole terminal, and a caller may pass it on besides.
        if time.monotonic() - last >= _SAME_REQUEST:
            last = time.monotonic()
            raise _StopRequested

    before = {number: signal.signal(number, request) for number in _stop_signals()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _inherit(listener: socket.socket) -> tuple[list[str], tuple[int, ...]]:
    """Return how the web part is told of the socket, and the descriptors it inherits."""
    if os.name == "posix":
        return ["--fd", str(listener.fileno())], (listener.fileno(),)
    host, port = listener.getsockname()[:2]
    listener.close()  # Windows cannot pass it on
    return ["--host", host, "--port", str(port)], ()


def exit_code(error: AssayError, otherwise: int) -> int:
    """Return the exit code of an error that may have come from a part."""
    return error.exit_code if isinstance(error, _Relayed) else otherwise
