"""What a candidate learns from a result besides the points: how certain they are, what to study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from assay.items.spec import HIGHER_IS_BETTER, MetricName
from assay.messages import Language
from assay.server.exams.models import DrawnTask
from assay.server.storage import FileLost
from assay.server.submissions.advice import SkillStanding, skill_standings
from assay.server.submissions.certainty import certainty_of
from assay.server.submissions.services.closing import Outcome

_MOST_ADVICE = 6  # skills to study next


@dataclass(frozen=True, kw_only=True)
class ShownCertainty:
    """How certain a slot's marks are, in the reader's language."""

    rule: str  # what full points take
    error: str  # one standard error at that cut, in the measure's unit
    samples: int


@dataclass(frozen=True, kw_only=True)
class Feedback:
    """What a result says besides the points."""

    study: tuple[SkillStanding, ...]  # the weakest first
    shown: tuple[SkillStanding, ...]  # skills that have lost nothing
    certainty: Mapping[str, ShownCertainty | None]  # by slot; None where it is not known


def feedback_on(outcome: Outcome, language: Language) -> Feedback:
    """Return what to learn from a result.

    Args:
        outcome: Of the sitting.
        language: Of the skills' titles. The measures are named in the active language.
    """
    sitting = outcome.sitting
    tasks = list(sitting.tasks.all())
    slots = outcome.standing.slots
    standings = skill_standings(
        tasks,
        {task.slot: slots[task.slot].best or 0 for task in tasks},
        {slot.name: slot.weight for slot in sitting.plan.slots},
        language,
    )
    return Feedback(
        study=tuple(skill for skill in standings if skill.lost > 0)[:_MOST_ADVICE],
        shown=tuple(skill for skill in standings if skill.lost == 0),
        certainty={task.slot: _shown(task) for task in tasks},
    )


def _shown(task: DrawnTask) -> ShownCertainty | None:
    try:
        certainty = certainty_of(task)
    except FileLost:  # the mark stands; only this explanation of it is missing
        return None
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
