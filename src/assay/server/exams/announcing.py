"""Tell everybody who waits that something has changed.

The notice travels with the transaction: PostgreSQL delivers it at commit and
drops it at rollback, so nobody is woken before there is something to see.
"""

from __future__ import annotations

from uuid import UUID

from django.db import connection

CHANNEL = "assay"


def sitting_key(sitting_id: UUID | str) -> str:
    """Return the name under which changes of a sitting are announced."""
    return f"sitting:{sitting_id}"


def submission_key(submission_id: UUID | str) -> str:
    """Return the name under which changes of a submission are announced."""
    return f"submission:{submission_id}"


def announce(*keys: str) -> None:
    """Announce that what the keys name has changed, when the transaction commits."""
    with connection.cursor() as cursor:
        for key in keys:
            cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, key])
