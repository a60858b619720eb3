"""The same attacks and the same tests of the runner, as an ordinary user."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_everything_holds_without_being_root():
    if os.geteuid() != 0:
        pytest.skip("the other tests run as an ordinary user already")
    command = [sys.executable, HERE / "as_ordinary_user.py", "-m", "pytest"]
    options = ["-q", "-p", "no:cacheprovider", "--deselect", str(Path(__file__).relative_to(ROOT))]
    tests = [HERE, ROOT / "tests/unit/grading/sandbox"]

    done = subprocess.run(
        [*command, *options, *tests], cwd=ROOT, capture_output=True, text=True, check=False
    )

    summary = done.stdout.splitlines()[-1]
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert int(re.search(r"(\d+) passed", summary)[1]) > 500
    assert "skipped" not in summary
