"""Orders, their payment, and a candidate's list of exams."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from assay.errors import AssayError
from assay.server.accounts import limits
from assay.server.enrolment import checkout, codes, display
from assay.server.enrolment.errors import OrderNotFound
from assay.server.enrolment.models import Order, OrderState
from assay.server.enrolment.services import failed_refunds, orders, payments
from assay.server.enrolment.services.overview import of_registration, overview
from assay.server.enrolment.views.catalogue import VOUCHERS, signed_in
from assay.server.exams.display import title_by
from assay.server.pages.middleware import CONTENT_SECURITY_POLICY

PAYMENTS = limits.Limit(most=20, seconds=600)  # pages of Stripe's that one person asks for


@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """Show a candidate's registrations and open orders."""
    entries = [
        (entry, title_by(entry.plan, entry.exam))
        for entry in overview(signed_in(request), timezone.now())
    ]
    context = {
        "current": [(entry, title) for entry, title in entries if entry.is_active],
        "past": [(entry, title) for entry, title in entries if not entry.is_active],
        "section": "mine",
    }
    return render(request, "enrolment/mine.html", context)


def _own(request: HttpRequest, order_id: UUID) -> Order:
    try:
        return orders.order_of(signed_in(request), order_id)
    except OrderNotFound:
        raise Http404 from None


@login_required
@require_safe
def order(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Show an order: what it costs, how it stands, what comes next."""
    return _page(request, _own(request, order_id))


def _page(
    request: HttpRequest, order: Order, error: AssayError | None = None, typed: str = ""
) -> HttpResponse:
    entry = (
        None if order.registration is None else of_registration(order.registration, timezone.now())
    )
    context = {
        "order": order,
        "exam": display.show_exam(order.exam),
        "entry": entry,
        "voucher": None if order.voucher is None else codes.shown(order.voucher.code),
        "being_paid": order.state == OrderState.OPEN and orders.is_being_paid(order),
        "refund_failed": failed_refunds.unsettled().filter(payment__order=order).exists(),
        "can_pay": checkout.is_set_up(),
        "back_from_payment": request.GET.get("payment", ""),
        "typed": typed,
        "section": "mine",
    }
    answer = display.show_page(request, "enrolment/order.html", context, error)
    # Browsers apply form-action to where a form's answer leads as well: to Stripe's page.
    answer.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.replace(
        "form-action 'self'", f"form-action 'self' {settings.STRIPE_CHECKOUT}"
    )
    return answer


def _act(
    request: HttpRequest, order_id: UUID, act: Callable[[Order], object], typed: str = ""
) -> HttpResponse:
    """Do something with an order, then show how it stands."""
    own = _own(request, order_id)
    try:
        act(own)
    except AssayError as error:
        return _page(request, _own(request, order_id), error, typed)
    return redirect("enrolment:order", order_id)


@login_required
@require_POST
def pay(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Send the candidate to Stripe's page."""
    own = _own(request, order_id)
    try:
        limits.spend("pay", str(own.candidate_id), PAYMENTS, timezone.now())
        address = payments.begin(own.pk, timezone.now())
    except AssayError as error:
        return _page(request, _own(request, order_id), error)
    return HttpResponseRedirect(address)


@login_required
@require_safe
def paid(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Take a candidate in who comes back from Stripe's page; the event may come later."""
    own = _own(request, order_id)
    if own.state == OrderState.OPEN and checkout.is_set_up():
        payments.refresh_order(own, timezone.now())
    answer = redirect("enrolment:order", order_id)
    answer.headers["Location"] += "?payment=done"
    return answer


@login_required
@require_POST
def voucher(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Use a voucher for an order."""
    typed = request.POST.get("voucher", "")

    def act(own: Order) -> None:
        limits.spend("voucher", str(own.candidate_id), VOUCHERS, timezone.now())
        payments.withdraw(own.pk, timezone.now())
        orders.redeem(own.pk, typed, timezone.now())

    return _act(request, order_id, act, typed)


@login_required
@require_POST
def cancel(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Cancel an order that is not paid."""

    def act(own: Order) -> None:
        payments.withdraw(own.pk, timezone.now())
        orders.cancel(own.pk, timezone.now())

    return _act(request, order_id, act)
