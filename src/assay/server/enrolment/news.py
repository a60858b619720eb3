"""What an object of Stripe's says about one of our payments: a pure function of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from assay.server.enrolment.models import PaymentState
from assay.server.enrolment.money import Money


@dataclass(frozen=True, kw_only=True)
class News:
    """What was learnt about a payment."""

    payment: UUID | None  # our id, if the object carries it
    session: str = ""  # cs_…, if known
    intent: str = ""  # pi_…, if known
    state: PaymentState
    paid: Money | None = None  # with PAID: what was paid in all
    refunded: Money | None = None  # of a charge: what was paid back so far
    dispute: str = ""  # why the payer's bank wants the money back


@dataclass(frozen=True, kw_only=True)
class RefundFailure:
    """What was learnt about a refund that did not arrive."""

    number: str  # re_…
    payment: UUID | None  # our id, if the object carries it
    intent: str  # pi_…
    amount: Money
    reason: str  # Stripe's word


def of_failed_refund(event: Mapping[str, Any]) -> RefundFailure | None:
    """Return what an event says about a refund that failed; None if it is about none.

    A refund can fail weeks after it was made, when the payer's bank sends it back. Stripe
    tells of one such failure by more than one event, the kinds depending on the account's
    version of the API.

    Reference: https://docs.stripe.com/refunds#failed-refunds
    """
    found = event.get("data", {}).get("object", {})
    if event.get("type") not in {"refund.updated", "refund.failed", "charge.refund.updated"}:
        return None
    if found.get("status") not in {"failed", "canceled"}:
        return None
    return RefundFailure(
        number=_id(found.get("id")),
        payment=_ours(found),
        intent=_id(found.get("payment_intent")),
        amount=Money.from_stripe(int(found.get("amount", 0)), str(found.get("currency"))),
        reason=str(found.get("failure_reason") or found.get("status"))[:100],
    )


def of_event(event: Mapping[str, Any]) -> News | None:
    """Return what an event says; None if it concerns none of our payments.

    Reference: https://docs.stripe.com/api/events/types
    """
    kind = event.get("type", "")
    found = event.get("data", {}).get("object", {})
    match kind:
        case "checkout.session.async_payment_failed":
            return _of_session(found, PaymentState.FAILED)
        case (
            "checkout.session.completed"
            | "checkout.session.async_payment_succeeded"
            | "checkout.session.expired"
        ):
            return of_session(found)
        case "charge.refunded":
            return _of_charge(found)
        case "charge.dispute.created":
            return News(
                payment=None,
                intent=_id(found.get("payment_intent")),
                state=PaymentState.PAID,
                dispute=str(found.get("reason") or "?"),
            )
        case _:
            return None


def of_session(session: Mapping[str, Any]) -> News:
    """Return what a Checkout session says; its payment and charge may be expanded."""
    intent = session.get("payment_intent")
    charge = intent.get("latest_charge") if isinstance(intent, Mapping) else None
    if session.get("payment_status") in {"paid", "no_payment_required"}:
        if isinstance(charge, Mapping) and charge.get("amount_refunded"):
            return _of_charge(charge, session=session)
        return _of_session(session, PaymentState.PAID)
    if session.get("status") == "complete":
        given_up = isinstance(intent, Mapping) and intent.get("status") in {
            "canceled",
            "requires_payment_method",
        }
        return _of_session(session, PaymentState.FAILED if given_up else PaymentState.PROCESSING)
    expired = session.get("status") == "expired"
    return _of_session(session, PaymentState.FAILED if expired else PaymentState.OPEN)


def _of_session(session: Mapping[str, Any], state: PaymentState) -> News:
    total = session.get("amount_total")
    return News(
        payment=_ours(session),
        session=_id(session.get("id")),
        intent=_id(session.get("payment_intent")),
        state=state,
        paid=(
            Money.from_stripe(int(total), str(session.get("currency")))
            if state is PaymentState.PAID and total is not None
            else None
        ),
    )


def _of_charge(charge: Mapping[str, Any], session: Mapping[str, Any] | None = None) -> News:
    """Return what a charge says of which something was paid back; so it has been paid."""
    currency = str(charge.get("currency"))
    return News(
        payment=_ours(charge if session is None else session),
        session="" if session is None else _id(session.get("id")),
        intent=_id(charge.get("payment_intent")),
        state=PaymentState.PAID,
        paid=Money.from_stripe(int(charge.get("amount", 0)), currency),
        refunded=Money.from_stripe(int(charge.get("amount_refunded", 0)), currency),
    )


def _ours(found: Mapping[str, Any]) -> UUID | None:
    try:
        return UUID(str((found.get("metadata") or {}).get("payment")))
    except ValueError:
        return None


def _id(found: object) -> str:
    """Return the id of an object that is given by its id or expanded."""
    return str(found.get("id", "")) if isinstance(found, Mapping) else str(found or "")
