"""Uploaded model files and what grading said of them."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from assay.server.exams.models import DrawnTask
from assay.wire import SubmissionState

UNFINISHED = [state.value for state in SubmissionState if not state.is_final]


class Submission(models.Model):
    """One uploaded model file for one slot of a sitting.

    The row is the truth; the job that grades it is found again from it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    task = models.ForeignKey(DrawnTask, on_delete=models.PROTECT, related_name="submissions")
    number = models.PositiveIntegerField()  # 1, 2, … within the slot
    file_name = models.CharField(max_length=255)  # as the candidate calls it; never a path here
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()  # bytes
    arrived_at = models.DateTimeField()  # the last byte's
    state = models.CharField(
        max_length=12,
        choices=[(state.value, state.name) for state in SubmissionState],
        default=SubmissionState.QUEUED.value,
    )
    attempt = models.PositiveSmallIntegerField(default=0)  # claims by graders
    faults = models.PositiveSmallIntegerField(default=0)  # attempts that failed by our fault
    fault_code = models.CharField(max_length=60, blank=True)  # of the last one
    fault_params = models.JSONField(default=dict, blank=True)
    fault_reason = models.TextField(blank=True)  # for staff
    job_id = models.BigIntegerField(null=True, blank=True)  # of the queue; the last one's
    claimed_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    grader_version = models.CharField(max_length=40, blank=True)
    points = models.PositiveSmallIntegerField(null=True, blank=True)
    # For staff only: digits would let a candidate climb the hidden set.
    metric_value = models.FloatField(null=True, blank=True)
    sealed_value = models.FloatField(null=True, blank=True)  # on the sealed set, after closing
    refusal_code = models.CharField(max_length=60, blank=True)
    refusal_params = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering: ClassVar = ["task", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["task"],
                condition=Q(state__in=UNFINISHED),
                name="one_unfinished_submission_per_task",
            ),
            models.UniqueConstraint(fields=["task", "number"], name="submissions_are_numbered"),
            models.CheckConstraint(
                condition=Q(state=SubmissionState.GRADED.value, points__range=(0, 5))
                | (~Q(state=SubmissionState.GRADED.value) & Q(points__isnull=True)),
                name="graded_means_points",
            ),
            models.CheckConstraint(
                condition=Q(state=SubmissionState.REFUSED.value) ^ Q(refusal_code=""),
                name="refused_means_a_reason",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["state"], condition=Q(state__in=UNFINISHED), name="unfinished_submissions"
            )
        ]

    def __str__(self) -> str:
        return f"{self.task} #{self.number}"
