"""Writing the audit log."""

from __future__ import annotations

from datetime import datetime

from assay.server.accounts.models import User
from assay.server.staff.models import AuditEntry


class AuditLog:
    """The log as `enrolment.auditing` and this app's views write to it."""

    def record(
        self, action: str, *, by: User | None, subject: str, now: datetime, **details: str | int
    ) -> None:
        """Write down one action, in the running transaction.

        Args:
            action: Such as `clock.stop`.
            by: Who did it; None for the command line.
            subject: What it was done to, such as `sitting <uuid>`.
            now: When.
            details: What else is worth knowing.
        """
        AuditEntry.objects.create(at=now, by=by, action=action, subject=subject, details=details)


record = AuditLog().record
