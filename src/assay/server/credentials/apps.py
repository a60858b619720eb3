from __future__ import annotations

from django.apps import AppConfig


class CredentialsConfig(AppConfig):
    """Issues, shows and checks certificates."""

    name = "assay.server.credentials"
    label = "credentials"

    def ready(self) -> None:
        """Take over the issuing of certificates."""
        from assay.server.credentials import issuing  # noqa: PLC0415 - models are ready only now
        from assay.server.submissions.issuing import register  # noqa: PLC0415

        register(issuing)
