"""The warm parent: imports everything once, forks a fresh child for each job.

    python -I -m assay.grading.sandbox.parent SETTINGS

It never sees what is in a submission: it receives descriptors over a Unix
socket and hands them to a child. Its life hangs on that socket and on the
grader's; every child's life hangs on its own lifeline, a socket whose other
end the grader holds.

On the control socket: a request with the descriptors `result, go, lifeline`, then
`file` unless nothing but an attempt is asked for, and `inputs` if there will be
any; one packet each. On a lifeline, towards the grader: `S` and the child's process id
when it started, `X` and its wait status when it ended, `N` and an errno when it
could not be started.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import gc
import importlib.util
import json
import os
import select
import signal
import socket
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from assay.grading.sandbox import kernel, landlock, lock, namespaces
from assay.grading.sandbox.enclosure import Enclosure

EVENT = struct.Struct("<ci")
STARTED, ENDED, NOT_STARTED = b"S", b"X", b"N"

MAX_REQUEST = 1 << 16  # bytes
MAX_DESCRIPTORS = 5
_PATROL = 1.0  # seconds between looks at whether the grader still lives


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How the grader wants its parent."""

    control: int  # descriptor of the control socket
    grader: int  # process id of the grader
    enclosure: Enclosure
    with_landlock: bool
    attempts: str | None = None  # a file of attempts, for the tests of the lock

    def dump(self) -> str:
        """Return the settings as JSON."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def load(cls, data: str) -> Settings:
        """Return the settings that `dump` wrote."""
        raw = json.loads(data)
        return cls(**(raw | {"enclosure": Enclosure(raw["enclosure"])}))


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What a parent says of itself when it is ready."""

    enclosure: Enclosure  # what it is in
    unprivileged: bool  # it is not root, and has no capability
    landlock: int  # the ABI that children will use; 0: none
    threads: int  # more than one would make forking unsafe
    address_space: int  # bytes
    resident: int  # bytes

    def dump(self) -> bytes:
        """Return the standing as JSON."""
        return json.dumps(dataclasses.asdict(self)).encode()

    @classmethod
    def load(cls, data: bytes) -> Standing:
        """Return the standing that `dump` wrote."""
        raw = json.loads(data)
        return cls(**(raw | {"enclosure": Enclosure(raw["enclosure"])}))


def main() -> None:
    """Serve until the grader is gone."""
    settings = Settings.load(sys.argv[1])
    control = socket.socket(fileno=settings.control)
    if settings.enclosure is Enclosure.NAMESPACES:
        _enclose(control, settings.grader)
    creator = os.getppid()
    child, attempts = _import_everything(settings.attempts)
    standing = _take_a_stand(settings)
    lock.die_with(creator)  # after the change of user, which would undo it
    surroundings = child.Surroundings(
        address_space=standing.address_space,
        with_landlock=settings.with_landlock,
        attempts=attempts,
    )
    parent = Parent(control, creator, functools.partial(child.live, surroundings=surroundings))
    control.send(standing.dump())
    parent.serve()


def _enclose(control: socket.socket, grader: int) -> None:
    """Go on in a process in namespaces of its own; this one stays behind and waits for it."""
    namespaces.enter()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    inner = os.fork()
    if inner == 0:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        return
    control.close()
    while os.waitpid(inner, os.WNOHANG) == (0, 0):
        signal.sigtimedwait({signal.SIGCHLD}, _PATROL)
        if os.getppid() != grader:
            os.kill(inner, signal.SIGKILL)
    os._exit(0)


def _import_everything(attempts_file: str | None) -> tuple[Any, dict[str, Callable[..., Any]]]:
    """Import all that children need, and make lazy parts of the libraries exist."""
    from assay.grading import warmup  # noqa: PLC0415 - heavy: after `_enclose`
    from assay.grading.sandbox import attempts, child  # noqa: PLC0415

    warmup.warm_up()
    found = dict(attempts.ATTEMPTS)
    if attempts_file is not None:
        spec = importlib.util.spec_from_file_location("attempts_of_the_tests", attempts_file)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        found |= module.ATTEMPTS
    return child, found


def _take_a_stand(settings: Settings) -> Standing:
    """Give up what is no longer needed, and say how things are."""
    pages, resident = Path("/proc/self/statm").read_text().split()[:2]
    page = os.sysconf("SC_PAGE_SIZE")
    threads = len(list(Path("/proc/self/task").iterdir()))
    if settings.enclosure is Enclosure.NAMESPACES:
        namespaces.empty_the_tree()
    unprivileged = namespaces.drop_privileges()
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    # What is there now stays as it is: children share its memory as long as
    # nobody writes to it, and a garbage collection would.
    gc.collect()
    gc.freeze()
    return Standing(
        enclosure=settings.enclosure,
        unprivileged=unprivileged,
        landlock=landlock.abi() if settings.with_landlock else 0,
        threads=threads,
        address_space=int(pages) * page,
        resident=int(resident) * page,
    )


class Parent:
    """The parent at work.

    Args:
        control: Where the grader's requests arrive.
        creator: The process id of whoever started this process.
        live: What a child does: takes the request, its descriptors, the
            parent's process id.
    """

    def __init__(self, control: socket.socket, creator: int, live: Callable[..., NoReturn]) -> None:
        self._control = control
        self._creator = creator
        self._live = live
        self._lifelines: dict[int, socket.socket] = {}  # of the children, by process id
        self._poll = select.poll()
        self._poll.register(control, select.POLLIN)
        self._wake, wake_up = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._poll.register(self._wake, select.POLLIN)
        signal.set_wakeup_fd(wake_up, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def serve(self) -> None:
        """Serve until the grader is gone; its children die with it."""
        while os.getppid() == self._creator:
            for descriptor, _ in self._poll.poll(_PATROL * 1000):
                if descriptor == self._control.fileno():
                    if not self._take_a_job():
                        return
                elif descriptor == self._wake:
                    os.read(self._wake, 512)
                    self._bury_the_dead()
                else:
                    self._kill_child_of(descriptor)

    def _take_a_job(self) -> bool:
        request, descriptors, _, _ = socket.recv_fds(self._control, MAX_REQUEST, MAX_DESCRIPTORS)
        if not request:
            return False
        result, go, line, *optional = descriptors
        lifeline = socket.socket(fileno=line)
        file = optional[0] if optional else None
        inputs = optional[1] if len(optional) > 1 else None
        own = os.getpid()
        try:
            pid = os.fork()
        except OSError as error:
            _tell(lifeline, NOT_STARTED, error.errno or 0)
            lifeline.close()
        else:
            if pid == 0:
                self._live(request, result=result, go=go, inputs=inputs, file=file, parent=own)
            self._lifelines[pid] = lifeline
            self._poll.register(lifeline, select.POLLIN)
            _tell(lifeline, STARTED, pid)
        for descriptor in (result, go, *optional):
            os.close(descriptor)
        return True

    def _bury_the_dead(self) -> None:
        while self._lifelines:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
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


if __name__ == "__main__":
    main()
