"""Run every check that is not a test and say which failed: `make check`."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent

CHECKS: dict[str, list[str]] = {
    "lint": [f"{BIN}/ruff", "check", "--quiet", "."],
    "format": [f"{BIN}/ruff", "format", "--check", "--quiet", "."],
    "types": [f"{BIN}/mypy", "--no-error-summary"],
    "import rules": [f"{BIN}/lint-imports", "--no-cache"],
    "translations": [sys.executable, "tools/messages.py", "check"],
    "page of the bank": [sys.executable, "tools/bank_page.py", "check"],
    "manual": [sys.executable, "tools/cli_page.py", "check"],
    "migrations": [sys.executable, "tools/migrations.py"],
    "item bank": [f"{BIN}/assay", "bank", "check", "--evidence"],
    "lock file": ["uv", "lock", "--check", "--quiet"],
}


def main() -> int:
    """Run the checks one after another; return 1 if any failed."""
    failed = []
    for name, command in CHECKS.items():
        program = BIN.parent.parent / ".uv/bin/uv" if command[0] == "uv" else Path(command[0])
        if command[0] == "uv" and not program.exists():
            print(f"skip  {name}: uv is not set up here", flush=True)
            continue
        begun = time.monotonic()
        run = subprocess.run(
            [str(program), *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False
        )
        took = time.monotonic() - begun
        print(f"{'ok  ' if run.returncode == 0 else 'FAIL'}  {name} ({took:.1f} s)", flush=True)
        if run.returncode:
            failed.append(name)
            print(run.stdout + run.stderr, flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
