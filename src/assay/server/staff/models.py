"""The audit log."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class AuditEntry(models.Model):
    """One action of staff, or one look at personal data.

    A trigger in the database (migration 0001) refuses to change or delete a row.
    """

    at = models.DateTimeField(db_index=True)
    # None: the command line. Deleting an account keeps its row, so this never dangles.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    action = models.CharField(max_length=60)  # such as identity.approve
    subject = models.CharField(max_length=200)  # such as "identity check <uuid>"
    details = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"
