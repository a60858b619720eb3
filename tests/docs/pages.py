"""Markdown pages of the repository, and what is in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CHINESE = ".zh-CN.md"


@dataclass(frozen=True)
class Page:
    """One Markdown file."""

    path: Path

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    def outline(self) -> list[str]:
        """Return the page's skeleton: levels of headings, sizes of tables, kinds of blocks."""
        found = []
        for block in re.split(r"\n{2,}", self._prose()):
            first = block.splitlines()[0] if block.strip() else ""
            if heading := re.match(r"(#+) ", first):
                found.append(heading[1])
            elif first.startswith("|"):
                rows = block.splitlines()
                found.append(f"table {len(rows)} x {first.count('|') - 1}")
        return [*found, *(f"block of {len(block)} lines" for _, block in self.blocks())]

    def headings(self) -> list[str]:
        """Return the texts of the headings."""
        return [
            line.lstrip("#").strip()
            for line in self._prose().splitlines()
            if re.match(r"#+ ", line)
        ]

    def blocks(self) -> list[tuple[str, list[str]]]:
        """Return the fenced blocks: their language and their lines."""
        found = re.findall(r"^```(\w*)\n(.*?)^```$", self.text, re.MULTILINE | re.DOTALL)
        return [(language, content.splitlines()) for language, content in found]

    def console(self) -> Iterator[str]:
        """Yield what is typed in the console blocks."""
        for language, lines in self.blocks():
            if language == "console":
                yield from (line.removeprefix("$ ") for line in lines if line.startswith("$ "))

    def inline(self) -> list[str]:
        """Return the pieces of inline code."""
        return re.findall(r"`([^`\n]+)`", self._prose())

    def links(self) -> list[str]:
        """Return where links and pictures lead to."""
        return re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", self._prose()))

    def anchors(self) -> set[str]:
        """Return what `#…` can name in this page."""
        return {
            re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
            for heading in self.headings()
        }

    def first_column(self) -> list[str]:
        """Return the pieces of code that stand in the first columns of the tables."""
        cells = [
            line.strip("|").split("|")[0]
            for line in self._prose().splitlines()
            if line.startswith("|")
        ]
        return [code for cell in cells for code in re.findall(r"`([^`]+)`", cell)]

    def _prose(self) -> str:
        return re.sub(r"^```.*?^```$", "", self.text, flags=re.MULTILINE | re.DOTALL)


def all_pages() -> list[Page]:
    """Return all pages, in order."""
    paths = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "bank").rglob("*.md")]
    return [Page(path) for path in sorted(paths)]


def in_two_languages() -> list[tuple[Page, Page]]:
    """Return the pages that are there in English and in Chinese, as pairs."""
    return [
        (Page(english_of(page.path)), page)
        for page in all_pages()
        if page.path.name.endswith(CHINESE)
    ]


def english_of(chinese: Path) -> Path:
    """Return the English page of a Chinese one: `x.en.md` or `x.md`."""
    stem = chinese.name.removesuffix(CHINESE)
    named = chinese.with_name(f"{stem}.en.md")
    return named if named.is_file() else chinese.with_name(f"{stem}.md")


def name_of(page: Page) -> str:
    """Return what the page is called in the repository."""
    return str(page.path.relative_to(ROOT))
