"""Keep the pages about covered layers in step with the reader's table.

    python tools/layers_page.py write | check

Writes `docs/authors/layers.en.md` and `docs/authors/layers.zh-CN.md`, or fails when they are
stale. The words are in `layers_words.py` beside this file.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from assay.grading.modelfile.layers import COVERED, OPERATIONS
from assay.grading.modelfile.layers.activations import FUNCTIONS
from assay.grading.modelfile.uncovered import ALIASES, NOT_COVERED, NOT_PUBLIC
from assay.messages import Language
from layers_words import FAMILIES, NOTES, REASONS, WORDS

ROOT = Path(__file__).resolve().parent.parent


def page_of(language: Language, root: Path = ROOT) -> Path:
    """Return where the page in `language` is kept."""
    return root / "docs" / "authors" / f"layers.{language}.md"


def counts() -> tuple[int, int]:
    """Return how many of Keras 3's public layers are covered, and how many there are."""
    covered = len(COVERED.keys() - NOT_PUBLIC - ALIASES)
    return covered, covered + len(NOT_COVERED)


def page(language: Language) -> str:
    """Return the page."""
    covered, every = counts()
    share = round(100 * covered / every)
    parts = [
        f"# {WORDS['title'][language]}",
        "<!-- Written by tools/layers_page.py from the reader's table. Do not edit. -->",
        WORDS["other"][language],
        WORDS["intro"][language].format(covered=covered, all=every, share=share),
        WORDS["files"][language],
    ]
    for family, title in FAMILIES.items():
        parts += [f"## {title[language]}", _family(family, language)]
    parts += [f"## {WORDS['functions'][language]}", _list(FUNCTIONS)]
    parts += [
        f"## {WORDS['operations'][language]}",
        WORDS["operations_intro"][language],
        _list(OPERATIONS),
    ]
    parts += [f"## {WORDS['not_covered'][language]}", WORDS["second_path"][language]]
    parts.append(_not_covered(language))
    return "\n\n".join(parts) + "\n"


def _family(family: str, language: Language) -> str:
    kinds = [c for c in COVERED.values() if c.family == family and c.kind not in ALIASES]
    plain = [coverage.kind for coverage in kinds if not coverage.note]
    parts = [_list(plain)] if plain else []
    noted = sorted((coverage.kind, coverage.note) for coverage in kinds if coverage.note)
    if noted:
        rows = [
            (f"`{kind}`", NOTES[note] if language is Language.CHINESE else note)
            for kind, note in noted
        ]
        parts.append(_table([WORDS["layer"][language], WORDS["but"][language]], rows))
    return "\n\n".join(parts)


def _not_covered(language: Language) -> str:
    rows = [
        (f"`{kind}`", REASONS[reason] if language is Language.CHINESE else reason)
        for kind, reason in sorted(NOT_COVERED.items())
    ]
    return _table([WORDS["layer"][language], WORDS["reason"][language]], rows)


def _list(names: Iterable[str]) -> str:
    return " · ".join(f"`{name}`" for name in sorted(names))


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def stale() -> list[Path]:
    """Return the pages that are not what the table says."""
    return [
        path
        for language in Language
        if not (path := page_of(language)).is_file()
        or path.read_text(encoding="utf-8") != page(language)
    ]


def main(words: Sequence[str]) -> int:
    """Run the tool; return its exit code."""
    if list(words) == ["write"]:
        for language in Language:
            page_of(language).write_text(page(language), encoding="utf-8")
        return 0
    if list(words) == ["check"]:
        for path in stale():
            print(f"{path.relative_to(ROOT)} is stale; type: python tools/layers_page.py write")
        return 1 if stale() else 0
    print(__doc__)
    return 2


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
