"""What to study next: the skills of the tasks that were drawn, by what they have earned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assay.items.skills import GROUPS, SKILLS
from assay.messages import Language
from assay.server.exams.models import DrawnTask
from assay.wire import TOP_POINTS


@dataclass(frozen=True, kw_only=True)
class SkillStanding:
    """A skill of the checklist, and how the tasks that ask for it went."""

    title: str
    group: str  # the part of the checklist
    slots: tuple[str, ...]  # that asked for it
    points: float  # mean over them
    lost: float  # per cent of the exam's total


def skill_standings(
    tasks: list[DrawnTask],
    points: Mapping[str, int],
    weights: Mapping[str, int],
    language: Language,
) -> list[SkillStanding]:
    """Return the skills that the tasks asked for, the weakest first.

    Of equally weak ones, that comes first which cost most: what a slot has lost is
    shared evenly by its skills.

    Args:
        tasks: Of a sitting.
        points: The best of each slot.
        weights: Of each slot, per cent.
        language: Of the titles.
    """
    asked: dict[str, list[DrawnTask]] = {}
    for task in tasks:
        for skill in task.item_yaml.skills:
            asked.setdefault(skill, []).append(task)
    shares = {
        task.slot: weights[task.slot]
        * (1 - points[task.slot] / TOP_POINTS)
        / max(1, len(task.item_yaml.skills))
        for task in tasks
    }
    found = [
        SkillStanding(
            title=SKILLS[skill].title(language),
            group=GROUPS[SKILLS[skill].group].title(language),
            slots=tuple(task.slot for task in askers),
            points=sum(points[task.slot] for task in askers) / len(askers),
            lost=sum(shares[task.slot] for task in askers),
        )
        for skill, askers in asked.items()
        if skill in SKILLS
    ]
    return sorted(found, key=lambda skill: (skill.points, -skill.lost))
