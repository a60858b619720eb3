"""The lock that a grading child puts around itself before it looks at the file.

In this order, each step for ever: limits on what the process may use, no new
privileges, Landlock, seccomp. Nothing of it needs a privilege, and no step can
be taken back by the process itself.
"""

from __future__ import annotations

import os
import resource
import signal
from dataclasses import dataclass

from assay.grading.sandbox import kernel, landlock, seccomp

_LAST_DESCRIPTOR = 4096


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """What a child may use."""

    address_space: int  # bytes, everything included: libraries, inputs, stacks
    cpu_seconds: int  # of all threads together


def is_possible() -> bool:
    """Whether this system has what the lock needs: Linux, and a filter for the machine."""
    return os.uname().sysname == "Linux" and seccomp.architecture() is not None


def die_with(parent: int) -> None:
    """Let the kernel kill this process when its parent dies.

    Args:
        parent: The parent's process id, as this process sees it.
    """
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the line above
        os._exit(1)


def close_all_descriptors_from(first: int, *, but: int | None = None) -> None:
    """Close every descriptor from `first` on, but one."""
    # `closerange` makes one call, `close_range`, where the system has it, and
    # one for each number otherwise; what is open is far below the last one.
    middle = _LAST_DESCRIPTOR if but is None else but
    os.closerange(first, middle)
    os.closerange(middle + 1, _LAST_DESCRIPTOR)


def limit(bounds: Bounds) -> None:
    """Limit what this process may use."""
    hard: dict[int, int] = {
        resource.RLIMIT_AS: bounds.address_space,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_NOFILE: 16,  # a hair more than is open; nothing can be opened anyway
    }
    for kind, value in hard.items():
        resource.setrlimit(kind, (value, value))
    # SIGXCPU at the first limit, SIGKILL a second later.
    resource.setrlimit(resource.RLIMIT_CPU, (bounds.cpu_seconds, bounds.cpu_seconds + 1))
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)  # nobody may trace it


def wall_in(*, with_landlock: bool) -> None:
    """Forbid this thread, and those it starts, to gain privileges and to reach files.

    Args:
        with_landlock: Put Landlock behind seccomp, where the kernel has it.

    Raises:
        OSError: The kernel says no.
    """
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    if with_landlock:
        landlock.restrict()


def seal() -> None:
    """Forbid everything but computing to every thread, for ever; after `wall_in`.

    Threads must exist before, and cannot be started afterwards.

    Raises:
        OSError: The kernel says no.
    """
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    seccomp.install()
