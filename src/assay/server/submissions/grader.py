"""What a grader process has and other processes do not: a warm runner.

The runner is started once in a process, by whoever runs the process
(`assay.server.embedded`), and used by all grading jobs in it.
"""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import assay.grading
from assay.errors import PlatformFault

if TYPE_CHECKING:
    from assay.grading.sandbox import Runner  # brings NumPy and more, which only graders need

_runners: list[Runner] = []


class NoRunner(PlatformFault):
    """A grading job has come to a process that is no grader."""

    code = "no_runner"


def set_runner(runner: Runner) -> None:
    """Give the grading jobs of this process a started runner."""
    _runners[:] = [runner]


def get_runner() -> Runner:
    """Return the process's runner.

    Raises:
        NoRunner: Nobody has set one.
    """
    if not _runners:
        raise NoRunner
    return _runners[0]


@functools.cache
def version() -> str:
    """Return what identifies the grading code: verdicts of another version are not reused.

    A digest of the sources, so that no change of the reader or of the scoring can
    be forgotten.
    """
    folder = Path(assay.grading.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.relative_to(folder).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
