"""Landlock: no file, no TCP port, no signal and no abstract socket outside.

A second wall behind seccomp, where the kernel has it (Linux 5.13 and later).

Reference: `landlock(7)`.
"""

from __future__ import annotations

import errno
import os
import struct
from typing import Final

from assay.grading.sandbox import kernel

_CREATE_RULESET: Final = 444
_RESTRICT_SELF: Final = 446
_VERSION: Final = 1  # flag: return the newest ABI that the kernel knows

# How many rights on files each ABI knows; all of them are denied.
_FILE_RIGHTS: Final = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_TCP: Final = 0b11  # bind, connect: from ABI 4
_SCOPES: Final = 0b11  # abstract Unix sockets, signals: from ABI 6


def abi() -> int:
    """Return the newest ABI of the kernel's Landlock; 0 where there is none."""
    try:
        return kernel.syscall("landlock_create_ruleset", _CREATE_RULESET, None, 0, _VERSION)
    except OSError:
        return 0


def restrict() -> int:
    """Deny this thread, and the threads it starts, everything that Landlock governs.

    `no_new_privs` must be set before.

    Returns:
        The ABI whose rights are denied; 0 where the kernel has no Landlock.

    Raises:
        OSError: The kernel has Landlock and yet says no.
    """
    newest = abi()
    if newest < 1:
        return 0
    attributes = struct.pack("<Q", (1 << _FILE_RIGHTS[min(newest, 5)]) - 1)
    if newest >= 4:  # noqa: PLR2004 - see _TCP
        attributes += struct.pack("<Q", _TCP)
    scoped = attributes
    if newest >= 6:  # noqa: PLR2004 - see _SCOPES
        scoped += struct.pack("<Q", _SCOPES)
    try:
        ruleset = kernel.syscall("landlock_create_ruleset", _CREATE_RULESET, scoped, len(scoped), 0)
    except OSError as error:
        # Some distributions' kernels announce ABI 6 and do not know the scopes.
        if error.errno not in {errno.E2BIG, errno.EINVAL}:
            raise
        ruleset = kernel.syscall(
            "landlock_create_ruleset", _CREATE_RULESET, attributes, len(attributes), 0
        )
    try:
        kernel.syscall("landlock_restrict_self", _RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)
    return newest
