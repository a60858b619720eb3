"""Orders: finding them, and paying back."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext

from assay.server.accounts.views.signed import signed_in
from assay.server.enrolment import codes
from assay.server.enrolment.models import FailedRefund, Order, OrderState, PaymentState
from assay.server.enrolment.money import Money
from assay.server.enrolment.services import failed_refunds, refunds
from assay.server.enrolment.services.search import search_orders
from assay.server.exams.display import title_of
from assay.server.staff.gate import allowed
from assay.server.staff.listing import page_of, search_in_address, searched_for
from assay.server.staff.models import AuditEntry
from assay.server.staff.roles import Action, actions_of
from assay.server.staff.typed import attempt
from assay.server.staff.words import ORDER_TONES, ORDERS, PAYMENTS


def _row(order: Order) -> dict[str, object]:
    state = OrderState(order.state)
    return {
        "order": order,
        "title": title_of(order.exam),
        "state": ORDERS[state],
        "tone": ORDER_TONES.get(state, ""),
    }


def _failed(failed: FailedRefund) -> dict[str, object]:
    order = failed.payment.order
    amount = Money(amount=failed.amount, currency=order.currency)
    return {"failed": failed, "order": order, "amount": amount}


@allowed(Action.READ_ORDERS)
def found(request: HttpRequest) -> HttpResponse:
    """Show the orders that fit a search; without one, the newest."""
    wanted = searched_for(request, "wanted", "state")
    page = page_of(request, search_orders(**wanted))
    context = {
        "section": "staff",
        "wanted": wanted,
        "states": ORDERS.items(),
        "page": page,
        "failed": [_failed(each) for each in failed_refunds.unsettled()],
        "rows": [_row(order) for order in page.object_list],
        "query": search_in_address(request),
    }
    return render(request, "staff/orders.html", context)


@allowed(Action.READ_ORDERS)
def order(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Show one order whole."""
    shown = search_orders(wanted=str(order_id)).select_related("registration").first()
    if shown is None:
        raise Http404
    may = actions_of(signed_in(request))
    payments = [
        {
            "payment": payment,
            "state": PAYMENTS[PaymentState(payment.state)],
            "amount": Money(amount=payment.amount, currency=shown.currency),
            "refunded": Money(amount=payment.refunded, currency=shown.currency)
            if payment.refunded
            else None,
        }
        for payment in shown.payments.order_by("created_at")
    ]
    lines = AuditEntry.objects.filter(subject=f"order {shown.pk}").select_related("by")
    failures = FailedRefund.objects.filter(payment__order=shown)
    context = {
        "section": "staff",
        **_row(shown),
        "failures": [
            _failed(each) for each in failures.select_related("payment__order", "settled_by")
        ],
        "may_settle": Action.REFUND in may,
        "voucher": None if shown.voucher is None else codes.hinted(shown.voucher.code),
        "payments": payments,
        "lines": lines,
        "may_refund": Action.REFUND in may and refunds.can_be_refunded(shown),
        "was_started": refunds.was_started(shown),
        "may_read_registrations": Action.READ_REGISTRATIONS in may,
        "may_read_vouchers": Action.READ_VOUCHERS in may,
    }
    return render(request, "staff/order.html", context)


@allowed(Action.REFUND, method="POST")
def refund(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Pay an order back."""
    if not Order.objects.filter(pk=order_id).exists():
        raise Http404

    def act() -> object:
        return refunds.refund(
            order_id,
            by=signed_in(request),
            reason=request.POST.get("reason", ""),
            now=timezone.now(),
            although_started=request.POST.get("although_started") == "yes",
        )

    attempt(request, act, gettext("The order is paid back."))
    return redirect("staff:order", order_id)


@allowed(Action.REFUND, method="POST")
def settle(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Note how a payer got the money whose refund has failed."""
    typed = request.POST.get("failed", "")
    failed = FailedRefund.objects.filter(payment__order=order_id)
    if not typed.isdecimal() or not failed.filter(pk=int(typed)).exists():
        raise Http404

    def act() -> object:
        return failed_refunds.settle(
            int(typed),
            order_id,
            by=signed_in(request),
            how=request.POST.get("reason", ""),
            now=timezone.now(),
        )

    attempt(request, act, gettext("It is noted; the refund waits for nobody any more."))
    return redirect("staff:order", order_id)
