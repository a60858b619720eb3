"""Vouchers, orders and payments, identity checks, and what candidates were told."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from assay.server.enrolment import codes
from assay.server.enrolment.money import Money
from assay.server.exams.models import Registration

_CURRENCY = 3  # letters of an ISO 4217 code


class VoucherBatch(models.Model):
    """Vouchers that were made together and are worth the same."""

    name = models.CharField(max_length=200)  # for staff, such as "Class of 2026, Example School"
    exam = models.CharField(max_length=100, blank=True)  # empty: good for any
    per_cent = models.PositiveSmallIntegerField(default=100)  # taken off the fee
    uses = models.PositiveIntegerField(default=1)  # of each voucher
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )  # None: from the command line
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(per_cent__gte=1, per_cent__lte=100), name="a_voucher_takes_1_to_100"
            ),
            models.CheckConstraint(condition=Q(uses__gte=1), name="a_voucher_can_be_used"),
        ]

    def __str__(self) -> str:
        return self.name


class Voucher(models.Model):
    """A code that pays for a registration, or for a part of it.

    How often it was used is counted from the orders that hold it, under its lock.
    """

    batch = models.ForeignKey(VoucherBatch, on_delete=models.PROTECT, related_name="vouchers")
    code = models.CharField(max_length=codes.LENGTH, unique=True)  # plain, see codes.py
    blocked_at = models.DateTimeField(null=True, blank=True)  # by staff: good for nothing more

    def __str__(self) -> str:
        return codes.shown(self.code)


class OrderState(models.TextChoices):
    """Where an order is."""

    OPEN = "open"  # waits for the payment
    COMPLETE = "complete"  # has its registration
    CANCELLED = "cancelled"  # by the candidate, or never paid
    REFUNDED = "refunded"  # paid back in full


class Order(models.Model):
    """A candidate's wish to register for an exam, and what has become of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    candidate = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="orders"
    )
    exam = models.CharField(max_length=100)  # the blueprint's name in the bank
    state = models.CharField(max_length=10, choices=OrderState.choices, default=OrderState.OPEN)
    fee = models.PositiveIntegerField()  # of the blueprint when it was ordered, smallest unit
    due = models.PositiveIntegerField()  # what is left of it to pay, smallest unit
    currency = models.CharField(max_length=_CURRENCY)  # ISO 4217
    voucher = models.ForeignKey(
        Voucher, on_delete=models.PROTECT, null=True, blank=True, related_name="orders"
    )
    registration = models.OneToOneField(
        Registration, on_delete=models.PROTECT, null=True, blank=True, related_name="order"
    )
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)  # complete or cancelled
    refunded_at = models.DateTimeField(null=True, blank=True)  # in full

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["candidate", "exam"],
                condition=Q(state="open"),
                name="one_open_order_per_exam",
            ),
            models.CheckConstraint(
                condition=~Q(state="complete") | Q(registration__isnull=False),
                name="a_complete_order_has_its_registration",
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True)
                | (~Q(state="open") & Q(closed_at__isnull=False)),
                name="an_open_order_is_not_closed",
            ),
            models.CheckConstraint(condition=Q(due__lte=F("fee")), name="nobody_pays_extra"),
        ]

    def __str__(self) -> str:
        return f"{self.exam} {self.id}"

    @property
    def number(self) -> str:
        """The order's number as people quote it: the first 8 digits of its id."""
        return self.id.hex[:8].upper()

    @property
    def full_price(self) -> Money:
        """The blueprint's fee."""
        return Money(amount=self.fee, currency=self.currency)

    @property
    def price(self) -> Money:
        """What the candidate has to pay, or had to."""
        return Money(amount=self.due, currency=self.currency)


class PaymentState(models.TextChoices):
    """Where a payment is; it only ever goes down this list, whatever order the news come in."""

    OPEN = "open"  # Stripe's page waits for the candidate
    PROCESSING = "processing"  # done on the page; the bank takes its time
    FAILED = "failed"  # the bank said no, or the page's time was up
    PAID = "paid"
    REFUNDED = "refunded"  # in full


