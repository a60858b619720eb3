"""An exam in the language of the page or mail that names it."""

from __future__ import annotations

from dataclasses import dataclass

from assay.items.blueprint import BlueprintYaml
from assay.server.exams.bank import find_blueprint
from assay.server.language import active_language


@dataclass(frozen=True, kw_only=True)
class ShownSlot:
    """One slot of an exam and its share of the total."""

    name: str
    title: str
    weight: int  # per cent
    items: int  # that it may draw from


def shown_slots(plan: BlueprintYaml) -> tuple[ShownSlot, ...]:
    """Return the slots of an exam, in the order of its plan."""
    in_words = active_language()
    return tuple(
        ShownSlot(
            name=slot.name,
            title=slot.title.in_language(in_words),
            weight=slot.weight,
            items=len(slot.pool),
        )
        for slot in plan.slots
    )


def title_by(plan: BlueprintYaml | None, exam: str) -> str:
    """Return an exam's title by its plan; its name, where there is none any more."""
    return exam if plan is None else plan.title.in_language(active_language())


def title_of(exam: str) -> str:
    """Return an exam's title as the bank has it; its name, if the bank has it no more."""
    return title_by(find_blueprint(exam), exam)
