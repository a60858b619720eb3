"""Registers a crowd through the server's own services: run by `load.py` in Django's shell."""

from __future__ import annotations

import json

from django.conf import settings
from django.test import Client
from django.utils import timezone

from assay.messages import Language
from assay.server.accounts.services import create_token, register_candidate
from assay.server.exams.services.registrations import register


def main(candidates: int, exam: str) -> None:
    """Register candidates and print them as JSON: token, session and registration of each."""
    people = []
    for number in range(candidates):
        now = timezone.now()
        language = list(Language)[number % len(Language)]
        candidate = register_candidate(
            f"candidate-{number}@example.org",
            name=f"Candidate {number}",
            language=language,
            now=now,
        )
        right = register(candidate, exam, now)
        browser = Client()
        browser.force_login(candidate)
        people.append(
            {
                "token": create_token(candidate, now),
                "session": browser.cookies[settings.SESSION_COOKIE_NAME].value,
                "registration": str(right.id),
                "language": language.value,
            }
        )
    print(json.dumps({"cookie": settings.SESSION_COOKIE_NAME, "people": people}))
