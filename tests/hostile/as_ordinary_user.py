"""Runs Python as an ordinary user, from a root that may hide its interpreter.

    python as_ordinary_user.py ARGUMENTS...

Where the interpreter lies in a folder that only root may enter (`/root`), the
process sees that folder replaced by an empty one with nothing but the
interpreter in it; outside of the process nothing changes.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from assay.grading.sandbox import kernel

USER = 12345  # nobody in particular
PRIVATE, BIND, MOVE = 0x4000 | 0x40000, 4096, 8192
NEW_MOUNTS = 0x20000


def closed_ancestor(path: Path) -> Path | None:
    """Return the topmost folder above `path` that others may not enter."""
    for folder in reversed(path.parents):
        if not folder.stat().st_mode & 0o001:
            return folder
    return None


def show(needed: list[Path]) -> None:
    """Make the `needed` folders reachable for everybody, in this process only."""
    hidden = {path: closed_ancestor(path) for path in needed}
    hidden = {path: closed for path, closed in hidden.items() if closed is not None}
    if not hidden:
        return
    kernel.unshare(NEW_MOUNTS)
    kernel.mount(None, "/", None, PRIVATE, None)
    aside = {path: tempfile.mkdtemp() for path in hidden}
    for path, place in aside.items():
        kernel.mount(str(path), place, None, BIND, None)
    for closed in set(hidden.values()):
        kernel.mount("none", str(closed), "tmpfs", 0, "mode=755")
    for path, place in aside.items():
        path.mkdir(parents=True)
        kernel.mount(place, str(path), None, MOVE, None)
        Path(place).rmdir()


def main() -> None:
    """Become an ordinary user, and Python again."""
    show([Path(sys.base_prefix).resolve()])
    os.setgroups([])
    os.setresgid(USER, USER, USER)
    os.setresuid(USER, USER, USER)
    home = tempfile.mkdtemp()
    os.environ |= {
        "HOME": home,
        "TMPDIR": home,
        "HYPOTHESIS_STORAGE_DIRECTORY": home,
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    os.execv(sys.executable, [sys.executable, *sys.argv[1:]])


if __name__ == "__main__":
    main()
