"""The mail with the result, in the candidate's language."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.defaultfilters import floatformat
from django.utils import translation
from django.utils.translation import gettext

from assay.messages import Language
from assay.server.exams.models import Sitting
from assay.server.mail import (
    Address,
    Button,
    Entry,
    Heading,
    Letter,
    Part,
    Ranking,
    Remark,
    Table,
    framed,
)
from assay.server.submissions.advice import SkillStanding
from assay.server.submissions.feedback import Feedback, feedback_on
from assay.server.submissions.services.closing import Outcome, outcome_of
from assay.wire import TOP_POINTS


def send_result(sitting_id: UUID, now: datetime) -> None:
    """Mail the result of a closed sitting to its candidate."""
    sitting = Sitting.objects.select_related("registration__candidate").get(id=sitting_id)
    outcome = outcome_of(sitting, now)
    if outcome.final:
        result_mail(outcome).send()


def result_mail(outcome: Outcome) -> EmailMultiAlternatives:
    """Return the mail, as plain text and as HTML."""
    candidate = outcome.sitting.registration.candidate
    with translation.override(candidate.locale):
        letter = _letter(outcome, Language(candidate.language))
        return framed(letter, name=candidate.name).mail(candidate.email)


def _letter(outcome: Outcome, language: Language) -> Letter:
    sitting, plan = outcome.sitting, outcome.sitting.plan
    feedback = feedback_on(outcome, language)
    known = {"exam": plan.title.in_language(language), "ended": _moment(outcome.ended_at)}
    subject = gettext("Passed: %(exam)s") if sitting.passed else gettext("Result: %(exam)s")
    said = (
        gettext(
            "you have passed the exam “%(exam)s”, which ended on %(ended)s UTC. Congratulations!"
        )
        if sitting.passed
        else gettext(
            "the exam “%(exam)s” ended on %(ended)s UTC. This time it was not enough to pass."
        )
    )
    return Letter(
        subject=subject % known,
        parts=(
            said % known,
            _points(outcome, language),
            gettext("Total: %(total)s %%. To pass: %(pass_mark)s %%.")
            % {"total": _number(sitting.total), "pass_mark": _number(plan.pass_mark)},
            *_afterwards(outcome),
            Button(
                label=gettext("Your result"),
                address=f"{settings.URL}/sittings/{sitting.id}/result/",
            ),
            *_advice(feedback.study),
            *_certainty(feedback),
        ),
    )


def _points(outcome: Outcome, language: Language) -> Table:
    line = gettext("%(name)s, %(title)s: %(points)s/%(top)s points (weight %(weight)s %%)")
    slots = [
        {
            "name": slot.name,
            "title": slot.title.in_language(language),
            "points": outcome.standing.slots[slot.name].best or 0,
            "top": TOP_POINTS,
            "weight": slot.weight,
        }
        for slot in outcome.sitting.plan.slots
    ]
    return Table(
        columns=(gettext("Category"), gettext("Points"), gettext("Weight")),
        numbers=frozenset({1, 2}),
        rows=tuple(
            (
                "{name}, {title}".format(**slot),
                "{points}/{top}".format(**slot),
                "{weight} %".format(**slot),
            )
            for slot in slots
        ),
        lines=tuple(line % slot for slot in slots),
    )


def _afterwards(outcome: Outcome) -> Iterator[Part]:
    """Say what the candidate has or may do now."""
    if outcome.credential is not None:
        said = gettext("Your certificate; anyone can check it there:")
        yield Address(said=said, address=outcome.credential.url)
    if outcome.retake_from is not None:
        said = gettext("You may sit this exam again from %(from)s UTC, with a new registration.")
        yield said % {"from": _moment(outcome.retake_from)}


def _advice(study: tuple[SkillStanding, ...]) -> Iterator[Part]:
    yield Heading(gettext("What to study next"))
    if not study:
        yield gettext("Nothing is left of these tasks: every one has earned full points.")
        return
    line = gettext("%(skill)s (%(group)s): %(points)s of 5 points")
    note = gettext("%(points)s of 5 points")
    entries = []
    for skill in study:
        known = {
            "skill": skill.title,
            "group": skill.group,
            "points": _number(skill.points),
        }
        entries.append(
            Entry(title=skill.title, note=f"{skill.group} · {note % known}", line=line % known)
        )
    yield Ranking(tuple(entries))


def _certainty(feedback: Feedback) -> Iterator[Part]:
    yield Heading(gettext("How certain the marks are"))
    yield Remark(
        gettext(
            "The hidden data were fixed when your tasks were drawn, and grading repeats to the "
            "last digit: the same file always earns the same points. Of each category your best "
            "submission counts."
        )
    )
    yield Remark(
        gettext(
            "Hidden data are a sample all the same. With other data of the same kind a measure "
            "would come out a little higher or lower; the numbers below are one standard error at "
            "the cut for full points. Only a model that lies that close to a cut could have earned "
            "a point more or less."
        )
    )
    known = [(name, each) for name, each in feedback.certainty.items() if each is not None]
    if not known:
        return
    line = gettext(
        "%(name)s: 5/5 points take %(rule)s; standard error %(error)s; %(samples)s samples"
    )
    yield Table(
        columns=(
            gettext("Category"),
            gettext("5/5 points take"),
            gettext("Standard error"),
            gettext("Samples"),
        ),
        numbers=frozenset({2, 3}),
        rows=tuple((name, each.rule, each.error, str(each.samples)) for name, each in known),
        lines=tuple(
            line % {"name": name, "rule": each.rule, "error": each.error, "samples": each.samples}
            for name, each in known
        ),
    )


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


def _number(number: float | None) -> str:
    """Return a number with a decimal only if it has one, as the pages do."""
    return floatformat(number, "-1")
