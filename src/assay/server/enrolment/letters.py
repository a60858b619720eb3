"""The mails of this app, each in its candidate's language."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext, ngettext

from assay.server import queue
from assay.server.accounts.models import User
from assay.server.enrolment import codes
from assay.server.enrolment.models import IdentityCheck, Payment
from assay.server.enrolment.money import Money
from assay.server.exams.display import title_of
from assay.server.exams.errors import stamp
from assay.server.exams.models import Registration
from assay.server.exams.services.registrations import sitting_of
from assay.server.mail import Button, Facts, Letter, Part, Quote, framed


def post(kind: str, about: UUID) -> None:
    """Have a letter sent, once the running transaction commits.

    Args:
        kind: One of the functions below.
        about: What the letter is about: a registration, a payment or an identity check.
    """
    queue.defer("enrolment.send_letter", queue=queue.MAIL, kind=kind, about=str(about))


def send(kind: str, about: UUID) -> None:
    """Write a letter and hand it to the mail server."""
    subject, write = KINDS[kind]
    candidate, row = subject(about)
    if candidate.erased_at is not None:
        return  # nobody is left to read it
    with translation.override(candidate.locale):
        framed(write(row), name=candidate.name).mail(candidate.email).send()


# What letters are about ------------------------------------------------------------------------


def _registration(about: UUID) -> tuple[User, Registration]:
    found = Registration.objects.select_related("candidate").get(pk=about)
    return found.candidate, found


def _payment(about: UUID) -> tuple[User, Payment]:
    found = Payment.objects.select_related("order__candidate", "order__voucher").get(pk=about)
    return found.order.candidate, found


def _check(about: UUID) -> tuple[User, IdentityCheck]:
    found = IdentityCheck.objects.select_related("registration__candidate").get(pk=about)
    return found.registration.candidate, found


def _known(registration: Registration) -> dict[str, object]:
    """Return what the letters about a registration may say of it."""
    return {
        "exam": title_of(registration.exam),
        "until": stamp(registration.valid_until),
    }


def _page_of(registration: Registration) -> str:
    return reverse("console:rules", args=[registration.pk])


def _button(label: str, path: str) -> Button:
    return Button(label=label, address=settings.URL + path)


# The letters -----------------------------------------------------------------------------------


def _registration_letter(
    registration: Registration, subject: str, *said: str, **more: object
) -> Letter:
    """Write a letter after which the candidate goes on at the page of the registration."""
    known = _known(registration) | more
    return Letter(
        subject=subject % known,
        parts=(
            *(text % known for text in said),
            _button(gettext("To your registration"), _page_of(registration)),
        ),
    )


def _registered(registration: Registration) -> Letter:
    known = _known(registration)
    needs_identity = registration.cleared_at is None
    return Letter(
        subject=gettext("Registered: %(exam)s") % known,
        parts=(
            gettext("you are registered for the exam “%(exam)s”.") % known,
            gettext(
                "The registration is good for one sitting, which you must start before %(until)s."
            )
            % known,
            gettext(
                "Before you can start, staff compare an identity document with a photo of you. "
                "Please send both soon: it can take a few days."
            )
            if needs_identity
            else gettext(
                "You start when you like. Until you press Start, no time runs; the page of your "
                "registration has the rules and a check of your system."
            ),
            _button(
                gettext("Send document and photo"),
                reverse("enrolment:identity", args=[registration.pk]),
            )
            if needs_identity
            else _button(gettext("To your registration"), _page_of(registration)),
        ),
    )


def _receipt(payment: Payment) -> Letter:
    order = payment.order
    known = {"exam": title_of(order.exam), "number": order.number}
    facts = [
        (gettext("Receipt"), order.number),
        (gettext("Date"), stamp(payment.paid_at or payment.created_at)),
        (gettext("Paid for"), gettext("One registration for “%(exam)s”") % known),
        (gettext("Paid by"), f"{order.candidate.name} <{order.candidate.email}>"),
    ]
    if order.voucher is not None:
        facts += [
            (gettext("Fee"), str(order.full_price)),
            (gettext("Voucher"), codes.shown(order.voucher.code)),
        ]
    facts += [(gettext("Amount paid"), str(Money(amount=payment.amount, currency=order.currency)))]
    return Letter(
        subject=gettext("Receipt %(number)s: %(exam)s") % known,
        parts=(
            gettext("we have received your payment. Thank you."),
            Facts(tuple(facts)),
            _button(gettext("To the order"), reverse("enrolment:order", args=[order.pk])),
        ),
    )


def _refunded(payment: Payment) -> Letter:
    order = payment.order
    known = {
        "exam": title_of(order.exam),
        "number": order.number,
        "amount": str(Money(amount=payment.refunded, currency=order.currency)),
    }
    parts: list[Part] = [
        gettext(
            "we have paid %(amount)s back to you for the order %(number)s (“%(exam)s”). "
            "Depending on your bank it takes five to ten days to arrive."
        )
        % known
    ]
    if order.refunded_at is not None and order.state == "refunded":
        parts.append(gettext("The registration is no longer good."))
    parts.append(_button(gettext("To the order"), reverse("enrolment:order", args=[order.pk])))
    return Letter(
        subject=gettext("Refund %(number)s: %(exam)s") % known,
        parts=tuple(parts),
    )


def _identity_letter(check: IdentityCheck, subject: str, *said: str | Quote) -> Letter:
    known = {"exam": title_of(check.registration.exam)}
    return Letter(
        subject=gettext("%(what)s: %(exam)s") % {"what": subject, **known},
        parts=(
            *(text % known if isinstance(text, str) else text for text in said),
            _button(
                gettext("To the identity check"),
                reverse("enrolment:identity", args=[check.registration_id]),
            ),
        ),
    )


def _identity_received(check: IdentityCheck) -> Letter:
    return _identity_letter(
        check,
        gettext("Document and photo received"),
        gettext("we have received the pictures for your registration for “%(exam)s”."),
        gettext(
            "Staff will look at them and you will get a mail. They are kept encrypted and are "
            "deleted as soon as staff have decided."
        ),
    )


def _identity_approved(check: IdentityCheck) -> Letter:
    return _registration_letter(
        check.registration,
        gettext("Identity confirmed: %(exam)s"),
        gettext("staff have confirmed your identity; the pictures are deleted."),
        gettext("You can sit the exam “%(exam)s” whenever you like; start before %(until)s."),
    )


def _identity_refused(check: IdentityCheck) -> Letter:
    return _identity_letter(
        check,
        gettext("Please send other pictures"),
        gettext("the pictures that you sent for “%(exam)s” could not be accepted:"),
        Quote(check.reason),
        gettext("They are deleted. Please send others; your registration stays as it is."),
    )


def _identity_lapsed(check: IdentityCheck) -> Letter:
    return _identity_letter(
        check,
        gettext("Please send document and photo again"),
        gettext("your pictures for “%(exam)s” are deleted and do not count any more.")
        if check.decided_by_id is None
        else gettext(
            "the name in your account is not the one that was compared with your document for "
            "“%(exam)s”."
        ),
        gettext("Please send a document and a photo again; your registration stays as it is."),
    )


def _reminder(registration: Registration) -> Letter:
    left = registration.valid_until - timezone.now()
    days = max(1, round(left.total_seconds() / 86400))
    return _registration_letter(
        registration,
        ngettext("%(days)s day left: %(exam)s", "%(days)s days left: %(exam)s", days),
        gettext("your registration for “%(exam)s” is good until %(until)s. Start before then."),
        gettext("Your identity has not been confirmed yet; without that you cannot start.")
        if registration.cleared_at is None
        else gettext("You need the exam's full time after Start; nothing is extended."),
        days=days,
    )


def _expired(registration: Registration) -> Letter:
    known = _known(registration)
    return Letter(
        subject=gettext("Registration expired: %(exam)s") % known,
        parts=(
            gettext("your registration for “%(exam)s” was good until %(until)s and was not used.")
            % known,
            gettext("You are welcome to register again."),
            _button(gettext("To the exam"), reverse("enrolment:exam", args=[registration.exam])),
        ),
    )


def _extended(registration: Registration) -> Letter:
    return _registration_letter(
        registration,
        gettext("Registration extended: %(exam)s"),
        gettext(
            "staff have extended your registration for “%(exam)s”. It is good until %(until)s; "
            "start before then."
        ),
    )


def _accommodated(registration: Registration) -> Letter:
    return _registration_letter(
        registration,
        gettext("Accommodations: %(exam)s"),
        gettext(
            "staff have set the accommodations for your exam “%(exam)s”. Your time is "
            "%(factor)s times the usual, and you may stop the clock by yourself for "
            "%(minutes)s minutes in all."
        ),
        gettext("The certificate does not mention it."),
        factor=f"{registration.time_factor:g}",
        minutes=registration.pause_minutes,
    )


def _voided(registration: Registration) -> Letter:
    known = _known(registration)
    sitting = sitting_of(registration)
    was_started = sitting is not None and sitting.started_at is not None
    return Letter(
        subject=gettext("Registration annulled: %(exam)s") % known,
        parts=(
            gettext("staff have annulled your registration for “%(exam)s”:") % known,
            Quote(registration.void_reason),
            gettext(
                "What you reached in the exam does not count, neither as passed nor as failed. A "
                "certificate that was issued for it is revoked."
            )
            if was_started
            else gettext("It can no longer be used."),
            *(
                [
                    gettext(
                        "If you think that this is wrong, you can appeal against it until "
                        "%(until)s."
                    )
                    % {"until": stamp(sitting.voided_at + timedelta(days=settings.APPEAL_DAYS))}
                ]
                if sitting is not None and sitting.voided_at is not None
                else []
            ),
            gettext("If anything about this is unclear, please write to the certifying body."),
            _button(gettext("My exams"), reverse("enrolment:mine"))
            if sitting is None
            else _button(
                gettext("Reason and appeal"), reverse("console:sitting", args=[sitting.pk])
            ),
        ),
    )


KINDS: dict[str, tuple[Callable[[UUID], tuple[User, object]], Callable[..., Letter]]] = {
    "registered": (_registration, _registered),
    "receipt": (_payment, _receipt),
    "refunded": (_payment, _refunded),
    "identity_received": (_check, _identity_received),
    "identity_approved": (_check, _identity_approved),
    "identity_refused": (_check, _identity_refused),
    "identity_lapsed": (_check, _identity_lapsed),
    "reminder": (_registration, _reminder),
    "expired": (_registration, _expired),
    "extended": (_registration, _extended),
    "accommodated": (_registration, _accommodated),
    "voided": (_registration, _voided),
}
