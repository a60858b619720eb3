"""`register_candidate`: what `assay staff register` runs."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from assay.errors import AssayError
from assay.messages import N_, Language, translate
from assay.server.accounts.services import create_token, register_candidate
from assay.server.exams.services.registrations import register


class Command(BaseCommand):
    """Registers a candidate for an exam and prints a new token."""

    help = "Register a candidate for an exam and print a new token for `assay login`."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("email")
        parser.add_argument("--name", required=True, help="as on the identity document")
        parser.add_argument("--exam", default="developer", help="a blueprint of the bank")
        parser.add_argument(
            "--language",
            default=settings.LANGUAGE.value,
            choices=[language.value for language in Language],
            help="of mail to the candidate",
        )
        parser.add_argument(
            "--time-factor",
            type=float,
            default=1.0,
            help="accommodation: multiplies the exam's duration",
        )
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *_: Any, **options: Any) -> None:
        """Register and print."""
        now = timezone.now()
        try:
            validate_email(options["email"])
        except ValidationError as error:
            raise CommandError(f"{options['email']}: {error.message}") from None
        if options["time_factor"] < 1:
            raise CommandError("--time-factor: a number from 1 was expected")
        try:
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
        except AssayError as error:
            rendered = error.render(settings.LANGUAGE)
            raise CommandError(f"{rendered.message} {rendered.remedy}") from None
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
            settings.LANGUAGE,
            email=candidate.email,
            exam=registration.exam,
            date=f"{registration.valid_until:%Y-%m-%d}",
        )
        once = translate(N_("The token is shown only now:"), settings.LANGUAGE)
        self.stdout.write(f"{right}\n{once}\n\n    assay login {settings.URL} --token {token}")
