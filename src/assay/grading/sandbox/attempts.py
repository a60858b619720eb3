"""What a locked child must not be able to do: tried at every start of a grader.

Each attempt is harmless where the lock fails to hold: it opens, connects to or
signals nothing but what every process may. It returns a word when it came
through, and raises `PermissionError` or dies when the lock held.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Mapping

THROUGH = "came through"


def open_a_file() -> str:
    """Open a file that everybody may read."""
    os.close(os.open("/", os.O_RDONLY))
    return THROUGH


def open_a_socket() -> str:
    """Open a socket that could be connected to anywhere."""
    socket.socket(socket.AF_INET, socket.SOCK_STREAM).close()
    return THROUGH


def open_a_local_socket() -> str:
    """Open a socket that could be connected to other processes."""
    socket.socket(socket.AF_UNIX, socket.SOCK_STREAM).close()
    return THROUGH


def fork() -> str:
    """Start a process."""
    if os.fork() == 0:
        os._exit(0)
    return THROUGH


def start_a_thread() -> str:
    """Start a thread."""
    try:
        threading.Thread(target=lambda: None).start()
    except RuntimeError as error:
        raise PermissionError(str(error)) from None
    return THROUGH


def execute() -> str:
    """Become another program."""
    os.execv("/bin/true", ["true"])  # noqa: S606 - this is the attempt


def kill() -> str:
    """Ask whether the parent could be signalled."""
    os.kill(os.getppid(), 0)
    return THROUGH


ATTEMPTS: Mapping[str, Callable[[], str]] = {
    attempt.__name__: attempt
    for attempt in (
        open_a_file,
        open_a_socket,
        open_a_local_socket,
        fork,
        start_a_thread,
        execute,
        kill,
    )
}
