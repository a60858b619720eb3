"""What this app knows about a person; see `accounts.personal`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from assay.server.accounts import personal
from assay.server.accounts.models import User
from assay.server.appeals.models import Appeal


def _own(user: User) -> Any:
    return Appeal.objects.filter(sitting__registration__candidate=user)


@personal.exporter("appeals")
def appeals(user: User) -> list[dict[str, Any]]:
    """Return what was appealed against, and the answers."""
    return [
        {
            "sitting": str(each.sitting_id),
            "kind": each.kind,
            "filed_at": each.filed_at,
            "slots": each.slots,
            "text": each.text,
            "state": each.state,
            "answered_at": each.answered_at,
            "answer": each.answer,
        }
        for each in _own(user)
    ]


@personal.eraser
def forget_words(user: User, now: datetime) -> None:  # noqa: ARG001 - erasers are told the time
    """Delete what the person wrote; that there was an appeal, and its answer, stay."""
    _own(user).update(text="")
