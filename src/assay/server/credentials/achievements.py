"""What passing an exam means, for certificates and for pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from assay.badges import Achievement, Slot
from assay.items import Bank
from assay.items.blueprint import BlueprintYaml
from assay.items.skills import GROUPS, SKILLS, Skill
from assay.messages import Language
from assay.server.credentials import addresses

_MINUTES = 60  # of an hour


def skills_of(plan: BlueprintYaml, bank: Bank) -> list[Skill]:
    """Return the skills that the items of an exam ask for, in the order of the checklist."""
    asked = {
        skill
        for slot in plan.slots
        for key in slot.pool
        if key in bank.items
        for skill in bank.items[key].spec.skills
    }
    return [skill for skill in SKILLS.values() if skill.id in asked]


def achievement_of(exam: str, plan: BlueprintYaml, bank: Bank) -> Achievement:
    """Return what a certificate says about its exam.

    In English, whatever the reader's language: it is signed, and it is for everybody.

    Args:
        exam: The blueprint's name in the bank.
        plan: The blueprint.
        bank: Where the items are looked up.
    """
    hours = plan.duration_minutes / _MINUTES
    duration = "1 hour" if hours == 1 else f"{hours:g} hours"
    return Achievement(
        id=addresses.achievement(exam),
        name=plan.title.en,
        description=(
            f"Trained working models for {len(plan.slots)} hands-on machine learning tasks "
            f"within {duration}: {', '.join(slot.title.en.lower() for slot in plan.slots)}."
        ),
        criteria=(
            f"Passing takes at least {plan.pass_mark:g} % of the weighted total over "
            f"{len(plan.slots)} tasks, within {duration}. For each task a model was trained and "
            "its file submitted; a task earns 0 to 5 points for how well that model predicts "
            "hidden data, drawn for this candidate alone. The exam is open book."
        ),
        pass_mark=plan.pass_mark,
        slots=tuple(
            Slot(name=slot.name, title=slot.title.en, weight=slot.weight) for slot in plan.slots
        ),
        skills=tuple(skill.en for skill in skills_of(plan, bank)),
    )


@dataclass(frozen=True, kw_only=True)
class SkillGroup:
    """One part of the checklist, as a page lists it."""

    title: str
    skills: tuple[str, ...]


def grouped(skills: Iterable[Skill], language: Language) -> list[SkillGroup]:
    """Return skills under the headings of the checklist, in `language`."""
    chosen = list(skills)
    groups = [
        SkillGroup(
            title=group.title(language),
            skills=tuple(skill.title(language) for skill in chosen if skill.group == group.id),
        )
        for group in GROUPS.values()
    ]
    return [group for group in groups if group.skills]
