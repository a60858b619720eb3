"""Vouchers: making them, exporting them, switching one off."""

from __future__ import annotations

from io import StringIO

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext

from assay.errors import AssayError
from assay.server.accounts.views.signed import signed_in
from assay.server.enrolment import codes
from assay.server.enrolment.display import show_page
from assay.server.enrolment.models import Voucher, VoucherBatch
from assay.server.enrolment.services import vouchers
from assay.server.exams.display import title_of
from assay.server.staff.gate import allowed
from assay.server.staff.listing import page_of
from assay.server.staff.roles import Action, actions_of
from assay.server.staff.typed import attempt, day, end_of, tell, whole
from assay.server.staff.words import exam_titles

_MOST_USES = 1_000_000
_BOM = "\ufeff"  # without it spreadsheets take the file for another encoding


@allowed(Action.READ_VOUCHERS)
def batches(request: HttpRequest) -> HttpResponse:
    """Show the batches, the newest first."""
    page = page_of(request, vouchers.batches())
    context = {
        "section": "staff",
        "page": page,
        "rows": [{"batch": each, "exam": title_of(each.exam)} for each in page.object_list],
        "now": timezone.now(),
        "may_make": Action.MAKE_VOUCHERS in actions_of(signed_in(request)),
    }
    return render(request, "staff/vouchers.html", context)


@allowed(Action.MAKE_VOUCHERS)
def new(request: HttpRequest) -> HttpResponse:
    """Show the form that makes a batch."""
    return _form(request, {"count": "10", "per_cent": "100", "uses": "1"})


@allowed(Action.MAKE_VOUCHERS, method="POST")
def make(request: HttpRequest) -> HttpResponse:
    """Make a batch."""
    typed = request.POST
    try:
        last_day = typed.get("last_day", "")
        made = vouchers.create_batch(
            name=typed.get("name", ""),
            count=whole(typed.get("count", ""), 1, vouchers.MOST),
            exam=typed.get("exam", ""),
            per_cent=whole(typed.get("per_cent", ""), 1, 100),
            uses=whole(typed.get("uses", ""), 1, _MOST_USES),
            expires_at=end_of(day(last_day)) if last_day else None,
            by=signed_in(request),
            now=timezone.now(),
        )
    except AssayError as error:
        return _form(request, typed.dict(), error)
    messages.success(request, gettext("The vouchers are made."))
    return redirect("staff:batch", made.pk)


def _form(
    request: HttpRequest, typed: dict[str, str], error: AssayError | None = None
) -> HttpResponse:
    context = {
        "section": "staff",
        "typed": typed,
        "exams": exam_titles(),
        "most": vouchers.MOST,
        "most_uses": _MOST_USES,
    }
    return show_page(request, "staff/new_vouchers.html", context, error)


@allowed(Action.MAKE_VOUCHERS, method="POST")
def find(request: HttpRequest) -> HttpResponse:
    """Go to the voucher with a code; the code is kept out of addresses and logs."""
    try:
        voucher = vouchers.find(request.POST.get("code", ""))
    except AssayError as error:
        tell(request, error)
        return redirect("staff:vouchers")
    answer = redirect("staff:batch", voucher.batch_id)
    answer.headers["Location"] += f"?voucher={voucher.pk}"
    return answer


def _batch(batch_id: int) -> VoucherBatch:
    found = VoucherBatch.objects.filter(pk=batch_id).select_related("created_by").first()
    if found is None:
        raise Http404
    return found


@allowed(Action.READ_VOUCHERS)
def batch(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Show the vouchers of a batch; who may not make any sees only how codes begin."""
    shown = _batch(batch_id)
    may_make = Action.MAKE_VOUCHERS in actions_of(signed_in(request))
    rows = vouchers.with_uses(Voucher.objects.filter(batch=shown)).order_by("pk")
    wanted = request.GET.get("voucher", "")
    if wanted.isascii() and wanted.isdigit():
        rows = rows.filter(pk=min(int(wanted), 2**63 - 1))
    page = page_of(request, rows)
    context = {
        "section": "staff",
        "batch": shown,
        "exam": title_of(shown.exam),
        "page": page,
        "rows": [
            {
                "voucher": each,
                "code": codes.shown(each.code) if may_make else codes.hinted(each.code),
            }
            for each in page.object_list
        ],
        "now": timezone.now(),
        "may_make": may_make,
    }
    return render(request, "staff/batch.html", context)


@allowed(Action.MAKE_VOUCHERS)
def export(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Answer with the codes of a batch as CSV."""
    file = StringIO()
    vouchers.export(_batch(batch_id), file, by=signed_in(request), now=timezone.now())
    answer = HttpResponse(_BOM + file.getvalue(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="vouchers-{batch_id}.csv"'
    return answer


@allowed(Action.MAKE_VOUCHERS, method="POST")
def switch_off(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Switch one voucher off."""
    wanted = request.POST.get("voucher", "")
    own = _batch(batch_id).vouchers.filter(blocked_at__isnull=True)
    known = wanted.isascii() and wanted.isdigit() and len(wanted) <= len(str(2**63))
    voucher = own.filter(pk=min(int(wanted), 2**63 - 1)).first() if known else None
    if voucher is None:
        raise Http404

    def act() -> object:
        return vouchers.block(voucher.pk, by=signed_in(request), now=timezone.now())

    attempt(request, act, gettext("The voucher is switched off."))
    return redirect("staff:batch", batch_id)
