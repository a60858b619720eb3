"""What all mails have in common, whichever app writes them."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMultiAlternatives


def in_both_forms(*, to: str, subject: str, text: str, html: str) -> EmailMultiAlternatives:
    """Return a mail of this server's that can be read as plain text and as HTML."""
    mail = EmailMultiAlternatives(
        subject=subject, body=text, from_email=settings.DEFAULT_FROM_EMAIL, to=[to]
    )
    mail.attach_alternative(html, "text/html")
    return mail
