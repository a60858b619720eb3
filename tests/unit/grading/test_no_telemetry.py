"""Nothing that loads ONNX Runtime reports to anybody."""

from __future__ import annotations

import subprocess
import sys


def test_loading_the_engine_starts_no_thread(tmp_path):
    program = (
        "import os\n"
        "from assay.grading import engine\n"
        "print(len(os.listdir('/proc/self/task')), os.environ['ORT_DISABLE_TELEMETRY'])\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"HOME": str(tmp_path), "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "1 1\n"
    assert list(tmp_path.iterdir()) == []
