"""The few calls to the Linux kernel that Python does not offer, by `ctypes`."""

from __future__ import annotations

import ctypes
import os
import platform
from typing import Final

MACHINE: Final = platform.machine()

PR_SET_PDEATHSIG: Final = 1
PR_SET_DUMPABLE: Final = 4
PR_CAPBSET_DROP: Final = 24
PR_SET_NO_NEW_PRIVS: Final = 38
PR_CAP_AMBIENT: Final = 47
PR_CAP_AMBIENT_CLEAR_ALL: Final = 4

_PROT_READ = 1
_MAP_SHARED = 1
_MAP_POPULATE = 0x8000  # all pages at once, instead of one fault for each few
_MAP_FAILED = ctypes.c_void_p(-1).value

_libc = ctypes.CDLL(None, use_errno=True)
_libc.mmap.restype = ctypes.c_void_p
_libc.mmap.argtypes = [
    ctypes.c_void_p,
    ctypes.c_size_t,
    ctypes.c_int,
    ctypes.c_int,
    ctypes.c_int,
    ctypes.c_long,
]


def syscall(what: str, number: int, *args: int | bytes | ctypes.Array[ctypes.c_char] | None) -> int:
    """Make the system call `number`.

    Args:
        what: Its name, for the error.
        number: Its number on this machine.
        args: Integers are passed as 64 bits wide.

    Returns:
        What the kernel returns.

    Raises:
        OSError: The kernel says no.
    """
    wide = [ctypes.c_long(a) if isinstance(a, int) else a for a in args]
    result = int(_libc.syscall(ctypes.c_long(number), *wide))
    if result < 0:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")
    return result


def map_to_read(descriptor: int, size: int) -> memoryview:
    """Map a file of `size` bytes into this process, to be read; for good.

    Unlike `mmap.mmap` it makes no other call, so that it works behind the lock.

    Raises:
        OSError: The kernel says no.
    """
    address = _libc.mmap(None, size, _PROT_READ, _MAP_SHARED | _MAP_POPULATE, descriptor, 0)
    if address == _MAP_FAILED:
        raise OSError(ctypes.get_errno(), f"mmap: {os.strerror(ctypes.get_errno())}")
    return memoryview((ctypes.c_ubyte * size).from_address(address))


def prctl(option: int, *args: int) -> None:
    """Change an attribute of this process or thread.

    Raises:
        OSError: The kernel says no.
    """
    wide = [ctypes.c_ulong(a) for a in (*args, 0, 0, 0, 0)[:4]]
    if _libc.prctl(ctypes.c_int(option), *wide) < 0:
        raise OSError(ctypes.get_errno(), f"prctl {option}: {os.strerror(ctypes.get_errno())}")


def unshare(flags: int) -> None:
    """Leave the namespaces that `flags` names.

    Raises:
        OSError: The kernel says no.
    """
    if _libc.unshare(ctypes.c_int(flags)) < 0:
        raise OSError(ctypes.get_errno(), f"unshare: {os.strerror(ctypes.get_errno())}")


def mount(source: str | None, target: str, kind: str | None, flags: int, data: str | None) -> None:
    """Mount a file system.

    Raises:
        OSError: The kernel says no.
    """
    texts = [None if t is None else t.encode() for t in (source, target, kind, data)]
    if _libc.mount(texts[0], texts[1], texts[2], ctypes.c_ulong(flags), texts[3]) < 0:
        raise OSError(ctypes.get_errno(), f"mount: {os.strerror(ctypes.get_errno())}")


def detach(target: str) -> None:
    """Unmount `target` lazily, with everything below it.

    Raises:
        OSError: The kernel says no.
    """
    detached = 2  # MNT_DETACH
    if _libc.umount2(target.encode(), ctypes.c_int(detached)) < 0:
        raise OSError(ctypes.get_errno(), f"umount2: {os.strerror(ctypes.get_errno())}")
