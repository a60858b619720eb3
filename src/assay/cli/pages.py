"""Help pages: in the reader's language, wrapped by the width of what is seen.

Typer's own pages would take a tenth of a second more to load, and break Chinese
lines at twice the width of the terminal.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

import typer

from assay.cli import speech
from assay.messages import N_, translate

_BaseFormatter: Any = typer.Context.formatter_class
_USAGE = N_("Usage: ")
_SHOW_HELP = N_("Show this message and exit.")
_COLUMN_MAX = 28  # cells of the first column; longer entries get a line of their own
_GAP = 2  # cells between the columns
# One ideograph with the closing punctuation behind it, or a run of anything else, or spaces.
_TOKEN = re.compile(
    r"[\u2e80-\u9fff\uff00-\uffef\u3000-\u303f][，。、；：？！）》”…]*|[^\s\u2e80-\u9fff\uff00-\uffef]+|\s+"
)


def width_of(text: str) -> int:
    """Return the cells that `text` takes in a terminal; an ideograph takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def wrap(text: str, width: int) -> list[str]:
    """Return `text` as lines of at most `width` cells; empty lines part paragraphs."""
    lines: list[str] = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        if lines:
            lines.append("")
        line = ""
        for token in _TOKEN.findall(" ".join(paragraph.split())):
            if line and width_of(line + token.rstrip()) > width:
                lines.append(line.rstrip())
                line = ""
            line += token if line else token.lstrip()
        lines.append(line.rstrip())
    return lines


def without_type(entry: str) -> str:
    """Return an argument's entry without its Python type, which says nothing to most readers."""
    return entry if entry.startswith("-") else re.sub(r" <[^<>]*>$", "", entry)


class Page(_BaseFormatter):  # type: ignore[misc]
    """Writes one help page."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the line that shows how a command is typed."""
        super().write_usage(prog, args, prefix or translate(_USAGE, speech.current()))

    def write_text(self, text: str) -> None:
        """Write paragraphs."""
        indent = " " * self.current_indent
        for line in wrap(text, self.width - self.current_indent):
            self.write(f"{indent}{line}\n" if line else "\n")

    def write_dl(
        self, rows: Sequence[tuple[str, str]], col_max: int = _COLUMN_MAX, col_spacing: int = _GAP
    ) -> None:
        """Write two columns: what can be typed, and what it does."""
        rows = [(without_type(first), second) for first, second in rows]
        column = min(max((width_of(first) for first, _ in rows), default=0), col_max) + col_spacing
        indent = " " * self.current_indent
        for first, second in rows:
            lines = wrap(second, self.width - self.current_indent - column) or [""]
            if width_of(first) + col_spacing <= column:
                lines[0] = first + " " * (column - width_of(first)) + lines[0]
            else:
                self.write(f"{indent}{first}\n")
                lines[0] = " " * column + lines[0]
            self.write(f"{indent}{lines[0].rstrip()}\n")
            for line in lines[1:]:
                self.write(f"{indent}{' ' * column}{line}\n")


class PageContext(typer.Context):
    """The context of a command whose help is a `Page`."""

    formatter_class = Page

    def __init__(self, *positional: Any, **named: Any) -> None:
        """Open the context; Typer's own option `--help` learns the reader's language here."""
        super().__init__(*positional, **named)
        own: Any = self.command.get_help_option(self)
        if own is not None:
            own.help = translate(_SHOW_HELP, speech.current())
