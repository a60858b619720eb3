"""The warm parent: imports everything once, forks a fresh child for each job.

    python -I -m assay.grading.sandbox.parent SETTINGS

It never sees what is in a submission: it receives descriptors over a Unix
socket and hands them to a child. Its life hangs on that socket and on the
grader's; every child's life hangs on its own lifeline, a socket whose other
end the grader holds.

See `nursery` for what goes over the sockets.
"""

from __future__ import annotations

import dataclasses
import functools
import gc
import importlib.util
import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assay.grading.sandbox import kernel, landlock, lock, namespaces
from assay.grading.sandbox.enclosure import Enclosure
from assay.grading.sandbox.nursery import Nursery

_PATROL = 1.0  # seconds between looks at whether the grader still lives


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How the grader wants its parent."""

    control: int  # descriptor of the control socket
    grader: int  # process id of the grader
    threads: int  # of each child
    enclosure: Enclosure
    with_landlock: bool
    second_path: bool = False  # children run Keras
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
    second_path = _import_second_path() if settings.second_path else None
    standing = _take_a_stand(settings)
    lock.die_with(creator)  # after the change of user, which would undo it
    surroundings = child.Surroundings(
        threads=settings.threads,
        address_space=standing.address_space,
        with_landlock=settings.with_landlock,
        attempts=attempts,
        second_path=second_path,
    )
    live = functools.partial(child.live, parent=os.getpid(), surroundings=surroundings)
    control.send(standing.dump())
    Nursery(control, creator, live).serve()


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


def _import_second_path() -> Any:
    """Import Keras, which starts no thread before it is used."""
    # Keras draws pictures with it where it is installed; it wants a folder to write to.
    sys.modules["matplotlib"] = None  # type: ignore[assignment]
    from assay.grading import second_path  # noqa: PLC0415 - heavy, and often not installed

    return second_path


def _take_a_stand(settings: Settings) -> Standing:
    """Give up what is no longer needed, and say how things are."""
    pages, resident = Path("/proc/self/statm").read_text().split()[:2]
    page = os.sysconf("SC_PAGE_SIZE")
    threads = len(list(Path("/proc/self/task").iterdir()))
    # Keras imports parts of itself, and its backend opens a device, when a child warms up;
    # behind its lock no child reaches a file all the same.
    if settings.enclosure is Enclosure.NAMESPACES and not settings.second_path:
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


if __name__ == "__main__":
    main()
