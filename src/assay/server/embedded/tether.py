"""Ending with the process that started one, however that one ends.

Run as a script, it becomes another program (`exec`) on a tether:

    python -I -S tether.py --user pgserver --signal 2 -- postgres -D folder

On Linux the kernel does it (`PR_SET_PDEATHSIG`). Elsewhere a program without a
hand in it outlives a parent that was killed; the next start finds and stops it.
Only the standard library is used: this runs before the program, each time.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
_ORPHANED = 70  # EX_SOFTWARE


def hold(death_signal: int, parent: int) -> None:
    """Have the kernel send `death_signal` to this process when its parent ends.

    Args:
        death_signal: The number of the signal.
        parent: Process id of the parent; if it is already gone, this process ends here.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
    if os.name == "posix" and os.getppid() != parent:
        os._exit(_ORPHANED)


def become_user(name: str) -> None:
    """Give up root for the system user `name`."""
    import pwd  # noqa: PLC0415 - there is none on Windows

    entry = pwd.getpwnam(name)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)


def main() -> None:
    """Become the program that the command line names."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--user")
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--signal", type=int, default=int(signal.SIGTERM))
    parser.add_argument("program", nargs="+")
    arguments = parser.parse_args()
    if arguments.user:
        become_user(arguments.user)  # first, since the kernel forgets the tether with it
    hold(arguments.signal, arguments.parent)
    os.execv(arguments.program[0], arguments.program)  # noqa: S606 - the supervisor's own words


if __name__ == "__main__":
    main()
