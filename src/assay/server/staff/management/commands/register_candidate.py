"""`register_candidate`: what `assay staff register` runs."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assay.messages import N_, Language, translate
from assay.server.accounts.services import create_token, register_candidate
from assay.server.enrolment.errors import NoAddress
from assay.server.exams.services.registrations import register
from assay.server.language import active_language
from assay.server.staff.errors import NoSuchLanguage, TimeFactorTooSmall


class Command(BaseCommand):
    """Registers a candidate for an exam and prints a new token."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.description = _(
            "Register a candidate for an exam and print a new token for `assay login`."
        )
        parser.add_argument("email")
        parser.add_argument("--name", required=True, help=_("as on the identity document"))
        parser.add_argument("--exam", default="developer", help=_("a blueprint of the bank"))
        parser.add_argument(
            "--language",
            default=active_language().value,
            metavar="|".join(Language),
            help=_("of mail to the candidate"),
        )
        parser.add_argument(
            "--time-factor",
            type=float,
            default=1.0,
            help=_("accommodation: multiplies the exam's duration"),
        )
        parser.add_argument("--json", action="store_true", help=_("for programs"))

    def handle(self, *_args: Any, **options: Any) -> None:
        """Register and print.

        Raises:
            NoAddress: The address is none.
            NoSuchLanguage: Mail cannot be written in the language.
            TimeFactorTooSmall: The accommodation would take time away.
            UnknownExam: The bank has no such blueprint.
        """
        now = timezone.now()
        _check(options["email"], options["language"], options["time_factor"])
        with transaction.atomic():
            candidate = register_candidate(
                options["email"],
                name=options["name"],
                language=Language(options["language"]),
                now=now,
            )
            registration = register(
                candidate, options["exam"], now, time_factor=options["time_factor"]
            )
            token = create_token(candidate, now)
        report = {
            "email": candidate.email,
            "name": candidate.name,
            "exam": registration.exam,
            "registration": str(registration.id),
            "valid_until": registration.valid_until.isoformat(),
            "server": settings.URL,
            "token": token,
        }
        if options["json"]:
            self.stdout.write(json.dumps(report, ensure_ascii=False))
            return
        right = translate(
            N_("{email} may sit {exam} once until {date}."),
            active_language(),
            email=candidate.email,
            exam=registration.exam,
            date=f"{registration.valid_until:%Y-%m-%d}",
        )
        once = translate(N_("The token is shown only now:"), active_language())
        self.stdout.write(f"{right}\n{once}\n\n    assay login {settings.URL} --token {token}")


def _check(email: str, language: str, time_factor: float) -> None:
    try:
        validate_email(email)
    except ValidationError:
        raise NoAddress(received=email) from None
    if language not in list(Language):
        raise NoSuchLanguage(received=language, languages=", ".join(Language))
    if time_factor < 1:
        raise TimeFactorTooSmall(received=f"{time_factor:g}")
