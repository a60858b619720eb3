"""A certificate in its reader's language.

What was signed is English. Titles of exams, slots, items and skills are shown in the
reader's language where the bank or the sitting knows them in it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode, urlsplit

from django.utils.translation import ngettext

from assay import badges
from assay.items.blueprint import BlueprintYaml
from assay.items.skills import SKILLS, Skill
from assay.items.spec import Text
from assay.messages import Language
from assay.server.credentials.achievements import SkillGroup, grouped
from assay.server.credentials.models import Credential
from assay.server.exams.bank import bank, find_blueprint
from assay.server.exams.display import ShownSlot, shown_slots
from assay.server.language import active_language

Glossary = Callable[[str], str]

_LINKEDIN = "https://www.linkedin.com/profile/add"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One slot of the result."""

    slot: str
    title: str
    weight: int | None  # per cent
    item: str | None
    points: str
    points_max: str | None
    pips: tuple[bool, ...]  # one for each point that could be earned; empty if unknown


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A genuine certificate, ready to be shown."""

    verified: badges.Verified
    name: str
    exam: str
    exam_path: str | None  # of its page on this server
    number: str
    issued: datetime
    until: datetime | None
    total: str | None
    pass_mark: str | None
    lines: tuple[Line, ...]
    groups: tuple[SkillGroup, ...]  # what was tested
    issuer_host: str
    linkedin: str


def show(verified: badges.Verified, credential: Credential | None) -> Shown:
    """Return a certificate in the language of the page.

    Args:
        verified: What the certificate says, its signature checked.
        credential: Its row, which knows the sitting that it was earned in.
    """
    in_words = active_language()
    exam = urlsplit(verified.achievement_id).path.rpartition("/")[2]
    plan = _plan(exam, credential)
    say = _glossary(plan, credential, in_words)
    weights = {slot.name: slot for slot in plan.slots} if plan else {}
    skills = {skill for mark in verified.marks for skill in mark.skills}
    return Shown(
        verified=verified,
        name=verified.holder_name or "",
        exam=say(verified.achievement_name),
        exam_path=urlsplit(verified.achievement_id).path if exam in bank().blueprints else None,
        number=verified.number or "",
        issued=verified.valid_from,
        until=verified.valid_until,
        total=_number(verified.total),
        pass_mark=_number(verified.pass_mark),
        lines=tuple(
            Line(
                slot=mark.slot,
                title=(
                    weights[mark.slot].title.in_language(in_words)
                    if mark.slot in weights
                    else say(mark.name)
                ),
                weight=weights[mark.slot].weight if mark.slot in weights else None,
                item=say(mark.item) if mark.item else None,
                points=mark.value,
                points_max=mark.value_max,
                pips=_pips(mark.value, mark.value_max),
            )
            for mark in verified.marks
        ),
        groups=tuple(grouped((s for s in SKILLS.values() if s.en in skills), in_words)),
        issuer_host=urlsplit(verified.issuer_id).netloc,
        linkedin=_linkedin(verified),
    )


def _number(value: float | None) -> str | None:
    return None if value is None else f"{value:.4g}"


def _pips(value: str, value_max: str | None) -> tuple[bool, ...]:
    if not value.isdecimal() or value_max is None or not value_max.isdecimal():
        return ()
    return tuple(place < int(value) for place in range(min(int(value_max), 10)))


def _plan(exam: str, credential: Credential | None) -> BlueprintYaml | None:
    if credential is not None:
        return credential.sitting.plan
    return find_blueprint(exam)


def _glossary(
    plan: BlueprintYaml | None, credential: Credential | None, in_words: Language
) -> Glossary:
    """Return what puts signed English words into the reader's language."""
    if in_words is Language.ENGLISH:
        return lambda words: words
    texts: list[Text] = [item.spec.title for item in bank().items.values()]
    if plan is not None:
        texts += [plan.title, *(slot.title for slot in plan.slots)]
    if credential is not None:
        texts += [task.item_yaml.title for task in credential.sitting.tasks.all()]
    known = {text.en: text.in_language(in_words) for text in texts}
    return lambda words: known.get(words, words)


def _linkedin(verified: badges.Verified) -> str:
    fields = {
        "startTask": "CERTIFICATION_NAME",
        "name": verified.achievement_name,
        "organizationName": verified.issuer_name,
        "issueYear": verified.valid_from.year,
        "issueMonth": verified.valid_from.month,
        "certUrl": verified.id,
        "certId": verified.number or "",
    }
    if verified.valid_until is not None:
        fields |= {
            "expirationYear": verified.valid_until.year,
            "expirationMonth": verified.valid_until.month,
        }
    return f"{_LINKEDIN}?{urlencode(fields)}"


@dataclass(frozen=True, kw_only=True)
class ShownExam:
    """An exam as a page describes it."""

    key: str
    title: str
    slots: tuple[ShownSlot, ...]
    duration: str  # in words
    pass_mark: str
    certificate: bool
    certificate_months: int
    groups: tuple[SkillGroup, ...]
    environment: tuple[str, ...]


def _duration(hours: float) -> str:
    # Only whole numbers may choose the form of the word.
    words = ngettext("%(hours)s hour", "%(hours)s hours", 1 if hours == 1 else 2)
    return words % {"hours": f"{hours:g}"}


def show_exam(key: str, plan: BlueprintYaml, skills: list[Skill]) -> ShownExam:
    """Return an exam in the language of the page."""
    in_words = active_language()
    return ShownExam(
        key=key,
        title=plan.title.in_language(in_words),
        slots=shown_slots(plan),
        duration=_duration(plan.duration_minutes / 60),
        pass_mark=f"{plan.pass_mark:g}",
        certificate=plan.certificate,
        certificate_months=plan.certificate_valid_months,
        groups=tuple(grouped(skills, in_words)),
        environment=tuple(plan.environment),
    )
