"""Identity checks: a candidate sends two pictures, staff compare them, the pictures go.

The pictures are sealed before they reach the database (`sealing.py`) and deleted with
the decision, or if nobody decides.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from assay.errors import UsageError
from assay.messages import N_
from assay.server.accounts.models import User
from assay.server.accounts.services import tell_staff
from assay.server.enrolment import auditing, images, letters, sealing
from assay.server.enrolment.errors import (
    IdentityCheckNotFound,
    IdentityDecided,
    IdentityNotAsked,
    NameChanged,
)
from assay.server.enrolment.models import (
    IdentityCheck,
    IdentityPicture,
    IdentityState,
    PictureKind,
)
from assay.server.enrolment.services.catalogue import is_live
from assay.server.exams.models import Registration
from assay.server.exams.services.registrations import registration_of


class ReasonMissing(UsageError):
    """A refusal that says nothing."""

    code = "reason_missing"
    message = N_("A refusal needs a reason; the candidate reads it.")
    remedy = N_("Write what is wrong with the pictures and what to send instead.")


def is_asked(registration: Registration) -> bool:
    """Return whether a registration waits for an identity check."""
    return registration.cleared_at is None


def latest_check(registration: Registration) -> IdentityCheck | None:
    """Return the last check of a registration."""
    return registration.identity_checks.order_by("-submitted_at").first()


def submit(
    candidate: User, registration_id: UUID, *, document: bytes, photo: bytes, now: datetime
) -> IdentityCheck:
    """Send in the pictures for a registration.

    Args:
        candidate: Whose registration it is.
        registration_id: The registration.
        document: Picture of the identity document: JPEG, PNG or WebP.
        photo: Picture of the candidate.
        now: The current time.

    Raises:
        RegistrationNotFound: There is no such one, or it is somebody else's.
        IdentityNotAsked: No check is needed, or the registration is not good any more.
        IdentityDecided: Pictures that were sent before wait for staff.
        AssayError: A picture cannot be used (see `images.rewrite`).
    """
    registration = registration_of(candidate, registration_id)
    if not is_asked(registration):
        raise IdentityNotAsked
    # The heavy part comes before the lock, and before anything is written.
    kept = {
        PictureKind.DOCUMENT: images.rewrite(document),
        PictureKind.PHOTO: images.rewrite(photo),
    }
    with transaction.atomic():
        registration = _locked(registration.pk)
        if not is_asked(registration) or not is_live(registration, now):
            raise IdentityNotAsked
        if registration.identity_checks.filter(state=IdentityState.WAITING).exists():
            raise IdentityDecided(state=IdentityState.WAITING.value)
        check = IdentityCheck.objects.create(
            registration=registration, name=registration.candidate.name, submitted_at=now
        )
        IdentityPicture.objects.bulk_create(
            IdentityPicture(
                check_of=check, kind=kind, sealed=sealing.seal(picture, _place(check, kind))
            )
            for kind, picture in kept.items()
        )
        letters.post("identity_received", check.pk)
        tell_staff(
            "An identity check waits",
            f"{candidate.email} has sent pictures for {registration.exam}.\n\n"
            f"{settings.URL}/staff/",
        )
    return check


def waiting() -> QuerySet[IdentityCheck]:
    """Return the checks that wait for staff, the oldest first."""
    return (
        IdentityCheck.objects.filter(state=IdentityState.WAITING)
        .select_related("registration__candidate")
        .order_by("submitted_at")
    )


@transaction.atomic
def open_picture(check_id: UUID, kind: PictureKind, *, by: User, now: datetime) -> bytes:
    """Return a picture as JPEG, for a member of staff; that it was looked at is written down.

    Raises:
        IdentityCheckNotFound: There is no such check, or its pictures are gone.
        SealBroken: It cannot be opened with this deployment's secret.
    """
    picture = IdentityPicture.objects.filter(check_of_id=check_id, kind=kind).first()
    if picture is None:
        raise IdentityCheckNotFound
    auditing.record(
        "identity.look", by=by, subject=f"identity check {check_id}", now=now, picture=kind.value
    )
    return sealing.unseal(bytes(picture.sealed), _place(picture.check_of, kind))


@transaction.atomic
def approve(check_id: UUID, *, by: User, now: datetime) -> IdentityCheck:
    """Say that document, photo and name belong together; Start is then possible.

    Raises:
        IdentityCheckNotFound: There is no such check.
        IdentityDecided: It does not wait any more.
        NameChanged: The candidate has another name now than when the pictures were sent.
    """
    check = _open_check(check_id)
    candidate = check.registration.candidate
    if candidate.name != check.name:
        raise NameChanged(submitted=check.name, present=candidate.name)
    _close(check, IdentityState.APPROVED, now, by=by)
    check.registration.cleared_at = now
    check.registration.save(update_fields=["cleared_at"])
    auditing.record("identity.approve", by=by, subject=f"identity check {check_id}", now=now)
    letters.post("identity_approved", check.pk)
    return check


@transaction.atomic
def refuse(check_id: UUID, *, by: User, reason: str, now: datetime) -> IdentityCheck:
    """Say that the pictures do not do; the candidate can send others.

    Args:
        check_id: The check.
        by: The member of staff.
        reason: What the candidate reads, in the candidate's language if possible.
        now: The current time.

    Raises:
        ReasonMissing: The reason is empty.
        IdentityCheckNotFound: There is no such check.
        IdentityDecided: It does not wait any more.
    """
    if not reason.strip():
        raise ReasonMissing
    check = _open_check(check_id)
    _close(check, IdentityState.REFUSED, now, by=by, reason=reason.strip())
    auditing.record(
        "identity.refuse",
        by=by,
        subject=f"identity check {check_id}",
        now=now,
        reason=reason.strip(),
    )
    letters.post("identity_refused", check.pk)
    return check


def drop_old(now: datetime) -> int:
    """Delete the pictures that nobody has decided on in time, and tell the candidates.

    Returns:
        How many checks lapsed.
    """
    before = now - timedelta(days=settings.IDENTITY_DAYS)
    old = IdentityCheck.objects.filter(state=IdentityState.WAITING).filter(
        Q(submitted_at__lte=before)
        | Q(registration__valid_until__lte=now)
        | Q(registration__candidate__erased_at__isnull=False)
    )
    return sum(_lapse(check_id, now) for check_id in old.values_list("pk", flat=True))


def forget(candidate: User, now: datetime) -> None:
    """Delete all pictures of a candidate whose account is deleted."""
    found = IdentityCheck.objects.filter(
        registration__candidate=candidate, state=IdentityState.WAITING
    )
    for check_id in found.values_list("pk", flat=True):
        _lapse(check_id, now)


def call_off(registration: Registration, now: datetime) -> None:
    """Delete the pictures that wait for a registration that is not good any more."""
    found = registration.identity_checks.filter(state=IdentityState.WAITING)
    for check_id in found.values_list("pk", flat=True):
        _lapse(check_id, now)


@transaction.atomic
def name_changed(candidate: User, now: datetime) -> None:
    """Take back approvals that were given to another name, as long as the clock has not run.

    The certificate carries the name; what staff have compared must be what it says.
    """
    approved = IdentityCheck.objects.filter(
        registration__candidate=candidate, state=IdentityState.APPROVED
    ).exclude(name=candidate.name)
    unused = approved.filter(
        registration__cleared_at__isnull=False, registration__valid_until__gt=now
    ).exclude(registration__sitting__started_at__isnull=False)
    for check in unused:
        registration = _locked(check.registration_id)
        registration.cleared_at = None
        registration.save(update_fields=["cleared_at"])
        check.state = IdentityState.LAPSED
        check.save(update_fields=["state"])
        letters.post("identity_lapsed", check.pk)


@transaction.atomic
def _lapse(check_id: UUID, now: datetime) -> bool:
    try:
        check = _open_check(check_id)
    except IdentityDecided:  # this very moment
        return False
    _close(check, IdentityState.LAPSED, now)
    registration = check.registration
    is_good = now < registration.valid_until and registration.voided_at is None
    if is_good and registration.candidate.erased_at is None:
        letters.post("identity_lapsed", check.pk)
        tell_staff(
            "An identity check was not decided in time",
            f"The pictures of {registration.candidate.email} were deleted after "
            f"{settings.IDENTITY_DAYS} days; the candidate was asked to send them again.",
        )
    return True


def _locked(registration_id: UUID) -> Registration:
    return (
        Registration.objects.select_for_update(of=("self",))
        .select_related("candidate")
        .get(pk=registration_id)
    )


def _open_check(check_id: UUID) -> IdentityCheck:
    """Return a check that waits, with its lock."""
    check = (
        IdentityCheck.objects.select_for_update(of=("self",))
        .select_related("registration__candidate")
        .filter(pk=check_id)
        .first()
    )
    if check is None:
        raise IdentityCheckNotFound
    if check.state != IdentityState.WAITING:
        raise IdentityDecided(state=check.state)
    return check


def _close(
    check: IdentityCheck,
    state: IdentityState,
    now: datetime,
    *,
    by: User | None = None,
    reason: str = "",
) -> None:
    check.state, check.decided_at, check.decided_by, check.reason = state, now, by, reason
    check.save(update_fields=["state", "decided_at", "decided_by", "reason"])
    check.pictures.all().delete()


def _place(check: IdentityCheck, kind: PictureKind | str) -> str:
    return f"{check.pk}:{PictureKind(kind).value}"
