"""Model files in, points out."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone
from ninja import Router, Status

from assay import wire
from assay.server.api import shapes
from assay.server.api.authentication import CandidateRequest
from assay.server.api.problems import language_of
from assay.server.api.sittings import Wait
from assay.server.exams.announcing import submission_key
from assay.server.exams.services.sittings import sitting_by_id
from assay.server.submissions.errors import NothingUploaded
from assay.server.submissions.models import Submission
from assay.server.submissions.services import grading, receiving
from assay.server.submissions.services.standing import standing, standing_of, submissions_of
from assay.server.submissions.uploads import SCOPE_KEY, ReceivedUpload
from assay.server.waiting import wait_for_news

router = Router()


@router.post(
    "/sittings/{sitting_id}/tasks/{slot}/submissions",
    response={201: wire.Submission},
    openapi_extra={
        "parameters": [
            {
                "name": "name",
                "in": "query",
                "schema": {"type": "string"},
                "description": "What the file is called where it comes from.",
            },
            {
                "name": "X-Content-SHA256",
                "in": "header",
                "schema": {"type": "string"},
                "description": "The file's SHA-256; a file that arrives damaged is refused.",
            },
        ],
        "requestBody": {
            "required": True,
            "description": "The model file: .h5, .keras or .onnx",
            "content": {"application/octet-stream": {}},
        },
    },
)
def submit(request: CandidateRequest, sitting_id: UUID, slot: str) -> Status[wire.Submission]:
    """Submit a model file. The answer comes when it is stored; its points are polled for."""
    upload = getattr(request, "scope", {}).get(SCOPE_KEY)
    run = sitting_by_id(request.auth, sitting_id)
    if not isinstance(upload, ReceivedUpload):
        raise NothingUploaded
    received = receiving.receive(run.id, slot, upload, timezone.now())
    return Status(201, _shape(request, received))


@router.get("/sittings/{sitting_id}/submissions", response=list[wire.Submission])
def submissions(request: CandidateRequest, sitting_id: UUID) -> list[wire.Submission]:
    """All submissions of a sitting, by slot and number."""
    run = sitting_by_id(request.auth, sitting_id)
    uploads = submissions_of(run)
    stands = standing_of(run.plan, uploads)
    return [shapes.submission(upload, run, stands, language_of(request)) for upload in uploads]


@router.get("/submissions/{submission_id}", response=wire.Submission)
def submission(request: CandidateRequest, submission_id: UUID, wait: Wait = 0.0) -> wire.Submission:
    """A submission; `wait` waits until it is final."""
    shape = _shape(request, receiving.submission_by_id(request.auth, submission_id))
    key = submission_key(submission_id)
    wait_for_news(request, key, shape, lambda _, new: new.state.is_final, wait)
    return shape


@router.post("/submissions/{submission_id}/cancel", response=wire.Submission)
def cancel(request: CandidateRequest, submission_id: UUID) -> wire.Submission:
    """Cancel a submission; one that is graded already stays graded."""
    own = receiving.submission_by_id(request.auth, submission_id)
    return _shape(request, grading.cancel(own.id, timezone.now()))


def _shape(request: CandidateRequest, upload: Submission) -> wire.Submission:
    run = sitting_by_id(request.auth, upload.task.sitting_id)
    return shapes.submission(upload, run, standing(run), language_of(request))
