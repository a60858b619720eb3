"""`export_vouchers`: print vouchers as CSV."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from assay.messages import N_, Words
from assay.server.enrolment.errors import UnknownBatch
from assay.server.enrolment.models import Voucher, VoucherBatch
from assay.server.enrolment.services.vouchers import write_csv


class Command(BaseCommand):
    """Prints vouchers, with how often each was used."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.description = _("Print vouchers as CSV, with how often each was used.")
        parser.add_argument("--batch", help=_("the name of a batch (default: all)"))

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print.

        Raises:
            UnknownBatch: There is none with this name.
        """
        vouchers = Voucher.objects.all()
        if options["batch"]:
            batches = VoucherBatch.objects.filter(name=options["batch"])
            if not batches:
                known = ", ".join(VoucherBatch.objects.values_list("name", flat=True))
                raise UnknownBatch(batch=options["batch"], known=known or Words(N_("none")))
            vouchers = vouchers.filter(batch__in=batches)
        write_csv(vouchers, self.stdout)  # type: ignore[arg-type]
