"""Where the warm parent brings up children: one for each job, and one to spare.

The spare child exists before there is a job for it, so that forking and what
comes with it are no part of anybody's waiting. It is as fresh as any other: it
is forked from the parent, which never sees what is in a submission, and it does
one job.

On the control socket, one packet each: a request, with the descriptors `result`,
`go`, `lifeline`, and `file` unless only an attempt is asked for. On a lifeline,
towards the grader: `S` and the child's process id when it has the job, `X` and
its wait status when it ended, `N` and an errno when there is no child. When the
grader closes its end of a lifeline, the child is killed.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn, Protocol

EVENT = struct.Struct("<ci")
STARTED, ENDED, NOT_STARTED = b"S", b"X", b"N"

MAX_REQUEST = 1 << 16  # bytes
MAX_DESCRIPTORS = 4
_PATROL = 1.0  # seconds between looks at whether the grader still lives


class Live(Protocol):
    """What a child does."""

    def __call__(self, orders: socket.socket, *, is_spare: bool) -> NoReturn:
        """Wait for a job, do it, and exit."""
        ...


@dataclass(frozen=True, kw_only=True)
class _Child:
    pid: int
    orders: socket.socket  # brings it its job


class Nursery:
    """The warm parent at work.

    Args:
        control: Where the grader's requests arrive.
        creator: The process id of whoever started this process.
        live: What a child does.
    """

    def __init__(self, control: socket.socket, creator: int, live: Live) -> None:
        self._control = control
        self._creator = creator
        self._live = live
        self._spare: _Child | None = None
        self._wants_spare = True
        self._lifelines: dict[int, socket.socket] = {}  # of children at work, by process id
        self._poll = select.poll()
        self._poll.register(control, select.POLLIN)
        self._wake, wake_up = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._poll.register(self._wake, select.POLLIN)
        signal.set_wakeup_fd(wake_up, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def serve(self) -> None:
        """Serve until the grader is gone; the children die with this process."""
        while os.getppid() == self._creator:
            if self._wants_spare and not self._lifelines:
                self._wants_spare = False  # until it has been used: it might die at once
                with contextlib.suppress(OSError):  # no memory now; a job will say so
                    self._spare = self._fork(is_spare=True)
            for descriptor, _ in self._poll.poll(_PATROL * 1000):
                if descriptor == self._control.fileno():
                    if not self._take_a_job():
                        return
                elif descriptor == self._wake:
                    os.read(self._wake, 512)
                    self._bury_the_dead()
                else:
                    self._kill_child_of(descriptor)

    def _fork(self, *, is_spare: bool) -> _Child:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            try:
                pid = os.fork()
            except OSError:
                ours.close()
                raise
            if pid == 0:
                self._live(theirs, is_spare=is_spare)
        return _Child(pid=pid, orders=ours)

    def _take_a_job(self) -> bool:
        request, descriptors, _, _ = socket.recv_fds(self._control, MAX_REQUEST, MAX_DESCRIPTORS)
        if not request:
            return False
        result, go, line, *file = descriptors
        lifeline = socket.socket(fileno=line)
        try:
            pid = self._give(request, [result, go, *file])
        except OSError as error:
            _tell(lifeline, NOT_STARTED, error.errno or 0)
            lifeline.close()
        else:
            self._lifelines[pid] = lifeline
            self._poll.register(lifeline, select.POLLIN)
            _tell(lifeline, STARTED, pid)
        for descriptor in (result, go, *file):
            os.close(descriptor)
        return True

    def _give(self, request: bytes, descriptors: Sequence[int]) -> int:
        """Give the job to the spare child, or else to a new one; return its process id."""
        self._wants_spare = True
        if self._spare is not None:
            child, self._spare = self._spare, None
            with child.orders, contextlib.suppress(OSError):  # it died
                socket.send_fds(child.orders, [request], descriptors)
                return child.pid
        child = self._fork(is_spare=False)
        with child.orders:
            socket.send_fds(child.orders, [request], descriptors)
        return child.pid

    def _bury_the_dead(self) -> None:
        with contextlib.suppress(ChildProcessError):  # there are no more children
            while (end := os.waitpid(-1, os.WNOHANG)) != (0, 0):
                self._bury(*end)

    def _bury(self, pid: int, status: int) -> None:
        if self._spare is not None and pid == self._spare.pid:
            self._spare.orders.close()
            self._spare = None
        if pid not in self._lifelines:
            return
        lifeline = self._lifelines.pop(pid)
        with contextlib.suppress(KeyError):  # killed on request
            self._poll.unregister(lifeline)
        _tell(lifeline, ENDED, status)
        lifeline.close()

    def _kill_child_of(self, descriptor: int) -> None:
        # The grader closed its end: it has its answer, or does not want it any more.
        for pid, lifeline in self._lifelines.items():
            if lifeline.fileno() == descriptor:
                self._poll.unregister(lifeline)
                os.kill(pid, signal.SIGKILL)  # not yet waited for, so the id is still its own
                return


def _tell(lifeline: socket.socket, event: bytes, number: int) -> None:
    with contextlib.suppress(OSError):  # the grader does not listen any more
        lifeline.send(EVENT.pack(event, number))
