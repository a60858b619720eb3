"""The mail with the result, in the candidate's language."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext

from assay.messages import Language
from assay.server.exams.models import Sitting
from assay.server.mail import in_both_forms
from assay.server.submissions.feedback import feedback_on
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
    plan = outcome.sitting.plan
    language = Language(candidate.language)
    with translation.override(candidate.locale):
        feedback = feedback_on(outcome, language)
        slots = [
            {
                "name": slot.name,
                "title": slot.title.in_language(language),
                "weight": slot.weight,
                "points": outcome.standing.slots[slot.name].best or 0,
                "tries": outcome.standing.slots[slot.name].tries,
                "certainty": feedback.certainty[slot.name],
            }
            for slot in plan.slots
        ]
        exam = plan.title.in_language(language)
        context = {
            "outcome": outcome,
            "passed": outcome.sitting.passed,
            "total": outcome.sitting.total,
            "pass_mark": plan.pass_mark,
            "name": candidate.name,
            "exam": exam,
            "slots": slots,
            "top": TOP_POINTS,
            "language": language.value,
            "credential": outcome.credential,
            "study": feedback.study,
            "page": f"{settings.URL}/sittings/{outcome.sitting.id}/result/",
        }
        subject = gettext("Passed: %(exam)s") if context["passed"] else gettext("Result: %(exam)s")
        return in_both_forms(
            to=candidate.email,
            subject=subject % {"exam": exam},
            text=render_to_string("submissions/result.txt", context),
            html=render_to_string("submissions/result.html", context),
        )
