"""Run every benchmark, one after another: `make bench`.

Each prints a table and writes JSON under `bench/results/`. Figures are only
comparable within one run on one machine; ratios travel better than times.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
BENCHMARKS = ["latency.py", "grading.py", "load.py"]


def main() -> int:
    """Run the benchmarks; return 1 if one failed."""
    failed = 0
    for name in BENCHMARKS:
        print(f"== {name} ==", flush=True)
        failed |= subprocess.run([sys.executable, str(HERE / name)], check=False).returncode
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
