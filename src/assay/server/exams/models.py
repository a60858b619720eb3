"""The right to sit an exam, its sitting and the tasks drawn for it."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import DurationField, F, Func, Q

from assay.items.blueprint import BlueprintYaml
from assay.items.spec import ItemYaml
from assay.messages import Language
from assay.server.exams.phases import SittingTimes, Stop
from assay.wire import StopKind


class Registration(models.Model):
    """A candidate's right to sit one exam once, until a date."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    candidate = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="registrations"
    )
    exam = models.CharField(max_length=100)  # the blueprint's name in the bank
    created_at = models.DateTimeField()
    valid_until = models.DateTimeField()
    # Accommodation: multiplies the exam's duration (1.25, 1.5, 2). Never on the certificate.
    time_factor = models.FloatField(default=1.0)
    # Accommodation: for so long the candidate may stop the clock by themselves.
    pause_minutes = models.PositiveSmallIntegerField(default=0)
    # Null while an identity check is asked for and not approved; nobody may start before.
    cleared_at = models.DateTimeField(null=True, blank=True)
    pledged_at = models.DateTimeField(null=True, blank=True)  # to sit the exam honestly
    voided_at = models.DateTimeField(null=True, blank=True)  # annulled by staff, with its sitting
    void_reason = models.TextField(blank=True)  # as the candidate reads it

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(time_factor__gte=1.0), name="an_accommodation_gives_time"
            ),
            models.CheckConstraint(
                condition=Q(voided_at__isnull=False) | Q(void_reason=""),
                name="only_what_is_void_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.exam} {self.id}"


class _Seconds(Func):
    """A number of seconds as an interval of PostgreSQL."""

    function = "make_interval"
    template = "%(function)s(secs => %(expressions)s)"
    output_field = DurationField()


class SittingQuerySet(models.QuerySet["Sitting"]):
    """Sittings by what their times say."""

    def owned_by(self, candidate_id: int) -> SittingQuerySet:
        """Return the sittings of one candidate."""
        return self.filter(registration__candidate_id=candidate_id)

    def to_close(self, now: datetime) -> SittingQuerySet:
        """Return the sittings that were ended or whose time is up, and that are not closed.

        Stops of the clock are not counted here, so some of them may still run; their
        phase tells.
        """
        length = F("duration_seconds") * F("time_factor") + F("added_seconds")
        return self.filter(
            started_at__isnull=False, closed_at__isnull=True, voided_at__isnull=True
        ).filter(Q(ended_at__lte=now) | Q(started_at__lte=now - _Seconds(length)))


class Sitting(models.Model):
    """One run of an exam by one candidate.

    It has times only; its phase is computed from them (`phases.py`), so that no
    job has to run for a sitting to be over.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    registration = models.OneToOneField(
        Registration, on_delete=models.PROTECT, related_name="sitting"
    )
    blueprint = models.JSONField()  # as it was when the sitting was opened
    opened_at = models.DateTimeField()
    prepared_at = models.DateTimeField(null=True, blank=True)  # all variants are drawn
    started_at = models.DateTimeField(null=True, blank=True)  # the clock runs
    ended_at = models.DateTimeField(null=True, blank=True)  # by the candidate
    closed_at = models.DateTimeField(null=True, blank=True)  # the result is final
    voided_at = models.DateTimeField(null=True, blank=True)  # annulled by staff
    duration_seconds = models.FloatField()  # of the blueprint
    time_factor = models.FloatField(default=1.0)  # accommodation
    pause_minutes = models.PositiveSmallIntegerField(default=0)  # accommodation
    added_seconds = models.FloatField(default=0)  # by staff, on top of what the stops give
    seen_at = models.DateTimeField(null=True, blank=True)  # when its candidate last asked
    # The result; set when the sitting is closed.
    total = models.FloatField(null=True, blank=True)  # per cent of the weighted total
    passed = models.BooleanField(null=True, blank=True)

    objects = SittingQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, total__isnull=True, passed__isnull=True)
                | Q(closed_at__isnull=False, total__isnull=False, passed__isnull=False),
                name="a_closed_sitting_has_a_result",
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["started_at"],
                condition=Q(started_at__isnull=False, closed_at__isnull=True),
                name="sittings_to_close",
            )
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def plan(self) -> BlueprintYaml:
        """The blueprint that this sitting was opened with."""
        return BlueprintYaml.model_validate(self.blueprint)

    @property
    def times(self) -> SittingTimes:
        """What the phase depends on."""
        return SittingTimes(
            valid_until=self.registration.valid_until,
            prepared_at=self.prepared_at,
            started_at=self.started_at,
            ended_at=self.ended_at,
            closed_at=self.closed_at,
            voided_at=self.voided_at,
            duration=timedelta(seconds=self.duration_seconds),
            time_factor=self.time_factor,
            added=timedelta(seconds=self.added_seconds),
            pauses=timedelta(minutes=self.pause_minutes),
            stops=tuple(stop.times for stop in self.stops.all()),
        )


class ClockStop(models.Model):
    """A while in which a sitting's clock stands."""

    sitting = models.ForeignKey(Sitting, on_delete=models.CASCADE, related_name="stops")
    kind = models.CharField(max_length=8, choices=[(kind.value, kind.name) for kind in StopKind])
    began_at = models.DateTimeField()
    # Of a pause, when it will end at the latest; None while nobody knows.
    ended_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True)  # for the candidate, by staff
    by = models.ForeignKey(  # who stopped it; nobody, for an outage
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["began_at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("began_at")),
                name="a_stop_ends_after_it_began",
            ),
            models.UniqueConstraint(
                fields=["sitting", "kind"],
                condition=Q(ended_at__isnull=True),
                name="one_open_stop_of_a_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sitting_id} {self.kind}"

    @property
    def times(self) -> Stop:
        """What the phase depends on."""
        return Stop(kind=StopKind(self.kind), began_at=self.began_at, ended_at=self.ended_at)


class Pulse(models.Model):
    """When a part of the service last gave a sign of life, on whichever machine."""

    part = models.CharField(max_length=20, primary_key=True)  # of `services.outages.PARTS`
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.part


class AnnouncementQuerySet(models.QuerySet["Announcement"]):
    """Announcements by whom they are for."""

    def current(self, exam: str, now: datetime) -> AnnouncementQuerySet:
        """Return what those who sit `exam` are to read at `now`, the newest first."""
        return (
            self.filter(exam__in=["", exam], from_at__lte=now)
            .filter(Q(until_at__isnull=True) | Q(until_at__gt=now))
            .order_by("-from_at", "-id")
        )


class Announcement(models.Model):
    """What staff tell everybody who sits an exam."""

    text_en = models.TextField()
    text_zh = models.TextField()
    exam = models.CharField(max_length=100, blank=True)  # a blueprint's name; empty: all exams
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True, blank=True)  # None: until it is taken back
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(until_at__isnull=True) | Q(until_at__gt=F("from_at")),
                name="an_announcement_lasts",
            )
        ]

    def __str__(self) -> str:
        return self.text_en[:60]

    def in_language(self, language: Language) -> str:
        """Return the text in `language`."""
        return {Language.ENGLISH: self.text_en, Language.CHINESE: self.text_zh}[language]


