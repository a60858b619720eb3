"""A child without a lock, for one's own files where there is no sandbox.

    python -I -m assay.grading.sandbox.plain_child FILE THREADS

Standard input brings the job, `length u32 · JSON`, and after READY the inputs as
they lie in the job's layout; standard output takes the frames.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from assay.grading.engine import open_pool
from assay.grading.sandbox import frames
from assay.grading.sandbox.answer import answer
from assay.grading.sandbox.frames import Kind
from assay.grading.sandbox.job import Job
from assay.grading.sandbox.plain import LENGTH
from assay.items.variant import Array


def main() -> None:
    """Do one job."""
    source = sys.stdin.buffer
    # A library that prints must not disturb the frames.
    target = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    (length,) = LENGTH.unpack(source.read(LENGTH.size))
    job = Job.load(source.read(length))

    def say(kind: Kind, payload: bytes | memoryview) -> None:
        target.write(frames.header(kind, len(payload)))
        target.write(payload)
        target.flush()

    def inputs() -> Mapping[str, Array]:
        data = source.read(job.layout.size)
        if len(data) < job.layout.size:
            raise SystemExit  # the grader is gone
        return job.layout.views(memoryview(data))

    data = Path(sys.argv[1]).read_bytes()
    threads = int(sys.argv[2])
    workers = open_pool(threads) if threads > 1 else None
    answer(job, data, say=say, inputs=inputs, workers=workers, attempts={})
    target.close()


if __name__ == "__main__":
    main()
