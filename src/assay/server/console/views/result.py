"""The result: passed or not, points, how certain they are, what to study next."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from assay.errors import AssayError
from assay.items.spec import HIGHER_IS_BETTER, MetricName
from assay.server.api import shapes
from assay.server.appeals.services import stance
from assay.server.console.access import candidate_of, own_sitting, reader_language
from assay.server.console.advice import skill_standings
from assay.server.console.certainty import Certainty, certainty_of
from assay.server.console.display import pips
from assay.server.storage import FileLost
from assay.server.submissions.services import closing
from assay.wire import TOP_POINTS, SlotResult

_MOST_ADVICE = 6  # skills to study next


@dataclass(frozen=True, kw_only=True)
class ShownCertainty:
    """How certain a slot's marks are, in the reader's language."""

    rule: str  # what full points take
    error: str  # one standard error at that cut, in the measure's unit
    samples: int


@dataclass(frozen=True, kw_only=True)
class Line:
    """One slot of the result."""

    row: SlotResult
    category: str
    earned: float  # per cent of the total
    pips: tuple[bool, ...]
    certainty: ShownCertainty | None  # None where it is not known

    @property
    def points(self) -> int:
        """The best points."""
        return self.row.points

    @property
    def points_max(self) -> int:
        """The points that could be earned."""
        return TOP_POINTS


def _shown(certainty: Certainty) -> ShownCertainty:
    names = {
        MetricName.ACCURACY: _("accuracy"),
        MetricName.MACRO_F1: _("mean F1 over the classes"),
        MetricName.MAE: _("mean absolute error"),
        MetricName.RMSE: _("root mean squared error"),
        MetricName.MAE_RATIO: _("error compared with the naive forecast"),
        MetricName.R2: _("coefficient of determination"),
    }
    sign = "≥" if certainty.metric in HIGHER_IS_BETTER else "≤"
    return ShownCertainty(
        rule=f"{names[certainty.metric]} {sign} {certainty.cut:.4g}",
        error=f"± {certainty.error:.1g}",
        samples=certainty.samples,
    )


@login_required
@require_safe
def result(request: HttpRequest, sitting_id: UUID) -> HttpResponse:
    """Show the outcome of a sitting that is over."""
    run = own_sitting(candidate_of(request), sitting_id)
    language = reader_language()
    try:
        outcome = closing.outcome_of(run, timezone.now())
    except AssayError:
        return redirect("console:sitting", sitting_id)
    shape = shapes.result(outcome, language)
    plan = run.plan
    tasks = {task.slot: task for task in run.tasks.all()}
    categories = {slot.name: slot.title.in_language(language) for slot in plan.slots}
    lines = []
    certainty: ShownCertainty | None
    for row in shape.slots:
        try:
            certainty = _shown(certainty_of(tasks[row.slot]))
        except FileLost:  # the mark stands; only this explanation of it is missing
            certainty = None
        lines.append(
            Line(
                row=row,
                category=categories[row.slot],
                earned=row.weight * row.points / TOP_POINTS,
                pips=pips(row.points),
                certainty=certainty,
            )
        )
    standings = skill_standings(
        list(tasks.values()),
        {row.slot: row.points for row in shape.slots},
        {row.slot: row.weight for row in shape.slots},
        language,
    )
    context = {
        "section": "mine",
        "sitting": run,
        "exam": run.registration.exam,
        "title": plan.title.in_language(language),
        "result": shape,
        "certificate": plan.certificate,
        "lines": lines,
        "study": [skill for skill in standings if skill.lost > 0][:_MOST_ADVICE],
        "shown": [skill for skill in standings if skill.lost == 0],
        "name": candidate_of(request).name,
        "appeal": stance(run, timezone.now()),
    }
    return render(request, "console/result.html", context)
