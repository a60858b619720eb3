"""Jobs of the exams app."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from assay.errors import PlatformFault
from assay.server.exams.models import DrawnTask
from assay.server.exams.services import preparation


@app.task(name="exams.prepare_task")
def prepare_task(task_id: int) -> None:
    task = DrawnTask.objects.get(pk=task_id)
    if task.prepared_at is not None:
        return
    try:
        drawing = preparation.draw_variant(task)
    except (PlatformFault, OSError, ValueError, KeyError) as error:
        reason = error.params.get("reason") if isinstance(error, PlatformFault) else None
        preparation.fail(task_id, str(reason or repr(error)), timezone.now())
    else:
        preparation.finish(task_id, drawing, timezone.now())
