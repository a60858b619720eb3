"""`regrade`: what staff run when the reason of a fault is mended."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from assay.errors import AssayError
from assay.server.submissions.models import Submission
from assay.server.submissions.services.closing import regrade, write_off


class Command(BaseCommand):
    """Has a submission graded again that failed by our fault."""

    help = "Grade a submission again that failed by our fault, or give it up for good."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("submission", type=UUID)
        parser.add_argument(
            "--give-up", action="store_true", help="so that its sitting can be closed without it"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        """Queue or give up, and print the submission's state."""
        service = write_off if options["give_up"] else regrade
        try:
            submission = service(options["submission"], timezone.now())
        except AssayError as error:
            rendered = error.render(settings.LANGUAGE)
            raise CommandError(f"{rendered.message} {rendered.remedy}") from None
        except Submission.DoesNotExist:
            raise CommandError(f"There is no submission {options['submission']}.") from None
        self.stdout.write(f"{submission.id}: {submission.state}")
