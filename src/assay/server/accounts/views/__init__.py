"""The pages of accounts that are not django-allauth's."""

from __future__ import annotations

from assay.server.accounts.views.device import device
from assay.server.accounts.views.errors import too_many_requests
from assay.server.accounts.views.me import delete, export, me, revoke
from assay.server.accounts.views.providers import provider_login

__all__ = [
    "delete",
    "device",
    "export",
    "me",
    "provider_login",
    "revoke",
    "too_many_requests",
]
