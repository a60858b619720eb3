"""What can stand between a person and a registration.

NotFound
├── OrderNotFound, IdentityCheckNotFound
└── UnknownVoucher, UnknownBatch
UsageError
├── MistypedVoucher, NotADay
├── ReasonNeeded, OutOfRange, NotLater, NoAddress, NameNeeded
└── NoImage, ImageTooLarge, ImageTooSmall, UnreadableImage
NotAllowed
├── VoucherExpired, VoucherUsedUp, VoucherBlocked, VoucherForAnotherExam
├── RegisterLater
└── IdentityNotAsked, IdentityDecided
Conflict
├── AlreadyRegistered, StillRegistered, AccountDeleted, PaidBack, TimeTakenAway
└── OrderClosed, PaymentUnderWay, AlreadyRefunded, RefundSettled, ClockStarted, NameChanged
PlatformFault
└── PaymentNotSetUp, PaymentUnreachable
"""

from __future__ import annotations

from assay.errors import Conflict, NotAllowed, NotFound, PlatformFault, UsageError
from assay.messages import N_


class OrderNotFound(NotFound):
    """There is no such order, or it is somebody else's."""

    message = N_("There is no such order, or it belongs to somebody else.")


class IdentityCheckNotFound(NotFound):
    """There is no such identity check."""

    message = N_("There is no such identity check.")


class UnknownVoucher(NotFound):
    """The code is well-formed, and nobody has made it."""

    code = "unknown_voucher"
    message = N_("There is no voucher {voucher} here.")
    remedy = N_("Check that it was made for this certifying body, or ask whoever gave it to you.")


class UnknownBatch(NotFound):
    """Nobody has made vouchers under this name."""

    code = "unknown_batch"
    message = N_("There is no batch of vouchers “{batch}”.")
    remedy = N_("Those that there are: {known}")


class MistypedVoucher(UsageError):
    """The code's check symbol does not agree with the others."""

    code = "mistyped_voucher"
    message = N_("There is a typing error in the voucher {voucher}.")
    remedy = N_(
        "Compare it character by character. A voucher has 12 letters and digits, and none of "
        "0, O, 1, I, L, 5 and S."
    )


class VoucherExpired(NotAllowed):
    """The batch's date has passed."""

    code = "voucher_expired"
    message = N_("The voucher {voucher} was good until {expired_at}.")
    remedy = N_("Ask whoever gave it to you for another one.")


class VoucherUsedUp(NotAllowed):
    """All its uses are taken."""

    code = "voucher_used_up"
    message = N_("The voucher {voucher} has been used up.")
    remedy = N_("Ask whoever gave it to you for another one.")


class VoucherBlocked(NotAllowed):
    """Staff have withdrawn it."""

    code = "voucher_blocked"
    message = N_("The voucher {voucher} was withdrawn by whoever made it.")
    remedy = N_("Ask whoever gave it to you for another one.")


class VoucherForAnotherExam(NotAllowed):
    """It is bound to an exam."""

    code = "voucher_for_another_exam"
    message = N_("The voucher {voucher} is for another exam: {exam}.")
    remedy = N_("Use it there, or go on without it.")


class RegisterLater(NotAllowed):
    """The wait after a failed sitting still runs."""

    code = "register_later"
    message = N_("After the last sitting of this exam you can register again from {eligible_from}.")
    remedy = N_("Until then, practise what the result says.")


class AlreadyRegistered(Conflict):
    """A registration for the exam has not been used up yet."""

    code = "already_registered"
    message = N_("You are registered for this exam already.")
    remedy = N_("Sit it first; you find it under “My exams”.")


class ReasonNeeded(UsageError):
    """Staff did not say why they do something."""

    code = "reason_needed"
    message = N_("This needs a reason.")
    remedy = N_("Write one; it is kept in the audit log.")


class NotADay(UsageError):
    """What was typed is no day of the calendar."""

    code = "not_a_day"
    message = N_("“{received}” was received, where a day was expected.")
    remedy = N_("Write year, month and day, such as 2027-01-31.")


class OutOfRange(UsageError):
    """A number that makes no sense."""

    code = "out_of_range"
    message = N_("“{received}” was received, where a number from {low} to {high} was expected.")
    remedy = N_("Give another number.")


class NotLater(UsageError):
    """A registration can only be made good for longer."""

    code = "not_later"
    message = N_("The registration is good until {valid_until}; a later day to come was expected.")
    remedy = N_("Give a later day.")


class NoAddress(UsageError):
    """What was typed is no e-mail address."""

    code = "no_address"
    message = N_("“{received}” is not an e-mail address.")
    remedy = N_("Check it character by character.")


