"""Jobs of the accounts app."""

from __future__ import annotations

from django.core.mail import mail_admins
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from assay.server.accounts import letters

# A mail server that is down for a night loses nothing: 1, 2, 4, … minutes apart, half a day.
MAIL_RETRIES = RetryStrategy(max_attempts=10, wait=60, exponential_wait=2)


@app.task(name="accounts.send_staff_mail", retry=MAIL_RETRIES)
def send_staff_mail(subject: str, text: str) -> None:
    mail_admins(subject, text)


@app.task(name="accounts.send_mail", retry=MAIL_RETRIES)
def send_mail(mail_id: int) -> None:
    letters.send(mail_id, timezone.now())
