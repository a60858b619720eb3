"""States in the words of the staff's pages, and the colours of their badges."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from assay.server.enrolment.models import IdentityState, OrderState, PaymentState
from assay.server.enrolment.services.catalogue import exams
from assay.server.enrolment.services.search import State
from assay.server.exams.display import title_of
from assay.wire import Phase

TONES: Mapping[State, str] = {  # of badges, see assay.css
    State.READY: "good",
    State.IDENTITY: "warn",
    State.UNDER_WAY: "info",
    State.PASSED: "good",
    State.VOID: "bad",
}
PHASES: Mapping[Phase, Promise] = {
    Phase.PREPARING: pgettext_lazy("phase of a sitting", "tasks are being prepared"),
    Phase.READY: pgettext_lazy("phase of a sitting", "ready, not started"),
    Phase.RUNNING: pgettext_lazy("phase of a sitting", "the clock runs"),
    Phase.PAUSED: pgettext_lazy("phase of a sitting", "the clock stands"),
    Phase.CLOSING: pgettext_lazy("phase of a sitting", "over, being graded"),
    Phase.CLOSED: pgettext_lazy("phase of a sitting", "closed"),
    Phase.LAPSED: pgettext_lazy("phase of a sitting", "never started, expired"),
    Phase.VOID: pgettext_lazy("phase of a sitting", "void"),
}
ORDERS: Mapping[OrderState, Promise] = {
    OrderState.OPEN: pgettext_lazy("state of an order", "waits for payment"),
    OrderState.COMPLETE: pgettext_lazy("state of an order", "complete"),
    OrderState.CANCELLED: pgettext_lazy("state of an order", "cancelled"),
    OrderState.REFUNDED: pgettext_lazy("state of an order", "paid back"),
}
ORDER_TONES: Mapping[OrderState, str] = {
    OrderState.OPEN: "warn",
    OrderState.COMPLETE: "good",
}
PAYMENTS: Mapping[PaymentState, Promise] = {
    PaymentState.OPEN: pgettext_lazy("state of a payment", "open at Stripe"),
    PaymentState.PROCESSING: pgettext_lazy("state of a payment", "the bank works on it"),
    PaymentState.FAILED: pgettext_lazy("state of a payment", "failed or given up"),
    PaymentState.PAID: pgettext_lazy("state of a payment", "paid"),
    PaymentState.REFUNDED: pgettext_lazy("state of a payment", "paid back"),
}
CHECKS: Mapping[IdentityState, Promise] = {
    IdentityState.WAITING: pgettext_lazy("state of an identity check", "waits for a decision"),
    IdentityState.APPROVED: pgettext_lazy("state of an identity check", "approved"),
    IdentityState.REFUSED: pgettext_lazy("state of an identity check", "refused"),
    IdentityState.LAPSED: pgettext_lazy("state of an identity check", "lapsed"),
}


def exam_titles() -> list[tuple[str, str]]:
    """Return the names of the bank's exams with their titles."""
    return [(name, title_of(name)) for name in exams()]
