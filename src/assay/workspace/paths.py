"""Paths as people typed them."""

from __future__ import annotations

import os
from pathlib import Path


def tidy(path: Path) -> Path:
    """Return `path` absolute and without `..`, its links kept: people know it by that name."""
    return Path(os.path.abspath(path))  # noqa: PTH100 - `resolve` would follow the links
