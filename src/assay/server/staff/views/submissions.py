"""Submissions: finding them, their whole story, and their files."""

from __future__ import annotations

from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from assay.server.accounts.views.signed import signed_in
from assay.server.exams.models import DrawnTask, Sitting
from assay.server.exams.phases import phase
from assay.server.language import active_language
from assay.server.staff.audit import record
from assay.server.staff.gate import allowed
from assay.server.staff.listing import page_of, search_in_address, searched_for
from assay.server.staff.roles import Action, actions_of
from assay.server.staff.submission_story import STATES, sitting_story, submission_story
from assay.server.staff.words import PHASES
from assay.server.storage import FileLost, store
from assay.server.submissions.models import Submission
from assay.server.submissions.services.search import search
from assay.wire import SubmissionState


@allowed(Action.READ_SUBMISSIONS)
def found(request: HttpRequest) -> HttpResponse:
    """Show the submissions that fit a search; without one, the latest."""
    wanted = searched_for(request, "words", "item", "state")
    page = page_of(request, search(**wanted))
    context = {
        "section": "staff",
        "wanted": wanted,
        "items": DrawnTask.objects.order_by("item").values_list("item", flat=True).distinct(),
        "states": [(state, words) for state, (words, _tone) in STATES.items()],
        "page": page,
        "rows": [(row, *STATES[row.state]) for row in page],
        "query": search_in_address(request),
    }
    return render(request, "staff/submissions.html", context)


@allowed(Action.READ_SUBMISSIONS)
def sitting(request: HttpRequest, sitting_id: UUID) -> HttpResponse:
    """Show what was submitted in a sitting, slot by slot."""
    run = get_object_or_404(
        Sitting.objects.select_related("registration__candidate"), pk=sitting_id
    )
    context = {
        "section": "staff",
        "sitting": run,
        "candidate": run.registration.candidate,
        "title": run.plan.title.in_language(active_language()),
        "phase": PHASES[phase(run.times, timezone.now())],
        "story": sitting_story(run),
        **_rights(request),
    }
    return render(request, "staff/sitting.html", context)


@allowed(Action.READ_SUBMISSIONS)
def submission(request: HttpRequest, submission_id: UUID) -> HttpResponse:
    """Show one submission whole, and what can be done about it."""
    row = _submission(submission_id)
    context = {
        "section": "staff",
        "submission": row,
        "task": row.task,
        "sitting": row.task.sitting,
        "candidate": row.task.sitting.registration.candidate,
        "story": submission_story(row),
        "failed": row.state == SubmissionState.FAILED,
        "has_verdict": row.state in {SubmissionState.GRADED, SubmissionState.REFUSED},
        **_rights(request),
    }
    return render(request, "staff/submission.html", context)


@allowed(Action.DOWNLOAD_SUBMISSIONS)
def file(request: HttpRequest, submission_id: UUID) -> FileResponse:
    """Answer with the model file, under a name that tells where it is from.

    It is a stranger's file: nobody should open it outside a sandbox.
    """
    row = _submission(submission_id)
    try:
        with store().local(row.sha256) as path:
            opened = path.open("rb")
    except FileLost as error:
        raise Http404 from error
    subject = f"submission {row.id}"
    record(
        "submission.download",
        by=signed_in(request),
        subject=subject,
        now=timezone.now(),
        sha256=row.sha256,
    )
    return FileResponse(
        opened,
        as_attachment=True,
        filename=f"{row.task.slot}-{row.number}-{row.file_name}",
        content_type="application/octet-stream",
    )


def _submission(submission_id: UUID) -> Submission:
    rows = Submission.objects.select_related("task__sitting__registration__candidate")
    return get_object_or_404(rows, pk=submission_id)


def _rights(request: HttpRequest) -> dict[str, bool]:
    may = actions_of(signed_in(request))
    return {
        "may_regrade": Action.REGRADE in may,
        "may_download": Action.DOWNLOAD_SUBMISSIONS in may,
    }
