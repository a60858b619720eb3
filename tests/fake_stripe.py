"""A small Stripe for tests: Checkout, refunds and signed events on a loopback address.

It speaks the shapes of Stripe's API (https://docs.stripe.com/api), so the official library
talks to it as to the real one. `pay`, `refund` and so on do what payers and their banks do;
each returns the event that Stripe would send, to be signed with `signed` and delivered by
the test, in whichever order the test likes. Its page for the payer is a plain form, so that
a browser can walk the whole way; then the event is sent to `webhook`, if one is set.
"""

from __future__ import annotations

import html
import itertools
import json
import re
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import stripe

import loopback

KEY = "sk_test_fake"
SECRET = "whsec_fake"
API_VERSION = "2025-09-30.clover"

Object = dict[str, Any]


@dataclass
class FakeStripe:
    """What Stripe knows, and how it misbehaves."""

    address: str = ""
    webhook: str = ""  # where events go by themselves; empty: nowhere
    is_down: bool = False  # every answer is a 503
    refunds_are: str = "succeeded"  # what the answer to a refund says: or `pending`
    sessions: dict[str, Object] = field(default_factory=dict)
    intents: dict[str, Object] = field(default_factory=dict)
    charges: dict[str, Object] = field(default_factory=dict)
    answers: dict[str, Object] = field(default_factory=dict)  # by idempotency key
    requests: list[tuple[str, str, Object]] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def _id(self, prefix: str) -> str:
        return f"{prefix}_test_{next(self.numbers):024d}"

    @property
    def latest(self) -> str:
        """The session that was made last."""
        return next(reversed(self.sessions))

    # -- what we ask of it ------------------------------------------------------------------

    def create_session(self, wanted: Object) -> Object:
        line = wanted["line_items"]["0"]
        price = line["price_data"]
        amount = int(price["unit_amount"]) * int(line["quantity"])
        number = self._id("cs")
        session = {
            "id": number,
            "object": "checkout.session",
            "adaptive_pricing": {"enabled": wanted["adaptive_pricing"]["enabled"] == "True"},
            "amount_subtotal": amount,
            "amount_total": amount,
            "cancel_url": wanted["cancel_url"],
            "client_reference_id": wanted["client_reference_id"],
            "created": int(time.time()),
            "currency": price["currency"],
            "customer": None,
            "customer_details": None,
            "customer_email": wanted["customer_email"],
            "expires_at": int(wanted["expires_at"]),
            "livemode": False,
            "locale": wanted["locale"],
            "metadata": wanted["metadata"],
            "mode": wanted["mode"],
            "payment_intent": None,
            "payment_method_types": ["card"],
            "payment_status": "unpaid",
            "status": "open",
            "success_url": wanted["success_url"],
            "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
            "url": f"{self.address}/c/pay/{number}",
        }
        self.sessions[number] = session
        session["_intent_metadata"] = wanted["payment_intent_data"]["metadata"]
        session["_title"] = price["product_data"]["name"]
        return session

    def expand(self, session: Object) -> Object:
        shown = deepcopy(session)
        if shown["payment_intent"]:
            intent = deepcopy(self.intents[shown["payment_intent"]])
            if intent["latest_charge"]:
                intent["latest_charge"] = deepcopy(self.charges[intent["latest_charge"]])
            shown["payment_intent"] = intent
        return shown

    # -- what payers and banks do -----------------------------------------------------------

    def pay(self, session_id: str, *, delayed: bool = False) -> Object:
        """Type a card, or choose a method that takes days; return the event."""
        session = self.sessions[session_id]
        intent = {
            "id": self._id("pi"),
            "object": "payment_intent",
            "amount": session["amount_total"],
            "amount_received": 0,
            "currency": session["currency"],
            "latest_charge": None,
            "livemode": False,
            "metadata": session["_intent_metadata"],
            "status": "processing",
        }
        self.intents[intent["id"]] = intent
        session |= {"status": "complete", "payment_intent": intent["id"]}
        if not delayed:
            self._charge(session)
        return self.event("checkout.session.completed", session)

    def _charge(self, session: Object) -> None:
        intent = self.intents[session["payment_intent"]]
        charge = {
            "id": self._id("ch"),
            "object": "charge",
            "amount": session["amount_total"],
            "amount_captured": session["amount_total"],
            "amount_refunded": 0,
            "captured": True,
            "currency": session["currency"],
            "disputed": False,
            "livemode": False,
            "metadata": session["_intent_metadata"],
            "paid": True,
            "payment_intent": intent["id"],
            "refunded": False,
            "status": "succeeded",
        }
        self.charges[charge["id"]] = charge
        intent |= {
            "status": "succeeded",
            "latest_charge": charge["id"],
            "amount_received": session["amount_total"],
        }
        session["payment_status"] = "paid"

    def arrive(self, session_id: str) -> Object:
        """Let the money of a method that takes days arrive; return the event."""
        self._charge(self.sessions[session_id])
        return self.event("checkout.session.async_payment_succeeded", self.sessions[session_id])

    def bounce(self, session_id: str) -> Object:
        """Let a payment that takes days fail; return the event."""
        session = self.sessions[session_id]
        self.intents[session["payment_intent"]]["status"] = "requires_payment_method"
        return self.event("checkout.session.async_payment_failed", session)

    def expire(self, session_id: str) -> Object:
        """Let the page's time run out; return the event."""
        self.sessions[session_id]["status"] = "expired"
        return self.event("checkout.session.expired", self.sessions[session_id])

    def charge_of(self, session_id: str) -> Object:
        intent = self.intents[self.sessions[session_id]["payment_intent"]]
        return self.charges[intent["latest_charge"]]

    def refund(self, session_id: str, amount: int | None = None) -> Object:
        """Pay back, all or a part, as in the dashboard; return the event."""
        charge = self.charge_of(session_id)
        charge["amount_refunded"] += amount or charge["amount"] - charge["amount_refunded"]
        charge["refunded"] = charge["amount_refunded"] == charge["amount"]
        return self.event("charge.refunded", charge)

    def fail_refund(self, session_id: str, *, reason: str = "lost_or_stolen_card") -> list[Object]:
        """Have the payer's bank send a refund in full back; return the events, three for one."""
        charge = self.charge_of(session_id)
        found = {
            "id": self._id("re"),
            "object": "refund",
            "amount": charge["amount_refunded"],
            "balance_transaction": self._id("txn"),
            "charge": charge["id"],
            "created": int(time.time()),
            "currency": charge["currency"],
            "destination_details": {"type": "card"},
            "failure_balance_transaction": self._id("txn"),
            "failure_reason": reason,
            "metadata": {},
            "payment_intent": charge["payment_intent"],
            "reason": "requested_by_customer",
            "receipt_number": None,
            "status": "failed",
        }
        charge |= {"amount_refunded": 0, "refunded": False}
        kinds = ("refund.updated", "refund.failed", "charge.refund.updated")
        return [self.event(kind, found) for kind in kinds]

    def dispute(self, session_id: str) -> Object:
        """Have the payer's bank ask for the money; return the event."""
        charge = self.charge_of(session_id)
        found = {
            "id": self._id("du"),
            "object": "dispute",
            "amount": charge["amount"],
            "charge": charge["id"],
            "currency": charge["currency"],
            "metadata": {},
            "payment_intent": charge["payment_intent"],
            "reason": "fraudulent",
            "status": "needs_response",
        }
        return self.event("charge.dispute.created", found)

    def event(self, kind: str, about: Object) -> Object:
        return {
            "id": self._id("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": int(time.time()),
            "data": {"object": public(about)},
            "livemode": False,
            "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": None},
            "type": kind,
        }

    def deliver(self, event: Object) -> None:
        """Send an event to the webhook, as Stripe does."""
        body, signature = signed(event)
        request = urllib.request.Request(
            self.webhook,
            body,
            {"Content-Type": "application/json", "Stripe-Signature": signature},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            answer.read()


def public(found: Object) -> Object:
    """Return an object as Stripe shows it: without what only this fake knows."""
    return {name: value for name, value in deepcopy(found).items() if not name.startswith("_")}


def signed(event: Object, secret: str = SECRET, at: float | None = None) -> tuple[bytes, str]:
    """Return an event's body and its header `Stripe-Signature`, made by the library's own code."""
    body = json.dumps(event)
    header = stripe.WebhookSignature.generate_signature_header(
        body, secret, None if at is None else int(at)
    )
    return body.encode(), header


def nested(pairs: list[tuple[str, str]]) -> Object:
    """Return `a[b][0]=c` as `{"a": {"b": {"0": "c"}}}`."""
    result: Object = {}
    for name, value in pairs:
        *path, last = re.findall(r"[^\[\]]+", name)
        place = result
        for part in path:
            place = place.setdefault(part, {})
        place[last] = value
    return result


PAGE = """<!doctype html><html lang="{locale}"><meta charset="utf-8"><title>Stripe</title>
<h1>{title}</h1><p>{amount} {currency}</p>
<form method="post"><button name="act" value="pay">Pay</button></form>
<p><a href="{cancel}">Back</a></p></html>"""


class _Handler(loopback.Handler):
    protocol_version = "HTTP/1.1"
    fake: FakeStripe

    def _send(self, status: int, body: bytes, kind: str, **headers: str) -> None:
        self.reply(status, body, kind, **{"Request-Id": "req_fake", **headers})

    def _json(self, status: int, found: Object) -> None:
        self._send(status, json.dumps(found).encode(), "application/json")

    def _error(self, status: int, kind: str, message: str, code: str | None = None) -> None:
        self._json(status, {"error": {"type": kind, "message": message, "code": code}})

    def _body(self) -> str:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()

    def _is_allowed(self) -> bool:
        if self.fake.is_down:
            # Else the library would try again, and tests would wait.
            self._send(503, b"{}", "application/json", **{"Stripe-Should-Retry": "false"})
            return False
        if self.headers.get("Authorization") != f"Bearer {KEY}":
            self._error(401, "invalid_request_error", "Invalid API Key provided")
            return False
        return True

    def get(self) -> None:
        path = urlsplit(self.path).path
        with self.fake.lock:
            if page := re.fullmatch(r"/c/pay/(\w+)", path):
                session = self.fake.sessions[page[1]]
                text = PAGE.format(
                    locale=session["locale"],
                    title=html.escape(session["_title"]),
                    amount=session["amount_total"],
                    currency=session["currency"],
                    cancel=html.escape(session["cancel_url"]),
                )
                self._send(200, text.encode(), "text/html; charset=utf-8")
            elif self._is_allowed():
                self._look_up(path)

    def _look_up(self, path: str) -> None:
        number = path.removeprefix("/v1/checkout/sessions/")
        self.fake.requests.append(("GET", path, {}))
        if number not in self.fake.sessions:
            self._error(404, "invalid_request_error", "No such session", "resource_missing")
        else:
            self._json(200, public(self.fake.expand(self.fake.sessions[number])))

    def post(self) -> None:
        path = urlsplit(self.path).path
        body = self._body()
        if page := re.fullmatch(r"/c/pay/(\w+)", path):
            with self.fake.lock:
                session = self.fake.sessions[page[1]]
                event = self.fake.pay(page[1])
            if self.fake.webhook:
                self.fake.deliver(event)
            self._send(303, b"", "text/plain", Location=session["success_url"])
            return
        with self.fake.lock:
            if not self._is_allowed():
                return
            wanted = nested(parse_qsl(body))
            self.fake.requests.append(("POST", path, wanted))
            key = self.headers.get("Idempotency-Key", "")
            if key not in self.fake.answers:
                answer = self._do(path, wanted)
                if answer is None:
                    return
                self.fake.answers[key] = answer
            self._json(200, public(self.fake.answers[key]))

    def _do(self, path: str, wanted: Object) -> Object | None:
        if path == "/v1/checkout/sessions":
            return self.fake.create_session(wanted)
        if found := re.fullmatch(r"/v1/checkout/sessions/(\w+)/expire", path):
            session = self.fake.sessions[found[1]]
            if session["status"] != "open":
                self._error(
                    400,
                    "invalid_request_error",
                    "Only Checkout Sessions with a status in [open] can be expired.",
                )
                return None
            self.fake.expire(found[1])
            return session
        if path == "/v1/refunds":
            intent = self.fake.intents[wanted["payment_intent"]]
            charge = self.fake.charges[intent["latest_charge"]]
            if charge["refunded"]:
                self._error(
                    400, "invalid_request_error", "Already refunded", "charge_already_refunded"
                )
                return None
            session = next(
                number
                for number, each in self.fake.sessions.items()
                if each["payment_intent"] == intent["id"]
            )
            self.fake.refund(session)
            return {
                "id": self.fake._id("re"),
                "object": "refund",
                "amount": charge["amount"],
                "charge": charge["id"],
                "currency": charge["currency"],
                "payment_intent": intent["id"],
                "status": self.fake.refunds_are,
            }
        self._error(404, "invalid_request_error", f"Unrecognized request URL {path}")
        return None


@contextmanager
def running(port: int = 0) -> Iterator[FakeStripe]:
    """Run a fake Stripe on a loopback address for as long as the block runs."""
    fake = FakeStripe()
    handler = type("Handler", (_Handler,), {"fake": fake})
    with loopback.serving(handler, port) as fake.address:
        yield fake
