"""Keep the manual of the command line in step with its commands.

    python tools/cli_page.py write | check

Writes `docs/cli.en.md` and `docs/cli.zh-CN.md`, or fails when they are stale.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from assay.cli.manual import manual
from assay.messages import Language

ROOT = Path(__file__).resolve().parent.parent


def page_of(language: Language, root: Path = ROOT) -> Path:
    """Return where the manual in `language` is kept."""
    return root / "docs" / f"cli.{language}.md"


def stale() -> list[Path]:
    """Return the pages that are not what the commands say."""
    return [
        path
        for language in Language
        if not (path := page_of(language)).is_file()
        or path.read_text(encoding="utf-8") != manual(language)
    ]


def main(words: Sequence[str]) -> int:
    """Run the tool; return its exit code."""
    if list(words) == ["write"]:
        for language in Language:
            page_of(language).write_text(manual(language), encoding="utf-8")
        return 0
    if list(words) == ["check"]:
        for path in stale():
            print(f"{path.relative_to(ROOT)} is stale; type: python tools/cli_page.py write")
        return 1 if stale() else 0
    print(__doc__)
    return 2


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
