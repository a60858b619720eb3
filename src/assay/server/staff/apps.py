from __future__ import annotations

from django.apps import AppConfig


class StaffConfig(AppConfig):
    """What the certifying body does in a browser."""

    name = "assay.server.staff"
    label = "staff"

    def ready(self) -> None:
        """Keep the audit log for the apps below."""
        from assay.server.enrolment import auditing  # noqa: PLC0415 - models are ready only now
        from assay.server.staff.audit import AuditLog  # noqa: PLC0415

        auditing.register(AuditLog())
