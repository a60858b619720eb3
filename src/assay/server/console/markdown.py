"""Task descriptions as HTML.

The authors of private banks are trusted with code, yet a page of an exam must not
carry whatever they paste: HTML in the text is shown as text, pictures are left out,
and links lead only to the web or to mail.
"""

from __future__ import annotations

from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

_SCHEMES = ("http://", "https://", "mailto:")
_SHIFT = 1  # the page has the one first heading
_DEEPEST = 6


class _Parser(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's name
        """Allow links to the web and to mail only."""
        return url.lower().startswith(_SCHEMES)


_parser = _Parser("commonmark", {"html": False}).enable("table").disable("image")


def to_html(text: str, *, skip_title: bool = False) -> str:
    """Return Markdown as HTML that is safe on a page.

    Args:
        text: CommonMark with tables.
        skip_title: Leave out a first heading; the page shows the title itself.
    """
    tokens = _parser.parse(text)
    if skip_title and tokens and tokens[0].type == "heading_open":
        tokens = tokens[3:]  # its opening, its words, its end
    _adapt(tokens)
    html: str = _parser.renderer.render(tokens, _parser.options, {})
    return html


def _adapt(tokens: Sequence[Token]) -> None:
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1]) + _SHIFT, _DEEPEST)}"
        for child in token.children or ():
            if child.type == "link_open":
                child.attrSet("rel", "noopener noreferrer")
                child.attrSet("target", "_blank")
        # A style attribute would be inline style, which the page's policy forbids.
        if token.type in {"th_open", "td_open"} and "right" in str(token.attrGet("style")):
            token.attrs = {"class": "number"}
        elif token.type in {"th_open", "td_open"}:
            token.attrs = {}
