"""Stripe, as far as we use it: Checkout, refunds, and news that it signs.

Amounts cross this border in Stripe's own unit (`Money.for_stripe`). Cards are typed on
Stripe's page only; nothing of them ever comes here.

Reference: https://docs.stripe.com/payments/checkout
"""

from __future__ import annotations

import functools
import json
import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import stripe
from django.conf import settings

from assay.messages import Language
from assay.server.enrolment.errors import PaymentNotSetUp, PaymentUnreachable
from assay.server.enrolment.money import Money

_TIMEOUT_SECONDS = 20
_RETRIES = 2
_LOCALES = {Language.ENGLISH: "en", Language.CHINESE: "zh"}

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page of Stripe's on which somebody pays."""

    session: str  # cs_…
    address: str


@dataclass(frozen=True, kw_only=True)
class Purchase:
    """What a page of Stripe's is made for."""

    payment: str  # our id of it; comes back with everything that concerns it
    order: str  # our id of it
    title: str  # as the payer reads it
    price: Money
    email: str
    language: Language
    success_address: str
    cancel_address: str
    expires_at: datetime  # 30 minutes to 24 hours from now


def is_set_up() -> bool:
    """Return whether this deployment has keys of Stripe."""
    return bool(settings.STRIPE_SECRET_KEY and settings.STRIPE_WEBHOOK_SECRETS)


@functools.lru_cache(maxsize=2)
def _client(key: str, base: str) -> stripe.StripeClient:
    return stripe.StripeClient(
        key,
        base_addresses={"api": base},
        http_client=stripe.RequestsClient(timeout=_TIMEOUT_SECONDS),
        max_network_retries=_RETRIES,
    )


def _api() -> stripe.V1Services:
    if not is_set_up():
        raise PaymentNotSetUp
    return _client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API).v1


def open_page(purchase: Purchase) -> Page:
    """Have Stripe make a page on which the purchase is paid.

    Raises:
        PaymentNotSetUp: There are no keys.
        PaymentUnreachable: Stripe does not answer, or refuses.
    """
    known = {"payment": purchase.payment, "order": purchase.order}
    try:
        session = _api().checkout.sessions.create(
            {
                "mode": "payment",
                "client_reference_id": purchase.order,
                "customer_email": purchase.email,
                "line_items": [
                    {
                        "quantity": 1,
                        "price_data": {
                            "currency": purchase.price.currency.lower(),
                            "unit_amount": purchase.price.for_stripe,
                            "product_data": {"name": purchase.title},
                        },
                    }
                ],
                "metadata": known,
                # Charges and refunds carry the metadata of the payment, not of the page.
                "payment_intent_data": {"metadata": known, "description": purchase.title},
                # The price is the blueprint's, in its currency; Stripe converts nothing.
                "adaptive_pricing": {"enabled": False},
                "success_url": purchase.success_address,
                "cancel_url": purchase.cancel_address,
                "expires_at": int(purchase.expires_at.timestamp()),
                "locale": _LOCALES[purchase.language],
            },
            {"idempotency_key": f"checkout-{purchase.payment}"},
        )
    except stripe.StripeError as error:
        raise _unreachable(error) from error
    return Page(session=session.id, address=session.url or "")


def look_up(session: str) -> dict[str, Any]:
    """Return what Stripe says of a page now, with its payment and charge.

    Raises:
        PaymentNotSetUp: There are no keys.
        PaymentUnreachable: Stripe does not answer, or does not know it.
    """
    try:
        found = _api().checkout.sessions.retrieve(
            session, {"expand": ["payment_intent.latest_charge"]}
        )
    except stripe.StripeError as error:
        raise _unreachable(error) from error
    return _plain(found)


def close_page(session: str) -> bool:
    """Have Stripe close a page, so that nobody can pay on it any more.

    Returns:
        False if it was no longer open, which can mean that it was just paid.

    Raises:
        PaymentNotSetUp: There are no keys.
        PaymentUnreachable: Stripe does not answer.
    """
    try:
        _api().checkout.sessions.expire(session)
    except stripe.InvalidRequestError:
        return False
    except stripe.StripeError as error:
        raise _unreachable(error) from error
    return True


def refund(intent: str, key: str) -> str:
    """Have Stripe pay back all that is left of a payment.

    Args:
        intent: pi_… of Stripe.
        key: The same refund asked for twice is made once.

    Returns:
        Stripe's word for how far it is: `succeeded`, `pending`, `failed`, …

    Raises:
        PaymentNotSetUp: There are no keys.
        PaymentUnreachable: Stripe does not answer, or refuses.
    """
    try:
        made = _api().refunds.create(
            {"payment_intent": intent, "reason": "requested_by_customer"},
            {"idempotency_key": f"refund-{key}"},
        )
    except stripe.StripeError as error:
        raise _unreachable(error) from error
    return made.status or ""


def signed_event(body: bytes, signature: str | None) -> dict[str, Any]:
    """Return an event that Stripe has sent.

    Args:
        body: Of the request.
        signature: Its header `Stripe-Signature`.

    Raises:
        PaymentNotSetUp: There are no keys.
        ValueError: None of our secrets has signed it, it is too old, or it is no event.
    """
    if not is_set_up():
        raise PaymentNotSetUp
    for secret in settings.STRIPE_WEBHOOK_SECRETS:
        try:
            stripe.WebhookSignature.verify_header(
                body, signature, secret, stripe.Webhook.DEFAULT_TOLERANCE
            )
        except stripe.SignatureVerificationError:
            continue
        event = json.loads(body)
        if not isinstance(event, dict) or event.get("object") != "event":
            raise ValueError("this is no event")
        return event
    raise ValueError("none of the secrets has signed this")


def _plain(found: stripe.StripeObject) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(str(found))
    return plain


def _unreachable(error: stripe.StripeError) -> PaymentUnreachable:
    # Neither keys nor cards are in these, and the candidate cannot do anything with them.
    logger.error("Stripe: %s %s (request %s)", type(error).__name__, error.code, error.request_id)
    logger.info("Stripe: %s", error.user_message)
    return PaymentUnreachable()
