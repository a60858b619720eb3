"""A sitting from the sealed bundles to its result."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID

from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from ninja import Query, Router

from assay import wire
from assay.server.api import shapes
from assay.server.api.authentication import CandidateRequest
from assay.server.api.problems import language_of
from assay.server.exams.announcing import sitting_key
from assay.server.exams.services import sittings
from assay.server.exams.services.sittings import sitting_by_id
from assay.server.storage import store
from assay.server.submissions.services import closing
from assay.server.waiting import MOST_SECONDS, wait_for_news
from assay.wire import Phase

router = Router()

Wait = Annotated[
    float, Query(0.0, ge=0, le=MOST_SECONDS, description="Seconds to wait for news, at the most.")
]
_CHUNK = 1 << 18  # bytes


@router.get("/{sitting_id}", response=wire.Sitting)
def sitting(request: CandidateRequest, sitting_id: UUID, wait: Wait = 0.0) -> wire.Sitting:
    """How a sitting stands; while it is prepared or closed, `wait` waits for the next step."""
    run = sitting_by_id(request.auth, sitting_id)
    shape = shapes.sitting(run, language_of(request), timezone.now())
    if shape.phase is Phase.PREPARING:
        sittings.check_preparation(run)
    wait_for_news(request, sitting_key(sitting_id), shape, _has_moved, wait)
    return shape


def _has_moved(first: wire.Sitting, newest: wire.Sitting) -> bool:
    if newest.phase not in {Phase.PREPARING, Phase.CLOSING}:
        return True
    return _state(first) != _state(newest)


def _state(shape: wire.Sitting) -> tuple[Phase, int]:
    return shape.phase, sum(task.bundle is not None for task in shape.tasks)


@router.get(
    "/{sitting_id}/tasks/{slot}/bundle",
    openapi_extra={
        "responses": {200: {"description": "OK", "content": {"application/octet-stream": {}}}}
    },
)
def bundle(request: CandidateRequest, sitting_id: UUID, slot: str) -> HttpResponseBase:
    """A task's bundle, sealed: the key is handed out at Start."""
    task = sittings.prepared_task(sitting_by_id(request.auth, sitting_id), slot)
    response = StreamingHttpResponse(
        _chunks(task.bundle_sha256), content_type="application/octet-stream"
    )
    response["Content-Length"] = task.bundle_size
    response["ETag"] = f'"{task.bundle_sha256}"'
    return response


async def _chunks(sha256: str) -> AsyncIterator[bytes]:
    with store().local(sha256) as path:
        file = await asyncio.to_thread(path.open, "rb")
        try:
            while chunk := await asyncio.to_thread(file.read, _CHUNK):
                yield chunk
        finally:
            file.close()


@router.post("/{sitting_id}/start", response=wire.Start)
def start(request: CandidateRequest, sitting_id: UUID) -> wire.Start:
    """Start the clock and get the keys; while it runs, get the keys again.

    To start is to promise that the work is one's own, and to show the tasks to nobody.
    """
    now = timezone.now()
    run = sitting_by_id(request.auth, sitting_id)
    started = sittings.start(run.id, now)
    return wire.Start(
        sitting=shapes.sitting(started.sitting, language_of(request), now), keys=started.keys
    )


@router.post("/{sitting_id}/end", response=wire.Sitting)
def end(request: CandidateRequest, sitting_id: UUID) -> wire.Sitting:
    """End the sitting before its time. There is no way back."""
    now = timezone.now()
    run = sitting_by_id(request.auth, sitting_id)
    sittings.end(run.id, now)
    closing.close_if_due(run.id, now)
    return shapes.sitting(sitting_by_id(request.auth, sitting_id), language_of(request), now)


@router.get("/{sitting_id}/result", response=wire.Result)
def result(request: CandidateRequest, sitting_id: UUID, wait: Wait = 0.0) -> wire.Result:
    """The outcome; `wait` waits until it is final."""
    run = sitting_by_id(request.auth, sitting_id)
    shape = shapes.result(closing.outcome_of(run, timezone.now()), language_of(request))
    wait_for_news(request, sitting_key(sitting_id), shape, lambda _, new: new.final, wait)
    return shape
