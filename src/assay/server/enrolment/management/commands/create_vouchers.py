"""`create_vouchers`: make a batch of vouchers and print them as CSV."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import UTC, date, datetime, time
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _

from assay.server.enrolment.errors import NotADay
from assay.server.enrolment.models import Voucher
from assay.server.enrolment.services.vouchers import create_batch, write_csv


class Command(BaseCommand):
    """Makes vouchers that are worth the same."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.description = _("Make a batch of vouchers and print them as CSV.")
        parser.add_argument("name", help=_("of the batch, for staff"))
        parser.add_argument("--count", type=int, required=True, help=_("how many codes"))
        parser.add_argument("--exam", default="", help=_("a blueprint of the bank (default: any)"))
        parser.add_argument("--percent", type=int, default=100, help=_("taken off the fee"))
        parser.add_argument("--uses", type=int, default=1, help=_("of each code"))
        parser.add_argument(
            "--expires",
            default="",
            help=_("the last day on which they are taken (in UTC), such as 2027-01-31"),
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Make and print.

        Raises:
            NotADay: The last day is none.
            NamelessBatch, UnusableBatch, BatchExpired, UnknownExam: See `create_batch`.
        """
        batch = create_batch(
            name=options["name"],
            count=options["count"],
            exam=options["exam"],
            per_cent=options["percent"],
            uses=options["uses"],
            expires_at=_end_of(options["expires"]) if options["expires"] else None,
            now=timezone.now(),
        )
        write_csv(Voucher.objects.filter(batch=batch), self.stdout)  # type: ignore[arg-type]


def _end_of(day: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(day), time.max, UTC)
    except ValueError:
        raise NotADay(received=day) from None