class PaymentQuerySet(models.QuerySet["Payment"]):
    """Payments by what Stripe says of them."""

    def known_by(self, *ways: Mapping[str, object]) -> Payment | None:
        """Return the payment that the first of these ways finds; one with a gap is passed over."""
        for known in ways:
            if all(known.values()):
                found = self.filter(**known).first()
                if found is not None:
                    return found
        return None


class Payment(models.Model):
    """One visit to Stripe Checkout for an order."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="payments")
    state = models.CharField(max_length=10, choices=PaymentState.choices, default=PaymentState.OPEN)
    amount = models.PositiveIntegerField()  # smallest unit of the order's currency
    refunded = models.PositiveIntegerField(default=0)  # of it, so far
    session = models.CharField(max_length=255, blank=True, db_index=True)  # cs_… of Stripe
    intent = models.CharField(max_length=255, blank=True, db_index=True)  # pi_… of Stripe
    address = models.URLField(max_length=2000, blank=True)  # of Stripe's page
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()  # of Stripe's page
    paid_at = models.DateTimeField(null=True, blank=True)

    objects = PaymentQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(refunded__lte=F("amount")), name="no_more_is_refunded_than_paid"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.state}"


class FailedRefund(models.Model):
    """Money that was on its way back to a payer and did not arrive: staff find another way."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="failed_refunds")
    number = models.CharField(max_length=255, unique=True)  # re_… of Stripe
    amount = models.PositiveIntegerField()  # smallest unit of the order's currency
    reason = models.CharField(max_length=100)  # Stripe's word, such as `lost_or_stolen_card`
    failed_at = models.DateTimeField()  # when we heard of it
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    settled_how = models.TextField(blank=True)  # for staff

    class Meta:
        ordering: ClassVar = ["failed_at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settled_by__isnull=True, settled_how="")
                | (Q(settled_at__isnull=False, settled_by__isnull=False) & ~Q(settled_how="")),
                name="a_settled_refund_says_how",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class StripeEvent(models.Model):
    """News from Stripe that were taken in; each is delivered at least once, so often twice."""

    id = models.CharField(primary_key=True, max_length=255)  # evt_… of Stripe
    kind = models.CharField(max_length=100)
    received_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class IdentityState(models.TextChoices):
    """Where an identity check is."""

    WAITING = "waiting"  # for staff
    APPROVED = "approved"
    REFUSED = "refused"
    LAPSED = "lapsed"  # nobody decided in time, or the name changed: the pictures are gone


class IdentityCheck(models.Model):
    """Pictures that a candidate sent in for a registration, and what staff said to them."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    registration = models.ForeignKey(
        Registration, on_delete=models.PROTECT, related_name="identity_checks"
    )
    name = models.CharField(max_length=200)  # the candidate's when the pictures were sent
    state = models.CharField(
        max_length=10, choices=IdentityState.choices, default=IdentityState.WAITING
    )
    submitted_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    reason = models.TextField(blank=True)  # of a refusal, as the candidate reads it

    class Meta:
        ordering: ClassVar = ["submitted_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["registration"],
                condition=Q(state="waiting"),
                name="one_waiting_check_per_registration",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_at__isnull=True)
                | (~Q(state="waiting") & Q(decided_at__isnull=False)),
                name="a_decision_has_its_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.registration_id} {self.state}"


class PictureKind(models.TextChoices):
    """What a picture shows."""

    DOCUMENT = "document"
    PHOTO = "photo"


class IdentityPicture(models.Model):
    """A sealed picture of a check that waits; the row goes with the decision."""

    check_of = models.ForeignKey(
        IdentityCheck, on_delete=models.CASCADE, related_name="pictures", db_column="check_id"
    )
    kind = models.CharField(max_length=10, choices=PictureKind.choices)
    sealed = models.BinaryField()  # see sealing.py

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["check_of", "kind"], name="one_picture_of_a_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.check_of_id} {self.kind}"


class Reminder(models.Model):
    """A registration's candidate was told how long it is good; the row keeps it from happening twice."""

    registration = models.ForeignKey(
        Registration, on_delete=models.CASCADE, related_name="reminders"
    )
    days = models.PositiveSmallIntegerField()  # left at the time: 30, 7, 1; 0: it has expired
    sent_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["registration", "days"], name="each_reminder_once"),
        ]

    def __str__(self) -> str:
        return f"{self.registration_id} {self.days}"
