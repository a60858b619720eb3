"""`create_vouchers`: make a batch of vouchers and print them as CSV."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import UTC, date, datetime, time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from assay.errors import AssayError
from assay.server.enrolment.models import Voucher
from assay.server.enrolment.services.vouchers import create_batch, write_csv


class Command(BaseCommand):
    """Makes vouchers that are worth the same."""

    help = "Make a batch of vouchers and print them as CSV."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("name", help="of the batch, for staff")
        parser.add_argument("--count", type=int, required=True, help="how many codes")
        parser.add_argument("--exam", default="", help="a blueprint of the bank (default: any)")
        parser.add_argument("--percent", type=int, default=100, help="taken off the fee")
        parser.add_argument("--uses", type=int, default=1, help="of each code")
        parser.add_argument(
            "--expires",
            type=date.fromisoformat,
            help="the last day on which they are taken (in UTC), such as 2027-01-31",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        """Make and print."""
        last_day: date | None = options["expires"]
        try:
            batch = create_batch(
                name=options["name"],
                count=options["count"],
                exam=options["exam"],
                per_cent=options["percent"],
                uses=options["uses"],
                expires_at=None if last_day is None else _end_of(last_day),
                now=timezone.now(),
            )
        except AssayError as error:
            rendered = error.render(settings.LANGUAGE)
            raise CommandError(f"{rendered.message} {rendered.remedy}") from None
        write_csv(Voucher.objects.filter(batch=batch), self.stdout)  # type: ignore[arg-type]


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time.max, UTC)
