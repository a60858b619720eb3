"""The grader's end of the warm parent: starts it, hands it jobs, notices its death."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from assay.grading.sandbox import namespaces, nursery, parent
from assay.grading.sandbox.conversation import Until
from assay.grading.sandbox.enclosure import Enclosure
from assay.grading.sandbox.environment import ENVIRONMENT, SECOND_PATH
from assay.grading.sandbox.faults import BrokenFrame, ChildCrashed, GradingFault, ParentLost
from assay.grading.sandbox.shared import SharedInputs
from assay.items.variant import Array

START_SECONDS = 60.0  # for the parent to be ready, on the slowest disk
_SLICE = 0.025  # seconds between looks at whether the work was cancelled
_FAREWELL = 2.0  # seconds for a process to end, once its pipe or socket is closed


class Link:
    """A running warm parent.

    Args:
        threads: Threads that each child has.
        enclosure: What to put around the parent.
        with_landlock: Let children put Landlock behind seccomp.
        second_path: Let children run Keras.
        attempts: A file of attempts, for the tests of the lock.

    Raises:
        ParentLost: It did not start.
    """

    def __init__(
        self,
        *,
        threads: int,
        enclosure: Enclosure,
        with_landlock: bool,
        second_path: bool = False,
        attempts: Path | None = None,
    ) -> None:
        wrapper = _bubblewrap() if enclosure is Enclosure.BUBBLEWRAP else []
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control = ours
        self._sending = threading.Lock()
        # An unlinked file takes what the parent complains about, so that it
        # can never block and nobody must read along.
        self._complaints: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `close`
        settings = parent.Settings(
            control=theirs.fileno(),
            grader=os.getpid(),
            threads=threads,
            enclosure=enclosure,
            with_landlock=with_landlock,
            second_path=second_path,
            attempts=None if attempts is None else str(attempts),
        )
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [*wrapper, sys.executable, "-I", "-m", parent.__name__, settings.dump()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._complaints,
                env=ENVIRONMENT | SECOND_PATH if second_path else ENVIRONMENT,
                cwd="/",
                pass_fds=[theirs.fileno()],
                start_new_session=True,  # Ctrl-C in a terminal is the grader's to handle
            )
        try:
            self.standing = self._await_standing()
        except BaseException:
            self.close()
            raise

    @property
    def pid(self) -> int:
        """The parent's process id."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether the parent still runs."""
        return self._process.poll() is None

    def hand_over(self, request: bytes, descriptors: Sequence[int]) -> None:
        """Give the parent one job.

        Args:
            request: The job, as JSON.
            descriptors: As the parent expects them.

        Raises:
            ParentLost: It is not there any more.
        """
        with self._sending:
            try:
                socket.send_fds(self._control, [request], list(descriptors))
            except OSError as error:
                raise ParentLost(self._explain(str(error))) from None

    def close(self) -> None:
        """End the parent and every child of it."""
        self._control.close()
        try:
            self._process.wait(timeout=_FAREWELL)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._complaints.close()

    def _await_standing(self) -> parent.Standing:
        self._control.settimeout(START_SECONDS)
        try:
            data = self._control.recv(nursery.MAX_REQUEST)
        except TimeoutError:
            data = b""
        if not data:
            self._process.kill()
            raise ParentLost(self._explain("did not start"))
        self._control.settimeout(None)
        return parent.Standing.load(data)

    def _explain(self, what: str) -> str:
        try:
            status = str(self._process.wait(timeout=_FAREWELL))
        except subprocess.TimeoutExpired:
            status = "still running"
        self._complaints.seek(0)
        said = self._complaints.read()[-2000:].decode(errors="replace")
        return f"warm parent: {what}; status {status}\n{said}"


