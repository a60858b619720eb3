"""A result that was corrected, and the mail about it in the candidate's language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import translation
from django.utils.formats import number_format
from django.utils.translation import gettext

from assay.messages import Language
from assay.server.accounts import letters
from assay.server.exams.models import Sitting
from assay.server.mail import Button, Letter, Quote
from assay.server.submissions.models import Regrade
from assay.wire import TOP_POINTS


@dataclass(frozen=True, kw_only=True)
class Correction:
    """What applying proposals did to a sitting."""

    sitting: Sitting
    changed: tuple[Regrade, ...]
    total_before: float  # per cent
    total: float
    passed_before: bool
    passed: bool


def tell(done: Correction, reason: str, now: datetime) -> None:
    """Have the candidate told of a correction, once the running transaction commits.

    Args:
        done: What was corrected.
        reason: Why, as the examiner wrote it.
        now: The current time.
    """
    candidate = done.sitting.registration.candidate
    if candidate.erased_at is not None:
        return  # nobody is left to read it
    with translation.override(candidate.locale):
        exam = done.sitting.plan.title.in_language(Language(candidate.language))
        letter = Letter(
            subject=gettext("Corrected marks: %(exam)s") % {"exam": exam},
            parts=(
                gettext("Submissions of yours were graded once more, and their marks corrected:"),
                "\n".join(lines(done)),
                gettext("The reason:"),
                Quote(reason),
                *consequences(done),
                Button(
                    label=gettext("Your result"),
                    address=f"{settings.URL}/sittings/{done.sitting.id}/result/",
                ),
            ),
        )
        letters.post(letter, candidate.email, name=candidate.name, now=now)


def lines(done: Correction) -> list[str]:
    """Return what each submission had and has, in the language that is active."""
    return [
        gettext("%(slot)s, submission %(number)s: %(before)s → %(after)s")
        % {
            "slot": each.submission.task.slot,
            "number": each.submission.number,
            "before": _mark(each.points_before),
            "after": _mark(each.points),
        }
        for each in done.changed
    ]


def consequences(done: Correction) -> list[str]:
    """Return what it does to the result, in the language that is active."""
    totals = {
        "before": number_format(done.total_before, 1),
        "after": number_format(done.total, 1),
    }
    said = [gettext("Your total was %(before)s %% and is now %(after)s %%.") % totals]
    if done.sitting.closed_at is None:
        return said
    certifies = done.sitting.plan.certificate
    if done.passed and not done.passed_before:
        said.append(gettext("With this you have passed the exam. Congratulations!"))
        if certifies:
            said.append(gettext("Your certificate is issued; your result links to it."))
    elif done.passed_before and not done.passed:
        said.append(gettext("With this the exam is not passed."))
        if certifies:
            said.append(gettext("The certificate is revoked."))
    elif done.passed and certifies and done.total != done.total_before:
        said.append(gettext("Your certificate stands as it was issued."))
    return said


def _mark(points: int | None) -> str:
    return gettext("refused") if points is None else f"{points}/{TOP_POINTS}"
