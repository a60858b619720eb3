"""How exams and their items have done, with standard errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from assay.server.exams.display import title_of
from assay.server.exams.models import Sitting
from assay.server.staff.gate import allowed
from assay.server.staff.roles import Action

if TYPE_CHECKING:
    from assay.server.staff.statistics.report import ExamReport


@allowed(Action.READ_STATISTICS)
def exams(request: HttpRequest) -> HttpResponse:
    """Show which exams have closed sittings, and how many."""
    context = {
        "section": "staff",
        "exams": [(name, title_of(name), count) for name, count in _counts().items()],
    }
    return render(request, "staff/statistics.html", context)


@allowed(Action.READ_STATISTICS)
def exam(request: HttpRequest, exam: str) -> HttpResponse:
    """Show the figures of one exam."""
    from assay.server.staff.statistics import plots  # noqa: PLC0415 - brings NumPy
    from assay.server.staff.statistics.formulas import FEWEST, FEWEST_PAIRS  # noqa: PLC0415

    found = _report(exam)
    context = {
        "section": "staff",
        "exam": exam,
        "title": title_of(exam),
        "report": found,
        "fewest": FEWEST,
        "fewest_pairs": FEWEST_PAIRS,
        "totals_plot": plots.totals(
            found.totals, found.pass_mark, gettext("Histogram of the weighted totals")
        ),
        "items_plot": plots.difficulty(
            found.items,
            gettext("Items by difficulty and discrimination"),
            gettext("share at 5/5"),
            gettext("discrimination"),
        ),
        "items": [
            (item, plots.points(item.points, _in_words(item.points))) for item in found.items
        ],
    }
    return render(request, "staff/exam_statistics.html", context)


@allowed(Action.READ_STATISTICS)
def items_csv(request: HttpRequest, exam: str) -> HttpResponse:  # noqa: ARG001 - a view
    """Answer with the figures of an exam's items."""
    from assay.server.staff.statistics import export  # noqa: PLC0415 - brings NumPy

    return _csv(f"{exam}-items.csv", export.items_csv(_report(exam)))


@allowed(Action.READ_STATISTICS)
def exam_csv(request: HttpRequest, exam: str) -> HttpResponse:  # noqa: ARG001 - a view
    """Answer with the figures of an exam."""
    from assay.server.staff.statistics import export  # noqa: PLC0415 - brings NumPy

    return _csv(f"{exam}.csv", export.exam_csv(_report(exam)))


def _csv(name: str, text: str) -> HttpResponse:
    answer = HttpResponse(text, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _report(exam: str) -> ExamReport:
    from assay.server.staff.statistics.report import report  # noqa: PLC0415 - brings NumPy
    from assay.server.staff.statistics.runs import runs_of  # noqa: PLC0415

    if exam not in _counts():
        raise Http404
    return report(runs_of(exam))


def _counts() -> dict[str, int]:
    """Return the exams with closed sittings that count, and their numbers."""
    closed = Sitting.objects.filter(closed_at__isnull=False, voided_at__isnull=True)
    counted = closed.values("registration__exam").annotate(n=Count("id"))
    return {row["registration__exam"]: row["n"] for row in counted.order_by("registration__exam")}


def _in_words(counts: tuple[int, ...]) -> str:
    return ", ".join(f"{points}/5: {count}" for points, count in enumerate(counts))
