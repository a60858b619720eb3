"""The picture of an item's evidence, `calibration.png`."""

from __future__ import annotations

import io
from typing import Any

from assay.items.calibration.evidence import Evidence
from assay.items.ladder import ladder
from assay.items.loader import Item
from assay.items.spec import HIGHER_IS_BETTER, MetricYaml
from assay.wire import TOP_POINTS

_INCHES_PER_ROW = 0.36
_DPI = 100
_DARK = 2  # points: on colours up to here, figures are white


def draw_picture(item: Item, evidence: Evidence) -> bytes:
    """Return the picture as PNG: points of each recipe over the seeds, and the values.

    Points are figures on a scale from dark to light that does not need colours to be told
    apart (cividis); hidden and sealed values are full and hollow dots.

    Args:
        item: The item.
        evidence: Its runs, at least one.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - slow to import
    from matplotlib.figure import Figure  # noqa: PLC0415

    names = [recipe.name for recipe in ladder(item)]
    seeds = sorted({run.seed for run in evidence.runs})
    figure = Figure(figsize=(10, 1.3 + _INCHES_PER_ROW * len(names)), dpi=_DPI)
    FigureCanvasAgg(figure)
    points, values = figure.subplots(1, 2, sharey=True, width_ratios=(1, 1))
    _draw_points(points, evidence, names, seeds)
    _draw_values(values, item, evidence, names)
    points.set_yticks(range(len(names)), names, fontsize=9)
    points.set_ylim(-0.5, len(names) - 0.5)
    figure.suptitle(item.key, fontsize=11, x=0.01, ha="left")
    figure.tight_layout()
    content = io.BytesIO()
    figure.savefig(content, format="png", metadata={"Software": None})
    return content.getvalue()


def _draw_points(axes: Any, evidence: Evidence, names: list[str], seeds: list[int]) -> None:
    from matplotlib import colormaps  # noqa: PLC0415
    from matplotlib.patches import Rectangle  # noqa: PLC0415

    colours = colormaps["cividis"]
    for run in evidence.runs:
        x, y, mark = seeds.index(run.seed), names.index(run.recipe), run.hidden.points
        axes.add_patch(
            Rectangle((x - 0.48, y - 0.46), 0.96, 0.92, color=colours(mark / TOP_POINTS))
        )
        ink = "white" if mark <= _DARK else "black"
        axes.text(x, y, str(mark), ha="center", va="center", color=ink, fontsize=9)
    axes.set_xlim(-0.5, len(seeds) - 0.5)
    every = max(1, len(seeds) // 12)
    axes.set_xticks(range(0, len(seeds), every), [str(seed) for seed in seeds[::every]], fontsize=8)
    axes.set_title("points by seed", fontsize=9)
    axes.spines[["top", "right", "bottom", "left"]].set_visible(False)
    axes.tick_params(length=0)


def _range(metric: MetricYaml, evidence: Evidence) -> tuple[float, float]:
    """Return what is shown of the values: the cuts, all that is better, and some that is worse."""
    values = [mark.value for run in evidence.runs for mark in (run.hidden, run.sealed)]
    low, high = sorted((metric.cuts[0], metric.cuts[-1]))
    room = (high - low) * 0.6
    if metric.name in HIGHER_IS_BETTER:
        return min(low, max(low - room, *sorted(values)[:1])), max(high, *values)
    return min(low, *values), max(high, min(high + room, *sorted(values)[-1:]))


def _draw_values(axes: Any, item: Item, evidence: Evidence, names: list[str]) -> None:
    metric = item.spec.metric
    left, right = _range(metric, evidence)
    margin = (right - left) * 0.03
    axes.set_xlim(left - margin, right + margin)
    for number, cut in enumerate(metric.cuts, start=1):
        axes.axvline(cut, color="0.75", linewidth=1, zorder=0)
        axes.annotate(
            str(number), (cut, 1.0), xycoords=("data", "axes fraction"), fontsize=7,
            ha="center", va="bottom", color="0.35",
        )  # fmt: skip
    for run in evidence.runs:
        y = names.index(run.recipe)
        for mark, place, face in ((run.hidden, 0.14, "black"), (run.sealed, -0.14, "none")):
            x = min(max(mark.value, left), right)
            outside = x != mark.value
            axes.plot(
                x, y + place, marker="<" if outside and x == left else ">" if outside else "o",
                markersize=4, markerfacecolor=face, markeredgecolor="black", markeredgewidth=0.7,
            )  # fmt: skip
    axes.set_xlabel(f"{metric.name}: ● hidden  ○ sealed  │ cuts for 1 to 5 points", fontsize=8)
    axes.tick_params(axis="x", labelsize=8)
    axes.tick_params(axis="y", length=0)
    axes.spines[["top", "right", "left"]].set_visible(False)
