"""The plots, as SVG that takes its colours from the page and has no style of its own."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from assay.server.staff.statistics.report import ItemReport

_BINS = 20  # of totals, 5 per cent each
_WIDTH, _HEIGHT = 640, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 26, 16, 34


def _x(share: float) -> float:
    return round(_LEFT + share * (_WIDTH - _LEFT - _RIGHT), 1)


def _y(share: float) -> float:
    return round(_HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM), 1)


def _frame(title: str, body: SafeString) -> SafeString:
    return format_html(
        '<svg class="plot" role="img" viewBox="0 0 {} {}" width="{}" height="{}" font-size="12"'
        ' fill="currentColor" stroke="none"><title>{}</title>{}</svg>',
        _WIDTH,
        _HEIGHT,
        _WIDTH,
        _HEIGHT,
        title,
        body,
    )


def _text(x: float, y: float, text: str, anchor: str = "middle") -> SafeString:
    return format_html('<text x="{}" y="{}" text-anchor="{}">{}</text>', x, y, anchor, text)


def _line(x1: float, y1: float, x2: float, y2: float, *, dashed: bool = False) -> SafeString:
    return format_html(
        '<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="currentColor" stroke-width="1"'
        ' stroke-dasharray="{}"/>',
        x1,
        y1,
        x2,
        y2,
        "5 4" if dashed else "none",
    )


def _join(parts: Sequence[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((part,) for part in parts))


def totals(values: Sequence[float], pass_mark: float | None, title: str) -> SafeString:
    """Return a histogram of weighted totals, with the pass mark as a dashed line.

    Args:
        values: Per cent.
        pass_mark: Per cent.
        title: What is shown, for who does not see it.
    """
    counts = [0] * _BINS
    for value in values:
        counts[min(int(value * _BINS / 100), _BINS - 1)] += 1
    most = max([*counts, 1])
    parts = [
        format_html(
            '<rect x="{}" y="{}" width="{}" height="{}" fill-opacity="0.55"/>',
            _x(i / _BINS) + 1,
            _y(count / most),
            round(_x(1 / _BINS) - _x(0) - 2, 1),
            round(_y(0) - _y(count / most), 1),
        )
        for i, count in enumerate(counts)
        if count
    ]
    parts.append(_line(_x(0), _y(0), _x(1), _y(0)))
    parts += [_text(_x(t / 100), _HEIGHT - 16, f"{t} %") for t in (0, 20, 40, 60, 80, 100)]
    parts += [_text(_LEFT - 6, _y(1) + 4, str(most), "end"), _text(_LEFT - 6, _y(0), "0", "end")]
    if pass_mark is not None:
        parts.append(_line(_x(pass_mark / 100), _y(0), _x(pass_mark / 100), _TOP, dashed=True))
    return _frame(title, _join(parts))


def points(counts: Sequence[int], title: str) -> SafeString:
    """Return bars of how many sittings reached 0 to 5 points; small, for a table.

    Args:
        counts: Six numbers of sittings.
        title: The same in words.
    """
    most = max([*counts, 1])
    bars = [
        format_html(
            '<rect x="{}" y="{}" width="14" height="{}" fill-opacity="0.6"/>',
            i * 17,
            round(30 - 28 * count / most, 1),
            round(28 * count / most, 1),
        )
        for i, count in enumerate(counts)
    ]
    base = mark_safe('<rect x="0" y="30" width="99" height="1"/>')
    return format_html(
        '<svg class="plot" role="img" viewBox="0 0 99 31" width="99" height="31"'
        ' fill="currentColor"><title>{}</title>{}{}</svg>',
        title,
        _join(bars),
        base,
    )


def difficulty(items: Sequence[ItemReport], title: str, across: str, up: str) -> SafeString:
    """Return items by share at 5/5 and by discrimination, with a standard error each way.

    Args:
        items: Those with both figures are shown.
        title: What is shown, for who does not see it.
        across: The name of the horizontal axis.
        up: The name of the vertical axis.
    """
    parts = [
        _line(_x(0), _y(0), _x(1), _y(0)),
        _line(_x(0), _y(0), _x(0), _y(1)),
        _line(_x(0), _up(0.0), _x(1), _up(0.0), dashed=True),
        _text(_x(1), _HEIGHT - 2, across, "end"),
        _text(_x(0) + 6, _TOP - 2, up, "start"),
    ]
    parts += [_text(_x(t / 100), _HEIGHT - 16, f"{t} %") for t in (0, 20, 40, 60, 80, 100)]
    parts += [_text(_LEFT - 6, _up(r) + 4, f"{r:g}", "end") for r in (-0.5, 0, 0.5, 1)]
    for number, item in enumerate(items, 1):
        p, r = item.full, item.discrimination
        if p.value is None or r.value is None or p.error is None or r.error is None:
            continue
        x, y = _x(p.value), _up(r.value)
        parts += [
            _line(_x(max(p.value - p.error, 0)), y, _x(min(p.value + p.error, 1)), y),
            _line(x, _up(r.value - r.error), x, _up(min(r.value + r.error, 1))),
            format_html('<circle cx="{}" cy="{}" r="4"/>', x, y),
            _text(x + 8, y - 6, str(number), "start"),
        ]
    return _frame(title, _join(parts))


def _up(r: float) -> float:
    """Return where a correlation lies; the axis reaches from −0.5 to 1."""
    return _y((max(r, -0.5) + 0.5) / 1.5)
