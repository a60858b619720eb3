"""`regrade`: what `assay staff regrade` runs when the reason of a fault is mended."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _

from assay.server.staff.errors import NoSuchSubmission
from assay.server.staff.submission_story import STATES
from assay.server.submissions.models import Submission
from assay.server.submissions.services.closing import regrade, write_off


class Command(BaseCommand):
    """Has a submission graded again that failed by our fault."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.description = _(
            "Grade a submission again that failed by our fault, or give it up for good."
        )
        parser.add_argument("submission")
        parser.add_argument(
            "--give-up",
            action="store_true",
            help=_("so that its sitting can be closed without it"),
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Queue or give up, and print the submission's state.

        Raises:
            NoSuchSubmission: Nobody has handed it in.
            SubmissionInProgress: The slot has an unfinished submission.
        """
        service = write_off if options["give_up"] else regrade
        try:
            submission = service(UUID(options["submission"]), timezone.now())
        except (ValueError, Submission.DoesNotExist):
            raise NoSuchSubmission(submission=options["submission"]) from None
        words, _tone = STATES[submission.state]
        said = _("Submission %(submission)s: %(state)s")
        self.stdout.write(said % {"submission": submission.id, "state": words})
