"""`export_vouchers`: print vouchers as CSV."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assay.server.enrolment.models import Voucher, VoucherBatch
from assay.server.enrolment.services.vouchers import write_csv


class Command(BaseCommand):
    """Prints vouchers, with how often each was used."""

    help = "Print vouchers as CSV, with how often each was used."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--batch", help="the name of a batch (default: all)")

    def handle(self, *_: Any, **options: Any) -> None:
        """Print."""
        vouchers = Voucher.objects.all()
        if options["batch"]:
            batches = VoucherBatch.objects.filter(name=options["batch"])
            if not batches:
                known = ", ".join(VoucherBatch.objects.values_list("name", flat=True)) or "none"
                raise CommandError(f"There is no batch {options['batch']!r}; there are: {known}")
            vouchers = vouchers.filter(batch__in=batches)
        write_csv(vouchers, self.stdout)  # type: ignore[arg-type]
