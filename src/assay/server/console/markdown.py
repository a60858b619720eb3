"""Task descriptions as HTML.

The authors of private banks are trusted with code, yet a page of an exam must not
carry whatever they paste: HTML in the text is shown as text, pictures are left out,
and links lead only to the web or to mail.

CommonMark decides by spaces whether `**` opens or closes emphasis, and Chinese has
none: `**重要。**下文` would stay as it is. Beside Chinese characters a mark opens
and closes wherever its other side allows.
"""

from __future__ import annotations

from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter
from markdown_it.token import Token

_SCHEMES = ("http://", "https://", "mailto:")
_SHIFT = 1  # the page has the one first heading
_DEEPEST = 6


class _Parser(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's name
        """Allow links to the web and to mail only."""
        return url.lower().startswith(_SCHEMES)


def _is_chinese(character: str) -> bool:
    return "\u3000" <= character <= "\u9fff" or "\uff00" <= character <= "\uffef"


def _emphasis(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - the library's signature
    """Read a run of `*` or `_`, as the library's own rule does, and beside Chinese more freely."""
    marker = state.src[state.pos]
    if silent or marker not in "*_":
        return False
    run = state.scanDelims(state.pos, marker == "*")
    before = state.src[state.pos - 1 : state.pos]
    after = state.src[state.pos + run.length : state.pos + run.length + 1]
    opens, closes = run.can_open, run.can_close
    if marker == "*" and any(_is_chinese(character) for character in (before, after) if character):
        opens = opens or not (after == "" or after.isspace())
        closes = closes or not (before == "" or before.isspace())
    for _ in range(run.length):
        token = state.push("text", "", 0)
        token.content = marker
        state.delimiters.append(
            Delimiter(
                marker=ord(marker),
                length=run.length,
                token=len(state.tokens) - 1,
                end=-1,
                open=opens,
                close=closes,
            )
        )
    state.pos += run.length
    return True


_parser = _Parser("commonmark", {"html": False}).enable("table").disable("image")
_parser.inline.ruler.at("emphasis", _emphasis)


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