class DrawnTask(models.Model):
    """What a sitting's slot holds: an item and a seed, frozen when they are drawn.

    The digests name blobs in the store; they are empty until the variant is
    prepared. Hidden inputs and labels are kept apart, since only the inputs
    ever go near a candidate's model.
    """

    sitting = models.ForeignKey(Sitting, on_delete=models.CASCADE, related_name="tasks")
    slot = models.CharField(max_length=40)  # Category1 … Category5
    item = models.CharField(max_length=200)  # key in the bank, such as "text/which_language"
    item_uuid = models.UUIDField()
    seed = models.BigIntegerField()  # 0 ≤ seed < 2^63
    spec = models.JSONField()  # item.yaml as it was: contract, limits, metric, titles
    prepared_at = models.DateTimeField(null=True, blank=True)
    faults = models.PositiveSmallIntegerField(default=0)  # failed preparations
    job_id = models.BigIntegerField(null=True, blank=True)  # the preparation's
    bundle_plain_sha256 = models.CharField(max_length=64, blank=True)
    bundle_sha256 = models.CharField(max_length=64, blank=True)  # sealed
    bundle_size = models.PositiveBigIntegerField(default=0)  # sealed, bytes
    bundle_key = models.BinaryField(max_length=32, default=bytes)
    hidden_inputs = models.CharField(max_length=64, blank=True)
    hidden_labels = models.CharField(max_length=64, blank=True)
    sealed_inputs = models.CharField(max_length=64, blank=True)
    sealed_labels = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering: ClassVar = ["sitting", "slot"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sitting", "slot"], name="one_task_per_slot"),
            models.CheckConstraint(
                condition=Q(prepared_at__isnull=True)
                | ~(
                    Q(bundle_sha256="")
                    | Q(hidden_inputs="")
                    | Q(hidden_labels="")
                    | Q(sealed_inputs="")
                    | Q(sealed_labels="")
                ),
                name="a_prepared_task_has_its_files",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sitting_id} {self.slot}"

    @property
    def item_yaml(self) -> ItemYaml:
        """The item's contract, limits and metric, as they were at the draw."""
        return ItemYaml.model_validate(self.spec)
