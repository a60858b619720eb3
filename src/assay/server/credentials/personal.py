"""What this app knows about a person; see `accounts.personal`."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from assay.server.accounts import personal
from assay.server.accounts.models import User
from assay.server.credentials.models import Credential


@personal.exporter("certificates")
def certificates(user: User) -> list[dict[str, Any]]:
    """Return the certificates, whole."""
    own = Credential.objects.filter(sitting__registration__candidate=user)
    return [
        {
            "id": str(each.id),
            "page": f"{settings.URL}/verify/{each.id}",
            "jwt": each.jwt,
            "issued_at": each.issued_at,
            "valid_until": each.valid_until,
            "revoked_at": each.revoked_at,
        }
        for each in own
    ]
