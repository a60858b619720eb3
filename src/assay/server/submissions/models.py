"""Uploaded model files and what grading said of them."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
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
    began_at = models.DateTimeField(null=True, blank=True)  # when the upload began
    arrived_at = models.DateTimeField()  # the last byte's
    queued_at = models.DateTimeField(null=True, blank=True)  # when it was stored
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


class AttemptOutcome(models.TextChoices):
    """How a grader's attempt at a submission ended."""

    VERDICT = "verdict"
    FAULT = "fault"
    GIVEN_BACK = "given_back"  # its grader stopped; another one takes over
    OVERTAKEN = "overtaken"  # the submission was cancelled meanwhile


class Attempt(models.Model):
    """One claim of a submission by a grader, and how it ended; never deleted."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=12, choices=AttemptOutcome.choices, blank=True)
    fault_code = models.CharField(max_length=60, blank=True)
    detail = models.TextField(blank=True)  # for staff
    grader_version = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering: ClassVar = ["submission", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["submission", "number"], name="attempts_are_numbered")
        ]

    def __str__(self) -> str:
        return f"{self.submission_id} attempt {self.number}"


class RegradeState(models.TextChoices):
    """Where a re-grade is."""

    WAITING = "waiting"  # for a grader, or in its hands
    SAME = "same"  # the verdict is what it was
    CHANGED = "changed"  # proposed: an examiner applies it or sets it aside
    FAILED = "failed"  # by our fault, after all tries
    APPLIED = "applied"
    SET_ASIDE = "set_aside"


class Regrade(models.Model):
    """A graded submission that is graded once more, beside the verdict that it has.

    It changes nothing by itself: a verdict that differs is a proposal.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="regrades")
    state = models.CharField(
        max_length=9, choices=RegradeState.choices, default=RegradeState.WAITING
    )
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    job_id = models.BigIntegerField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    fault_reason = models.TextField(blank=True)  # of the last try; for staff
    finished_at = models.DateTimeField(null=True, blank=True)
    # As it was when the re-grade was asked for.
    points_before = models.PositiveSmallIntegerField(null=True, blank=True)
    value_before = models.FloatField(null=True, blank=True)
    refusal_before = models.CharField(max_length=60, blank=True)
    version_before = models.CharField(max_length=40, blank=True)
    # What came out.
    points = models.PositiveSmallIntegerField(null=True, blank=True)
    metric_value = models.FloatField(null=True, blank=True)
    refusal_code = models.CharField(max_length=60, blank=True)
    refusal_params = models.JSONField(default=dict, blank=True)
    grader_version = models.CharField(max_length=40, blank=True)
    # The examiner's word on a verdict that differs.
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decision = models.TextField(blank=True)  # the reason; of an applied one, the candidate's too

    class Meta:
        ordering: ClassVar = ["-asked_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["submission"],
                condition=Q(state__in=[RegradeState.WAITING, RegradeState.CHANGED]),
                name="one_open_regrade_per_submission",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[RegradeState.APPLIED, RegradeState.SET_ASIDE])
                | (Q(decided_at__isnull=False) & ~Q(decision="")),
                name="a_decided_regrade_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.submission_id} {self.state}"
