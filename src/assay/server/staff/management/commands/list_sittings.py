"""`list_sittings`: what `assay staff list` runs."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.cells import cell_len

from assay.server.enrolment.services.search import State, Stated, state_of, with_state
from assay.server.exams.models import Registration, Sitting
from assay.server.exams.phases import phase
from assay.server.exams.services.registrations import sitting_of
from assay.server.staff.words import PHASES
from assay.server.submissions.services.standing import standing, submissions_of
from assay.wire import SubmissionState

if TYPE_CHECKING:  # of the stubs, which are not there at run time
    from django_stubs_ext import WithAnnotations

_COLUMNS = (32, 12, 24, 7)  # address, exam, how it stands, total; in cells of a terminal


class Command(BaseCommand):
    """Lists registrations and their sittings."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.description = _(
            "List registrations, the newest first, with their sittings and how they stand."
        )
        parser.add_argument("--email", help=_("only this candidate's"))
        parser.add_argument("--json", action="store_true", help=_("for programs"))

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print the list."""
        now = timezone.now()
        rights = with_state(now)
        if options["email"]:
            rights = rights.filter(candidate__email=options["email"].strip().lower())
        if options["json"]:
            self.stdout.write(json.dumps([_row(right, now) for right in rights]))
            return
        for right in rights:
            for line in _lines(right, now):
                self.stdout.write(line)


def _row(right: Registration, now: datetime) -> dict[str, Any]:
    """Return a registration for programs."""
    sitting = sitting_of(right)
    return {
        "email": right.candidate.email,
        "name": right.candidate.name,
        "exam": right.exam,
        "registration": str(right.id),
        "valid_until": right.valid_until.isoformat(),
        "sitting": None if sitting is None else str(sitting.id),
        "phase": "registered" if sitting is None else phase(sitting.times, now).value,
        "total": None if sitting is None else standing(sitting).total,
        "passed": None if sitting is None else sitting.passed,
        "failed_submissions": _failed(sitting),
    }


def _lines(right: WithAnnotations[Registration, Stated], now: datetime) -> Iterator[str]:
    """Yield a registration for people, in the language that is active."""
    sitting = sitting_of(right)
    if sitting is None:
        stands, total, outcome = str(state_of(right).label), "", ""
    else:
        stands = str(PHASES[phase(sitting.times, now)])
        total = f"{standing(sitting).total:g} %"
        if sitting.passed is None:
            outcome = ""
        else:
            outcome = str((State.PASSED if sitting.passed else State.FAILED).label)
    cells = (right.candidate.email, right.exam, stands, total)
    padded = [
        text + " " * (width - cell_len(text)) for text, width in zip(cells, _COLUMNS, strict=True)
    ]
    yield " ".join([*padded, outcome]).rstrip()
    for submission in _failed(sitting):
        yield "    " + _("not graded by our fault: %(submission)s") % {"submission": submission}


def _failed(sitting: Sitting | None) -> list[str]:
    if sitting is None:
        return []
    return [
        str(submission.id)
        for submission in submissions_of(sitting)
        if submission.state == SubmissionState.FAILED
    ]
