"""A world of one's own for the warm parent: no network, no files, no other process.

A third wall, where the system permits it; many do not (containers, hardened
distributions), so it is never required. Entered once, by the parent, it costs a
submission nothing.

Reference: `namespaces(7)`, `user_namespaces(7)`, `pivot_root(2)`.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Final

from assay.grading.sandbox import kernel

NOBODY: Final = 65534  # the customary user and group without any rights

_NEW_MOUNT = 0x20000
_NEW_CGROUP = 0x2000000
_NEW_HOST_NAME = 0x4000000
_NEW_IPC = 0x8000000
_NEW_USER = 0x10000000
_NEW_PROCESS = 0x20000000
_NEW_NETWORK = 0x40000000
_ALL = _NEW_MOUNT | _NEW_CGROUP | _NEW_HOST_NAME | _NEW_IPC | _NEW_PROCESS | _NEW_NETWORK

_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_CAPSET = {"x86_64": 126, "aarch64": 91}
_CAPABILITY_VERSION_3 = 0x20080522

_READ_ONLY, _NO_SUID, _NO_DEVICES, _NO_EXECUTION = 1, 2, 4, 8
_RECURSIVE, _PRIVATE = 0x4000, 0x40000


def enter() -> None:
    """Move to new namespaces; takes effect for processes in the next `fork`.

    Root needs no user namespace, and is not root any more after
    `drop_privileges`; anybody else becomes nobody in a user namespace.

    Raises:
        OSError: The system does not permit it.
    """
    user, group = os.geteuid(), os.getegid()
    if user == 0:
        try:
            kernel.unshare(_ALL)
        except OSError:
            pass  # root of a container, without the capability
        else:
            return
    kernel.unshare(_NEW_USER | _ALL)
    own = Path("/proc/self")
    with contextlib.suppress(OSError):  # kernels before 3.19 have no such file
        own.joinpath("setgroups").write_text("deny")
    own.joinpath("uid_map").write_text(f"{NOBODY} {user} 1")
    own.joinpath("gid_map").write_text(f"{NOBODY} {group} 1")


def empty_the_tree() -> None:
    """Replace the whole tree of files by an empty one that cannot be written to.

    Raises:
        OSError: The system does not permit it.
    """
    place = "/tmp"  # noqa: S108 - any folder that exists; only a mount point
    kernel.mount(None, "/", None, _RECURSIVE | _PRIVATE, None)
    flags = _READ_ONLY | _NO_SUID | _NO_DEVICES | _NO_EXECUTION
    kernel.mount("none", place, "tmpfs", flags, "size=4k,nr_inodes=2")
    os.chdir(place)
    # The new root over the old one in the same folder, and the old one away.
    kernel.syscall("pivot_root", _PIVOT_ROOT[kernel.MACHINE], b".\0", b".\0")
    kernel.detach(".")
    os.chdir("/")


def drop_privileges() -> bool:
    """Give up root and every capability, for ever, as far as there are any.

    Returns:
        Whether nothing is left.
    """
    if os.geteuid() == 0:
        for capability in range(64):
            with contextlib.suppress(OSError):  # beyond the last that the kernel knows
                kernel.prctl(kernel.PR_CAPBSET_DROP, capability)
        with contextlib.suppress(OSError):
            os.setgroups([])
        with contextlib.suppress(OSError):
            os.setresgid(NOBODY, NOBODY, NOBODY)
        with contextlib.suppress(OSError):
            os.setresuid(NOBODY, NOBODY, NOBODY)
    with contextlib.suppress(OSError):
        kernel.prctl(kernel.PR_CAP_AMBIENT, kernel.PR_CAP_AMBIENT_CLEAR_ALL)
    header = _CAPABILITY_VERSION_3.to_bytes(4, "little") + bytes(4)
    try:
        kernel.syscall("capset", _CAPSET[kernel.MACHINE], header, bytes(24))
    except OSError:
        return False
    return os.geteuid() != 0
