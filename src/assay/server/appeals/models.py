"""A candidate's appeal against the marks of a sitting, or against its annulment."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from assay.server.exams.models import Sitting
from assay.server.submissions.models import Regrade


class AppealState(models.TextChoices):
    """Where an appeal is."""

    WAITING = "waiting"
    GRANTED = "granted"
    REFUSED = "refused"


class AppealKind(models.TextChoices):
    """What an appeal is against."""

    MARKS = "marks"
    ANNULMENT = "annulment"  # of the whole sitting, by staff


class Appeal(models.Model):
    """What a candidate has against the marks of a sitting, or against its annulment."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sitting = models.ForeignKey(Sitting, on_delete=models.PROTECT, related_name="appeals")
    kind = models.CharField(max_length=9, choices=AppealKind.choices, default=AppealKind.MARKS)
    state = models.CharField(max_length=7, choices=AppealState.choices, default=AppealState.WAITING)
    filed_at = models.DateTimeField()
    # Names of slots, in the order of the blueprint; none where it is not about marks.
    slots = models.JSONField(default=list, blank=True)
    text = models.TextField()  # the candidate's; empty once the account is deleted
    # How many submissions were graded once more; None: that was not asked for yet.
    scored = models.PositiveIntegerField(null=True, blank=True)
    regrades = models.ManyToManyField(Regrade, related_name="appeals")
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    answer = models.TextField(blank=True)  # the reason, as the candidate reads it
    changes = models.JSONField(default=list, blank=True)  # marks: [slot, number, before, after]

    class Meta:
        ordering: ClassVar = ["filed_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["sitting"],
                condition=Q(kind=AppealKind.MARKS),
                name="one_appeal_against_marks",
            ),
            # A sitting that is annulled once more can be appealed against once more.
            models.UniqueConstraint(
                fields=["sitting"],
                condition=Q(kind=AppealKind.ANNULMENT, state=AppealState.WAITING),
                name="one_open_appeal_against_annulment",
            ),
            models.CheckConstraint(
                condition=Q(state=AppealState.WAITING, answered_at__isnull=True, answer="")
                | (~Q(state=AppealState.WAITING) & Q(answered_at__isnull=False) & ~Q(answer="")),
                name="an_answered_appeal_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sitting_id} {self.state}"
