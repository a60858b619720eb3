"""The overview and the audit log."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from assay.server.accounts.views.signed import signed_in
from assay.server.appeals import services as appeals
from assay.server.enrolment.services import failed_refunds, identity
from assay.server.exams.services import clock
from assay.server.staff.gate import allowed
from assay.server.staff.listing import page_of
from assay.server.staff.models import AuditEntry
from assay.server.staff.roles import Action, actions_of

_ENTRIES = 100  # on one page


@allowed(Action.OVERVIEW)
def overview(request: HttpRequest) -> HttpResponse:
    """Show what there is to do."""
    context = {
        "section": "staff",
        "actions": {action.name for action in actions_of(signed_in(request))},
        "waiting": identity.waiting().count(),
        "ticking": len(clock.ticking(timezone.now())),
        "failed_refunds": failed_refunds.unsettled().count(),
        "appeals": appeals.waiting().count(),
    }
    return render(request, "staff/overview.html", context)


@allowed(Action.READ_AUDIT)
def audit(request: HttpRequest) -> HttpResponse:
    """Show the audit log, the latest first."""
    entries = AuditEntry.objects.select_related("by")
    page = page_of(request, entries, most=_ENTRIES)
    may_search = Action.READ_RECORDS in actions_of(signed_in(request))
    context = {"section": "staff", "page": page, "may_search": may_search}
    return render(request, "staff/audit.html", context)