class NameNeeded(UsageError):
    """Nobody knows how the person is called."""

    code = "name_needed"
    message = N_("There is no account with this address, so the person's name is needed.")
    remedy = N_("Give the name as it is on the identity document: the certificate carries it.")


class StillRegistered(Conflict):
    """Staff would make a second registration while the first is good."""

    code = "still_registered"
    message = N_("This person has a registration for this exam that is still good.")
    remedy = N_("Extend it, or annul it first.")


class AccountDeleted(Conflict):
    """The person has deleted their account."""

    code = "account_deleted"
    message = N_("The account of this registration was deleted.")
    remedy = N_("If the person comes back, make a new registration.")


class PaidBack(Conflict):
    """The order was paid back, and its registration with it."""

    code = "paid_back"
    message = N_("This registration was paid back and is no longer good.")
    remedy = N_("Make a new registration.")


class TimeTakenAway(Conflict):
    """Nobody takes time from somebody who is sitting."""

    code = "time_taken_away"
    message = N_("The clock of this sitting runs; time that was granted is not taken back now.")
    remedy = N_("Give at least what was granted so far.")


class OrderClosed(Conflict):
    """The order was paid, cancelled or refunded in the meantime."""

    code = "order_closed"
    message = N_("This order is closed: nothing about it can be changed any more.")
    remedy = N_("Look at how it stands, or order anew.")


class PaymentUnderWay(Conflict):
    """An account cannot be deleted while its owner may be paying."""

    code = "payment_under_way"
    message = N_("A payment for the order {number} may be under way.")
    remedy = N_("Cancel the order, or wait until the payment has arrived.")


class AlreadyRefunded(Conflict):
    """There is nothing left that could be paid back."""

    code = "already_refunded"
    message = N_("Nothing was paid for this order, or it was paid back already.")
    remedy = N_("Look at the order's payments.")


class RefundSettled(Conflict):
    """A failed refund is settled once."""

    code = "refund_settled"
    message = N_("It was noted already how this refund was settled.")
    remedy = N_("Look at the page of the order again.")


class ClockStarted(Conflict):
    """Who was paid back would sit for nothing."""

    code = "clock_started"
    message = N_("The exam of this order was started, so it is not paid back without more ado.")
    remedy = N_("Say that it shall be paid back all the same; the sitting then stays.")


class PaymentNotSetUp(PlatformFault):
    """The deployment has no keys of Stripe."""

    code = "payment_not_set_up"
    message = N_("Payment is not set up on this server.")
    remedy = N_("Use a voucher, or ask the certifying body for one.")


class PaymentUnreachable(PlatformFault):
    """Stripe does not answer, or refuses what we ask."""

    code = "payment_unreachable"
    message = N_("The payment service cannot be reached now. Nothing was charged.")
    remedy = N_("Try again in a minute.")


class NoImage(UsageError):
    """A picture is missing."""

    code = "no_image"
    message = N_("Both pictures are needed: the document and the photo.")
    remedy = N_("Choose two files.")


class ImageTooLarge(UsageError):
    """More bytes or more pixels than are taken."""

    code = "image_too_large"
    message = N_("This picture is larger than {megabytes} MB or {megapixels} megapixels.")
    remedy = N_("Take it with a lower resolution, or save it smaller.")


class UnreadableImage(UsageError):
    """The bytes are no picture of a kind that is taken."""

    code = "unreadable_image"
    message = N_("This file is not a JPEG, PNG or WebP picture, or it is damaged.")
    remedy = N_(
        "Photograph it again, or save it as JPEG. HEIC pictures of a phone have to be converted."
    )


class ImageTooSmall(UsageError):
    """Nobody could read a document on it."""

    code = "image_too_small"
    message = N_(
        "This picture has only {width} × {height} pixels; nobody can read a document on it."
    )
    remedy = N_("Use a picture with at least {least} pixels on its shorter side.")


class IdentityNotAsked(NotAllowed):
    """The registration needs no check, or none any more."""

    code = "identity_not_asked"
    message = N_("No identity document is needed for this registration.")
    remedy = N_("Go on under “My exams”.")


class IdentityDecided(Conflict):
    """There is nothing left to decide, or a check is being looked at."""

    code = "identity_decided"
    message = N_("This identity check is not open for that: it is {state}.")
    remedy = N_("Look at its present state.")


class NameChanged(Conflict):
    """The candidate's name is not the one that was handed in with the pictures."""

    code = "name_changed"
    message = N_("The name was “{submitted}” when the pictures were sent, and is “{present}” now.")
    remedy = N_("Refuse with that reason; the candidate sends the pictures again.")
