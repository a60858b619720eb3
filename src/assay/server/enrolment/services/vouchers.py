"""Making vouchers, and finding out what one is worth."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, TextIO, TypedDict

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet

from assay.errors import UsageError
from assay.messages import N_, Language
from assay.server.accounts.models import User
from assay.server.enrolment import auditing, codes
from assay.server.enrolment.errors import (
    MistypedVoucher,
    UnknownVoucher,
    VoucherBlocked,
    VoucherExpired,
    VoucherForAnotherExam,
    VoucherUsedUp,
)
from assay.server.enrolment.models import OrderState, Voucher, VoucherBatch
from assay.server.exams.bank import blueprint
from assay.server.exams.errors import stamp

if TYPE_CHECKING:  # of the stubs, which are not there at run time
    from django_stubs_ext import WithAnnotations

MOST = 10_000  # in one batch
CSV_COLUMNS = ("code", "batch", "exam", "per_cent", "uses", "used", "expires_at", "blocked_at")


class UnusableBatch(UsageError):
    """Numbers that make no sense for a batch."""

    code = "unusable_batch"
    message = N_("{field} must be from {low} to {high}, received {received}.")
    remedy = N_("Give another number.")


class BatchExpired(UsageError):
    """A batch whose vouchers would be worth nothing."""

    code = "batch_expired"
    message = N_("The vouchers would have expired at {expires_at}, before they are made.")
    remedy = N_("Give a date that is to come.")


class NamelessBatch(UsageError):
    """A batch that nobody would know again."""

    code = "nameless_batch"
    message = N_("A batch of vouchers needs a name.")
    remedy = N_("Say who gets them, or what they are for; candidates never see it.")


@transaction.atomic
def create_batch(
    *,
    name: str,
    count: int,
    now: datetime,
    exam: str = "",
    per_cent: int = 100,
    uses: int = 1,
    expires_at: datetime | None = None,
    by: User | None = None,
) -> VoucherBatch:
    """Make vouchers that are worth the same.

    Args:
        name: For staff; the candidate never sees it.
        count: How many codes, 1 to 10,000.
        now: The current time.
        exam: The blueprint that they are good for; empty: any.
        per_cent: Taken off the fee, 1 to 100.
        uses: How many registrations each code is good for.
        expires_at: From when on they are not taken any more; None: never.
        by: The member of staff; None: the command line.

    Returns:
        The batch; its vouchers are `batch.vouchers`.

    Raises:
        NamelessBatch: The name is empty.
        UnusableBatch: A number is out of its range.
        BatchExpired: `expires_at` is not in the future.
        UnknownExam: The bank has no such blueprint.
    """
    if not name.strip():
        raise NamelessBatch
    for field, received, high in (
        ("count", count, MOST),
        ("per_cent", per_cent, 100),
        ("uses", uses, 1_000_000),
    ):
        if not 1 <= received <= high:
            raise UnusableBatch(field=field, low=1, high=high, received=received)
    if expires_at is not None and expires_at <= now:
        raise BatchExpired(expires_at=stamp(expires_at))
    if exam:
        blueprint(exam)
    batch = VoucherBatch.objects.create(
        name=name.strip(),
        exam=exam,
        per_cent=per_cent,
        uses=uses,
        created_at=now,
        created_by=by,
        expires_at=expires_at,
    )
    fresh: set[str] = set()
    while len(fresh) < count:
        drawn = {codes.new_code() for _ in range(count - len(fresh))}
        # Of 29^11 codes, one that there is already comes up about never; but then it would fail.
        fresh |= drawn - set(Voucher.objects.filter(code__in=drawn).values_list("code", flat=True))
    Voucher.objects.bulk_create(Voucher(batch=batch, code=code) for code in sorted(fresh))
    auditing.record(
        "vouchers.create",
        by=by,
        subject=f"voucher batch {batch.pk}",
        now=now,
        count=count,
        exam=exam or "any",
        per_cent=per_cent,
        uses=uses,
    )
    return batch


@transaction.atomic
def block(voucher_id: int, *, by: User, now: datetime) -> None:
    """Withdraw a voucher; registrations that it has paid for stay."""
    Voucher.objects.filter(pk=voucher_id, blocked_at__isnull=True).update(blocked_at=now)
    auditing.record("vouchers.block", by=by, subject=f"voucher {voucher_id}", now=now)


class BatchUses(TypedDict):
    """What `batches` adds to a batch."""

    codes: int  # vouchers in it
    blocked: int  # of them
    capacity: int  # uses of all of them
    used: int  # how many orders hold one of them


def batches() -> QuerySet[WithAnnotations[VoucherBatch, BatchUses]]:
    """Return all batches with how often they were used, the newest first."""
    return VoucherBatch.objects.annotate(
        codes=Count("vouchers", distinct=True),
        capacity=F("uses") * F("codes"),
        blocked=Count("vouchers", filter=Q(vouchers__blocked_at__isnull=False), distinct=True),
        used=Count(
            "vouchers__orders",
            filter=~Q(vouchers__orders__state=OrderState.CANCELLED),
            distinct=True,
        ),
    ).order_by("-created_at", "-pk")


def find(typed: str) -> Voucher:
    """Return the voucher with a code, whether it can be used or not.

    Raises:
        MistypedVoucher: The code's check does not agree.
        UnknownVoucher: Nobody has made it.
    """
    code = codes.plain(typed)
    if not codes.is_well_formed(code):
        raise MistypedVoucher(voucher=typed.strip()[:40])
    found = Voucher.objects.filter(code=code).first()
    if found is None:
        raise UnknownVoucher(voucher=codes.shown(code))
    return found


@transaction.atomic
def export(batch: VoucherBatch, file: TextIO, *, by: User, now: datetime) -> int:
    """Write the codes of a batch as CSV for a member of staff; it is written down.

    Returns:
        How many were written.
    """
    count = write_csv(Voucher.objects.filter(batch=batch), file)
    subject = f"voucher batch {batch.pk}"
    auditing.record("vouchers.export", by=by, subject=subject, now=now, count=count)
    return count


class Uses(TypedDict):
    """What `with_uses` adds to a voucher."""

    used: int  # how many orders hold it


def with_uses(vouchers: QuerySet[Voucher]) -> QuerySet[WithAnnotations[Voucher, Uses]]:
    """Return the vouchers, each with `used`: how many orders hold it."""
    return vouchers.annotate(used=Count("orders", filter=~Q(orders__state=OrderState.CANCELLED)))


def write_csv(vouchers: QuerySet[Voucher], file: TextIO) -> int:
    """Write vouchers as CSV, one line each under a line of headings.

    Returns:
        How many were written.
    """
    rows = [
        (
            codes.shown(voucher.code),
            voucher.batch.name,
            voucher.batch.exam,
            voucher.batch.per_cent,
            voucher.batch.uses,
            voucher.used,
            _moment(voucher.batch.expires_at),
            _moment(voucher.blocked_at),
        )
        for voucher in with_uses(vouchers.select_related("batch")).order_by("batch", "pk")
    ]
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    writer.writerows(_harmless(row) for row in rows)
    return len(rows)


def _moment(time: datetime | None) -> str:
    return "" if time is None else time.isoformat()


def _harmless(cells: Iterable[str | int]) -> list[str | int]:
    """Keep spreadsheets from taking a text for a formula."""
    return [
        f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@")) else cell
        for cell in cells
    ]


def lock_usable(typed: str, exam: str, now: datetime, language: Language) -> Voucher:
    """Return a voucher that can be used now, and keep others from using it until we commit.

    Args:
        typed: The code as somebody typed it.
        exam: What it is to be used for.
        now: The current time.
        language: In which an error names the exam that the voucher is for.

    Raises:
        MistypedVoucher: The code's check does not agree.
        UnknownVoucher: Nobody has made it.
        VoucherBlocked: Staff have withdrawn it.
        VoucherExpired: Its time is over.
        VoucherForAnotherExam: It is bound to another exam.
        VoucherUsedUp: All its uses are taken.
    """
    code = codes.plain(typed)
    if not codes.is_well_formed(code):
        raise MistypedVoucher(voucher=typed.strip()[:40])
    shown = codes.shown(code)
    voucher = (
        Voucher.objects.select_for_update(of=("self",), no_key=True)
        .select_related("batch")
        .filter(code=code)
        .first()
    )
    if voucher is None:
        raise UnknownVoucher(voucher=shown)
    batch = voucher.batch
    if voucher.blocked_at is not None:
        raise VoucherBlocked(voucher=shown)
    if batch.expires_at is not None and now >= batch.expires_at:
        raise VoucherExpired(voucher=shown, expired_at=stamp(batch.expires_at))
    if batch.exam and batch.exam != exam:
        title = blueprint(batch.exam).title.in_language(language)
        raise VoucherForAnotherExam(voucher=shown, exam=title)
    if voucher.orders.exclude(state=OrderState.CANCELLED).count() >= batch.uses:
        raise VoucherUsedUp(voucher=shown)
    return voucher
