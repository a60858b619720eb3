"""What staff do to registrations: make, extend, accommodate, annul. Each is written down."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from assay.messages import Language
from assay.server.accounts.models import User
from assay.server.accounts.services import register_candidate
from assay.server.enrolment import auditing, letters
from assay.server.enrolment.errors import (
    AccountDeleted,
    NameNeeded,
    NoAddress,
    NotLater,
    OutOfRange,
    PaidBack,
    ReasonNeeded,
    StillRegistered,
    TimeTakenAway,
)
from assay.server.enrolment.models import Order, OrderState
from assay.server.enrolment.services import identity
from assay.server.enrolment.services.catalogue import is_live
from assay.server.exams.errors import RegistrationUsed, RegistrationVoid, stamp
from assay.server.exams.models import Registration, Sitting
from assay.server.exams.phases import phase
from assay.server.exams.services import clock, registrations, voiding
from assay.wire import Phase

FACTORS = (1.0, 4.0)  # the exam's duration is multiplied by
PAUSES = (0, 600)  # minutes
_OVER = {Phase.CLOSED, Phase.VOID}


@transaction.atomic
def make(
    email: str,
    exam: str,
    *,
    by: User,
    reason: str,
    now: datetime,
    name: str = "",
    language: Language = Language.ENGLISH,
    time_factor: float = 1.0,
    pause_minutes: int = 0,
    cleared: bool = True,
) -> Registration:
    """Register somebody for an exam, without an order.

    Args:
        email: Of the person, who need not have an account yet.
        exam: A blueprint of the bank.
        by: The member of staff.
        reason: For the audit log.
        now: The current time.
        name: As on the identity document; only used for who has no account.
        language: Of mails; only used for who has no account.
        time_factor: Accommodation: multiplies the exam's duration.
        pause_minutes: Accommodation: for so long the candidate may stop the clock.
        cleared: False: an identity check must be approved before Start.

    Raises:
        NoAddress: `email` is not one.
        NameNeeded: The person has no account, and no name was given.
        StillRegistered: The person has a registration for the exam that is good.
        ReasonNeeded: There is none.
        OutOfRange: An accommodation makes no sense.
        UnknownExam: The bank has no such blueprint.
    """
    reason = _given(reason)
    _check_accommodations(time_factor, pause_minutes)
    candidate = _person(email, name.strip(), language, now)
    # One at a time: two clicks must not become two registrations.
    User.objects.select_for_update(no_key=True).get(pk=candidate.pk)
    own = registrations.registrations_of(candidate).filter(exam=exam)
    if any(is_live(registration, now) for registration in own):
        raise StillRegistered
    made = registrations.register(
        candidate,
        exam,
        now,
        time_factor=time_factor,
        pause_minutes=pause_minutes,
        cleared=cleared,
    )
    _record("make", made, by, reason, now, exam=exam)
    letters.post("registered", made.pk)
    return made


def _person(email: str, name: str, language: Language, now: datetime) -> User:
    try:
        validate_email(email.strip())
    except ValidationError:
        raise NoAddress(received=email.strip()[:80]) from None
    known = User.objects.filter(email=email.strip().lower()).first()
    if known is not None:
        return known  # name and language are theirs to change
    if not name:
        raise NameNeeded
    return register_candidate(email, name=name, language=language, now=now)


@transaction.atomic
def extend(
    registration_id: UUID, last_day: date, *, by: User, reason: str, now: datetime
) -> Registration:
    """Let a registration be good to the end of a day (UTC); reminders begin anew.

    Raises:
        NotLater: It is good for longer already, or the day is over.
        RegistrationVoid: It was annulled.
        RegistrationUsed: Its clock was started.
        AccountDeleted, PaidBack: Nobody can use it any more.
        ReasonNeeded: There is none.
    """
    reason = _given(reason)
    registration = registrations.locked_registration(registration_id)
    _check_usable(registration)
    until = datetime.combine(last_day, time.max, UTC)
    if until <= max(registration.valid_until, now):
        raise NotLater(valid_until=stamp(registration.valid_until))
    before = stamp(registration.valid_until)
    registration = registrations.extend(registration_id, until)
    registration.reminders.all().delete()
    _record("extend", registration, by, reason, now, before=before, until=stamp(until))
    letters.post("extended", registration.pk)
    return registration


@transaction.atomic
def accommodate(
    registration_id: UUID,
    *,
    time_factor: float,
    pause_minutes: int,
    by: User,
    reason: str,
    now: datetime,
) -> Registration:
    """Set a registration's accommodations, also while its clock runs.

    Args:
        registration_id: The registration.
        time_factor: Multiplies the exam's duration, 1 to 4.
        pause_minutes: For so long the candidate may stop the clock, 0 to 600.
        by: The member of staff.
        reason: For the audit log, so without anybody's state of health.
        now: The current time.

    Raises:
        OutOfRange: A number makes no sense.
        TimeTakenAway: The clock runs, and it would be less than before.
        RegistrationVoid: It was annulled.
        RegistrationUsed: Its sitting has a result.
        AccountDeleted, PaidBack: Nobody can use it any more.
        ReasonNeeded: There is none.
    """
    reason = _given(reason)
    _check_accommodations(time_factor, pause_minutes)
    registration = registrations.locked_registration(registration_id)
    _check_usable(registration)
    sitting = Sitting.objects.select_for_update().filter(registration=registration).first()
    if sitting is not None:
        current = phase(sitting.times, now)
        if current is Phase.CLOSED:
            raise RegistrationUsed(ended_at=stamp(sitting.times.over_at or now))
        less = time_factor < sitting.time_factor or pause_minutes < sitting.pause_minutes
        if less and sitting.started_at is not None:
            raise TimeTakenAway
    registration = clock.accommodate(
        registration_id, time_factor=time_factor, pause_minutes=pause_minutes
    )
    factor = f"{time_factor:g}"
    _record("accommodate", registration, by, reason, now, factor=factor, pause=pause_minutes)
    letters.post("accommodated", registration.pk)
    return registration


@transaction.atomic
def void(registration_id: UUID, *, by: User, reason: str, now: datetime) -> Registration:
    """Annul a registration and its sitting for good, and tell the candidate why.

    No money is paid back by it; pictures that wait for an identity check are deleted.

    Args:
        registration_id: The registration.
        by: The member of staff.
        reason: What the candidate reads, in the candidate's language if possible.
        now: The current time.

    Raises:
        RegistrationVoid: It was annulled before.
        ReasonNeeded: There is none.
    """
    reason = _given(reason)
    registration = voiding.void(registration_id, reason=reason, now=now)
    identity.call_off(registration, now)
    _record("void", registration, by, reason, now)
    letters.post("voided", registration.pk)
    return registration


@transaction.atomic
def reinstate(registration_id: UUID, *, by: User, reason: str, now: datetime) -> Registration:
    """Lift an annulment; see `voiding.reinstate`. Whoever does it tells the candidate.

    Args:
        registration_id: The registration.
        by: The member of staff.
        reason: For the audit log.
        now: The current time.

    Raises:
        ReasonNeeded: There is none.
    """
    reason = _given(reason)
    registration = voiding.reinstate(registration_id, by=by)
    _record("reinstate", registration, by, reason, now)
    return registration


def may_be_extended(registration: Registration) -> bool:
    """Return whether `extend` can do anything."""
    sitting = registrations.sitting_of(registration)
    return _is_usable(registration) and (sitting is None or sitting.started_at is None)


def may_be_accommodated(registration: Registration, now: datetime) -> bool:
    """Return whether `accommodate` can do anything."""
    sitting = registrations.sitting_of(registration)
    over = sitting is not None and phase(sitting.times, now) in _OVER
    return _is_usable(registration) and not over


def _is_usable(registration: Registration) -> bool:
    try:
        _check_usable(registration)
    except (AccountDeleted, PaidBack, RegistrationVoid):
        return False
    return True


def _check_usable(registration: Registration) -> None:
    if registration.voided_at is not None:
        raise RegistrationVoid(reason=registration.void_reason)
    if registration.candidate.erased_at is not None:
        raise AccountDeleted
    if Order.objects.filter(registration=registration, state=OrderState.REFUNDED).exists():
        raise PaidBack


def _check_accommodations(time_factor: float, pause_minutes: int) -> None:
    for value, (low, high) in ((time_factor, FACTORS), (pause_minutes, PAUSES)):
        if not low <= value <= high:
            raise OutOfRange(received=f"{value:g}", low=f"{low:g}", high=f"{high:g}")


def _given(reason: str) -> str:
    if not reason.strip():
        raise ReasonNeeded
    return reason.strip()


def _record(
    act: str, registration: Registration, by: User, reason: str, now: datetime, **more: str | int
) -> None:
    subject = f"registration {registration.pk}"
    auditing.record(f"registration.{act}", by=by, subject=subject, now=now, reason=reason, **more)
