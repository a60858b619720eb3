"""`.assay/announcements.json`: which announcements of the staff were read in an exam folder.

What is lost with the file is shown once more; so nothing here ever fails.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable
from pathlib import Path

from assay.workspace.atomic import write_atomically
from assay.workspace.folder import STATE, Workspace


def seen(workspace: Workspace) -> frozenset[str]:
    """Return the ids of those that were shown in this folder before."""
    try:
        return frozenset(map(str, json.loads(_file(workspace).read_text(encoding="utf-8"))["seen"]))
    except (OSError, ValueError, KeyError, TypeError):
        return frozenset()


def note(workspace: Workspace, ids: Iterable[str]) -> None:
    """Remember that these were shown as well."""
    before = seen(workspace)
    after = before.union(ids)
    if after != before:
        record = json.dumps({"seen": sorted(after)}, indent=2) + "\n"
        with contextlib.suppress(OSError):
            write_atomically(_file(workspace), record.encode())


def _file(workspace: Workspace) -> Path:
    return workspace.root / STATE / "announcements.json"
