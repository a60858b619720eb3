"""Where certificates, keys and exams are on this server: what stands in a certificate for years.

They are built from `settings.URL`, never from a request, since a request's host is
whatever its sender writes.
"""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.urls import reverse


def _absolute(path: str) -> str:
    return f"{settings.URL}{path}"


def page(credential_id: UUID | str) -> str:
    """Return the address of a certificate's page, which is also the certificate's identifier."""
    return _absolute(reverse("credentials:credential", args=[credential_id]))


def key(kid: str) -> str:
    """Return where the bare key of this name is published."""
    return _absolute(reverse("credentials:key", args=[kid]))


def issuer() -> str:
    """Return the issuer's identifier."""
    return _absolute(reverse("credentials:issuer"))


def achievement(exam: str) -> str:
    """Return the identifier of what passing an exam means."""
    return _absolute(reverse("credentials:achievement", args=[exam]))
