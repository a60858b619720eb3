from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class AccountsConfig(AppConfig):
    """Who uses the server, how they sign in, and what is known about them."""

    name = "assay.server.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Have every app say what it knows about people; see `personal`."""
        autodiscover_modules("personal")
