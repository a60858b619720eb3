"""Fail when a model lacks its migration; needs no database."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import warnings

import django
from django.conf import settings
from django.core.management import call_command


def main() -> int:
    """Return 1 if `makemigrations` would write something."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "assay.server.settings"
    with tempfile.TemporaryDirectory() as data:
        os.environ["ASSAY_DATA"] = data
        # There is no database here to compare the applied migrations with, nor to wait for.
        settings.DATABASES["default"]["OPTIONS"].pop("pool")
        django.setup()
        logging.disable(logging.WARNING)
        warnings.filterwarnings("ignore", message="Got an error checking a consistent migration")
        try:
            call_command("makemigrations", check=True, dry_run=True, verbosity=1)
        except SystemExit as stop:
            return int(stop.code or 0)
    return 0


if __name__ == "__main__":
    sys.exit(main())
