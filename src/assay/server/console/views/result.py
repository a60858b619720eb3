"""The result: passed or not, points, how certain they are, what to study next."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from assay.errors import AssayError
from assay.server.api import shapes
from assay.server.appeals.services import stance
from assay.server.console.access import candidate_of, own_sitting
from assay.server.console.display import pips
from assay.server.language import active_language
from assay.server.submissions.feedback import ShownCertainty, feedback_on
from assay.server.submissions.services import closing
from assay.wire import TOP_POINTS, SlotResult


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


@login_required
@require_safe
def result(request: HttpRequest, sitting_id: UUID) -> HttpResponse:
    """Show the outcome of a sitting that is over."""
    run = own_sitting(candidate_of(request), sitting_id)
    language = active_language()
    try:
        outcome = closing.outcome_of(run, timezone.now())
    except AssayError:
        return redirect("console:sitting", sitting_id)
    feedback = feedback_on(outcome, language)
    shape = shapes.result(outcome, language, feedback)
    plan = run.plan
    categories = {slot.name: slot.title.in_language(language) for slot in plan.slots}
    lines = [
        Line(
            row=row,
            category=categories[row.slot],
            earned=row.weight * row.points / TOP_POINTS,
            pips=pips(row.points),
            certainty=feedback.certainty[row.slot],
        )
        for row in shape.slots
    ]
    context = {
        "section": "mine",
        "sitting": run,
        "exam": run.registration.exam,
        "title": plan.title.in_language(language),
        "result": shape,
        "certificate": plan.certificate,
        "lines": lines,
        "study": feedback.study,
        "shown": feedback.shown,
        "name": candidate_of(request).name,
        "appeal": stance(run, timezone.now()),
    }
    return render(request, "console/result.html", context)
