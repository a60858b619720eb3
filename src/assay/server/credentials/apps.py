from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CredentialsConfig(AppConfig):
    """Issues, shows and checks certificates."""

    name = "assay.server.credentials"
    label = "credentials"

    def ready(self) -> None:
        """Take over the issuing of certificates, and take them back."""
        from assay.server.credentials import issuing  # noqa: PLC0415 - models are ready only now
        from assay.server.exams.services import voiding  # noqa: PLC0415
        from assay.server.submissions.issuing import register  # noqa: PLC0415

        register(issuing)
        voiding.consequence(issuing.revoke)
        post_migrate.connect(_make_key, sender=self)


def _make_key(**_: object) -> None:
    """Make the signing key when a deployment starts for the first time.

    A key that cannot be used is then found at the start, and not when somebody has
    passed an exam.
    """
    from assay.server.credentials import issuing  # noqa: PLC0415 - models are ready only now

    issuing.signing_key()
