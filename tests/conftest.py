"""What all tests share: how a test says what it needs from the system."""

from __future__ import annotations

import os
import shutil

import pytest


def require_program(*names: str) -> str:
    """Return the path of the first of `names` that is installed.

    Skips the test with a reason otherwise; on a machine that promises to be
    complete (`ASSAY_COMPLETE=1`), it fails instead.
    """
    for name in names:
        path = shutil.which(name)
        if path:
            return path
    reason = f"needs the system package {' or '.join(names)}"
    if os.environ.get("ASSAY_COMPLETE") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
