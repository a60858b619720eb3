from __future__ import annotations

from django.apps import AppConfig


class EnrolmentConfig(AppConfig):
    """Everything between choosing an exam and being allowed to start it."""

    name = "assay.server.enrolment"
    label = "enrolment"

    def ready(self) -> None:
        """Watch names: what was compared with a document must not change afterwards."""
        from assay.server.enrolment import watching  # noqa: PLC0415 - models are ready only now

        watching.begin()
