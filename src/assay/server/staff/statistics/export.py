"""The figures as CSV: for each its value, standard error, 95 % interval and number of values."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from assay.server.staff.statistics.formulas import Estimate
from assay.server.staff.statistics.report import ExamReport, ItemReport

_ITEM = (
    "full", "average", "discrimination", "tries", "refused", "minutes_to_full", "tries_to_full",
    "drop", "same_points",
)  # fmt: skip
_EXAM = ("passed", "total", "minutes", "reliability", "certain", "consistent")
_FLAGS = ("hard", "easy", "weak", "probed")


def items_csv(found: ExamReport) -> str:
    """Return one row for each item."""
    return _csv([_item(item) for item in found.items])


def exam_csv(found: ExamReport) -> str:
    """Return one row for the exam."""
    row: dict[str, object] = {"sittings": found.sittings, "unsure": found.unsure}
    for name in _EXAM:
        row |= _figure(name, getattr(found, name))
    return _csv([row])


def _item(item: ItemReport) -> dict[str, object]:
    row: dict[str, object] = {
        "item": item.item,
        "slots": " ".join(item.slots),
        "drawn": item.drawn,
        "untried": item.untried,
    }
    row |= {f"at_{points}": count for points, count in enumerate(item.points)}
    for name in _ITEM:
        row |= _figure(name, getattr(item, name))
    return row | {name: int(getattr(item, name)) for name in _FLAGS}


def _figure(name: str, estimate: Estimate) -> dict[str, object]:
    numbers = {
        "": estimate.value,
        "_se": estimate.error,
        "_low": estimate.low,
        "_high": estimate.high,
    }
    shown = {f"{name}{end}": "" if n is None else f"{n:.6g}" for end, n in numbers.items()}
    return {**shown, f"{name}_n": estimate.n}


def _csv(rows: list[dict[str, object]]) -> str:
    file = io.StringIO()
    columns: Mapping[str, object] = rows[0] if rows else {}
    writer = csv.DictWriter(file, columns)
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()
