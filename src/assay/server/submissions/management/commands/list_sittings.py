"""`list_sittings`: what `assay staff list` runs."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from assay.server.exams.models import Registration
from assay.server.exams.phases import phase
from assay.server.exams.services.registrations import sitting_of
from assay.server.submissions.services.standing import standing, submissions_of
from assay.wire import SubmissionState


class Command(BaseCommand):
    """Lists registrations and their sittings."""

    help = "List registrations, the newest first, with their sittings and how they stand."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--email", help="only this candidate's")
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *_: Any, **options: Any) -> None:
        """Print the list."""
        now = timezone.now()
        rights = Registration.objects.select_related("candidate", "sitting").order_by(
            "-created_at", "id"
        )
        if options["email"]:
            rights = rights.filter(candidate__email=options["email"].strip().lower())
        rows = [_row(right, now) for right in rights]
        if options["json"]:
            self.stdout.write(json.dumps(rows, ensure_ascii=False))
            return
        for row in rows:
            total = "" if row["total"] is None else f"{row['total']:g} %"
            outcome = {True: "passed", False: "failed", None: ""}[row["passed"]]
            line = f"{row['email']:32} {row['exam']:12} {row['phase']:12} {total:>7} {outcome}"
            self.stdout.write(line.rstrip())
            for submission in row["failed_submissions"]:
                self.stdout.write(f"    not graded by our fault: {submission}")


def _row(right: Registration, now: datetime) -> dict[str, Any]:
    sitting = sitting_of(right)
    failed = (
        []
        if sitting is None
        else [s for s in submissions_of(sitting) if s.state == SubmissionState.FAILED]
    )
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
        "failed_submissions": [str(submission.id) for submission in failed],
    }
