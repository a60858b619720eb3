"""What this app knows about a person; see `accounts.personal`."""

from __future__ import annotations

from typing import Any

from assay.server.accounts import personal
from assay.server.accounts.models import User
from assay.server.submissions.models import Submission


@personal.exporter("submissions")
def submissions(user: User) -> list[dict[str, Any]]:
    """Return what was handed in and what came of it; the files are the person's already."""
    own = Submission.objects.filter(task__sitting__registration__candidate=user)
    return [
        {
            "sitting": str(each.task.sitting_id),
            "slot": each.task.slot,
            "number": each.number,
            "file_name": each.file_name,
            "sha256": each.sha256,
            "size": each.size,
            "arrived_at": each.arrived_at,
            "state": each.state,
            "points": each.points,
            "refusal": each.refusal_code,
        }
        for each in own.select_related("task").order_by("arrived_at")
    ]