class LockedChild:
    """The grader's end of one child; leaving the context kills what is left of it.

    Args:
        link: The parent that forks it.
        request: The job, as JSON.
        file: Descriptor of the model file; None for an attempt.
    """

    def __init__(self, link: Link, request: bytes, *, file: int | None = None) -> None:
        self._inputs: int | None = None  # descriptor of the memory with the inputs
        with contextlib.ExitStack() as ours, contextlib.ExitStack() as theirs:
            self._lifeline, far_lifeline = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            ours.enter_context(self._lifeline)
            theirs.enter_context(far_lifeline)
            self._result, far_result = os.pipe()
            ours.callback(os.close, self._result)
            theirs.callback(os.close, far_result)
            self._go, far_go = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            ours.enter_context(self._go)
            theirs.enter_context(far_go)
            descriptors = [far_result, far_go.fileno(), far_lifeline.fileno()]
            link.hand_over(request, descriptors + ([] if file is None else [file]))
            self._ours = ours.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # The parent sees the lifeline close, and kills the child.
        self._ours.close()

    def receive(self, count: int, until: Until) -> bytearray:
        """Return the next `count` bytes that the child sends; fewer at the end.

        Raises:
            Cancelled: The work was cancelled.
            DeadlineExceeded: The time is over.
            ParentLost: The warm parent died.
        """
        data = bytearray(count)
        rest = memoryview(data)
        while rest:
            self._wait_for_result(until)
            received = os.readv(self._result, [rest])
            if not received:
                break
            rest = rest[received:]
        size = count - len(rest)
        rest.release()
        del data[size:]
        return data

    def prepare(self, inputs: Mapping[str, Array]) -> None:
        """Lay out the inputs in memory that the child does not have yet."""
        if isinstance(inputs, SharedInputs):
            self._inputs = inputs.descriptor
        else:
            self._inputs = self._ours.enter_context(SharedInputs(inputs)).descriptor

    def hand_out(self, inputs: Mapping[str, Array]) -> None:
        """Give the child the memory with the inputs."""
        del inputs  # they lie in it already
        assert self._inputs is not None
        with contextlib.suppress(OSError):  # it died; `receive` will tell
            socket.send_fds(self._go, [b"!"], [self._inputs])

    def explain_end(self) -> GradingFault:
        """Return the fault of a child that closed its pipe before it had answered."""
        until = time.monotonic() + _FAREWELL
        while (left := until - time.monotonic()) > 0:
            poll = select.poll()
            poll.register(self._lifeline, select.POLLIN)
            if poll.poll(left * 1000):
                event, number = self._next_event()
                if event == nursery.ENDED:
                    return _fault_of(number)
        return BrokenFrame("it closed its pipe and lives on")

    def _wait_for_result(self, until: Until) -> None:
        poll = select.poll()
        poll.register(self._result, select.POLLIN)
        poll.register(self._lifeline, select.POLLIN)
        while True:
            until.check()
            left = until.moment - time.monotonic()
            slice_ = left if until.cancel is None else min(left, _SLICE)
            ready = {descriptor for descriptor, _ in poll.poll(max(slice_, 0) * 1000)}
            if self._result in ready:
                return
            if self._lifeline.fileno() in ready and self._next_event()[0] == nursery.ENDED:
                # What it wrote before is still in the pipe, and then its end.
                poll.unregister(self._lifeline)

    def _next_event(self) -> tuple[bytes, int]:
        try:
            data = self._lifeline.recv(nursery.EVENT.size)
        except ConnectionError:
            data = b""
        if not data:
            raise ParentLost("the warm parent died while a child was at work")
        event, number = nursery.EVENT.unpack(data)
        if event == nursery.NOT_STARTED:
            raise GradingFault(f"no child could be started: {os.strerror(number)}")
        return event, number


def _bubblewrap() -> list[str]:
    program = shutil.which("bwrap")
    if program is None:
        raise ParentLost("bubblewrap is not installed")
    apart = ["user", "ipc", "pid", "net", "uts"]
    nobody = str(namespaces.NOBODY)
    return [
        program,
        *(f"--unshare-{kind}" for kind in apart),
        *("--uid", nobody, "--gid", nobody, "--cap-drop", "ALL"),
        *("--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev"),
        "--",
    ]


def _fault_of(status: int) -> GradingFault:
    code = os.waitstatus_to_exitcode(status)
    if code >= 0:
        return ChildCrashed(f"it exited with {code} before it had answered")
    if -code == signal.SIGXCPU:
        return ChildCrashed("it used up its processor time")
    name = signal.Signals(-code).name if -code in list(signal.Signals) else str(-code)
    return ChildCrashed(f"it was killed by {name}")
