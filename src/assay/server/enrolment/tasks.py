"""Jobs of the enrolment app."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone
from procrastinate.contrib.django import app

from assay.server import queue
from assay.server.accounts.tasks import MAIL_RETRIES
from assay.server.enrolment import letters
from assay.server.enrolment.services import sweeping


@app.task(name="enrolment.send_letter", retry=MAIL_RETRIES)
def send_letter(kind: str, about: str) -> None:
    letters.send(kind, UUID(about))


@app.periodic(cron="*/10 * * * *")
@app.task(name="enrolment.sweep", queue=queue.MAIL)
def sweep(timestamp: int) -> None:  # noqa: ARG001 - the queue says for when it was due
    sweeping.sweep(timezone.now())
