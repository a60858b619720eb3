"""The mails about an appeal, in the candidate's language."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from assay.messages import Language
from assay.server.accounts import letters
from assay.server.accounts.models import User
from assay.server.appeals.models import Appeal, AppealKind, AppealState
from assay.server.exams.errors import stamp
from assay.server.exams.models import Sitting
from assay.server.exams.phases import phase
from assay.server.exams.services.clock import TICKING
from assay.server.mail import Address, Button, Letter, Part, Quote
from assay.server.submissions import correction, issuing
from assay.server.submissions.correction import Correction


def filed(appeal: Appeal, now: datetime) -> None:
    """Tell a candidate that the appeal has come in."""
    candidate = appeal.sitting.registration.candidate
    with translation.override(candidate.locale):
        _post(
            candidate,
            appeal,
            gettext("Your appeal has come in: %(exam)s"),
            (
                gettext(
                    "your appeal against the annulment of your exam has come in. An examiner "
                    "looks at it again and answers with a reason; you get a mail."
                )
                if appeal.kind == AppealKind.ANNULMENT
                else gettext(
                    "your appeal about %(slots)s has come in. An examiner has what it is about "
                    "graded once more and answers with a reason; you get a mail."
                )
                % {"slots": ", ".join(appeal.slots)},
                gettext("This is what you wrote:"),
                Quote(appeal.text),
            ),
            now,
        )


def answered(appeal: Appeal, done: Correction | None, now: datetime) -> None:
    """Tell a candidate how an appeal was answered, and what it changes.

    Args:
        appeal: The appeal, answered.
        done: What was corrected; None if no mark was.
        now: The current time.
    """
    candidate = appeal.sitting.registration.candidate
    if candidate.erased_at is not None:
        return  # nobody is left to read it
    with translation.override(candidate.locale):
        granted = appeal.state == AppealState.GRANTED
        parts: list[Part] = [_decision(appeal), gettext("The reason:"), Quote(appeal.answer)]
        if appeal.kind == AppealKind.ANNULMENT:
            parts += _standing(appeal.sitting, now) if granted else [_stays_annulled()]
        elif done is not None:
            marks = "\n".join(correction.lines(done))
            parts.append(gettext("These marks are corrected:") + "\n" + marks)
            parts += correction.consequences(done)
        else:
            parts.append(gettext("Your marks stay as they are."))
        subject = (
            gettext("Your appeal is granted: %(exam)s")
            if granted
            else gettext("Your appeal is refused: %(exam)s")
        )
        _post(candidate, appeal, subject, tuple(parts), now)


def _decision(appeal: Appeal) -> str:
    granted = appeal.state == AppealState.GRANTED
    if appeal.kind == AppealKind.ANNULMENT:
        return (
            gettext("your appeal against the annulment of your exam is granted.")
            if granted
            else gettext("your appeal against the annulment of your exam is refused.")
        )
    text = (
        gettext("your appeal about %(slots)s is granted.")
        if granted
        else gettext("your appeal about %(slots)s is refused.")
    )
    return text % {"slots": ", ".join(appeal.slots)}


def _stays_annulled() -> str:
    return gettext("The annulment stays.")


def _standing(sitting: Sitting, now: datetime) -> list[Part]:
    """Say where a sitting is whose annulment was lifted."""
    parts: list[Part] = [
        gettext("The annulment is lifted, and what you reached in the exam counts.")
    ]
    reference = issuing.reference(sitting) if sitting.passed else None
    if reference is not None:
        said = gettext("Your certificate is good:")
        parts.append(Address(said=said, address=reference.url))
    elif phase(sitting.times, now) in TICKING:
        parts.append(
            gettext(
                "Your clock has stood since the annulment, so no time is lost. Write to your "
                "certifying body to agree when it goes on."
            )
        )
    elif sitting.started_at is None:
        parts.append(
            gettext("Your registration is good until %(until)s.")
            % {"until": stamp(sitting.registration.valid_until)}
        )
    return parts


def _post(
    candidate: User, appeal: Appeal, subject: str, parts: tuple[Part, ...], now: datetime
) -> None:
    exam = appeal.sitting.plan.title.in_language(Language(candidate.language))
    letter = Letter(
        subject=subject % {"exam": exam},
        parts=(
            *parts,
            Button(
                label=gettext("Your appeal"),
                address=f"{settings.URL}/sittings/{appeal.sitting_id}/appeal/",
            ),
        ),
    )
    letters.post(letter, candidate.email, name=candidate.name, now=now)
