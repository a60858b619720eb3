"""The seam through which staff's actions and looks at personal data are written down.

The audit log belongs to the staff app, which depends on this one and not the other way
round; it registers itself here when Django starts.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Protocol

from assay.server.accounts.models import User

logger = logging.getLogger(__name__)


class Auditor(Protocol):
    """What keeps the audit log."""

    def record(
        self, action: str, *, by: User | None, subject: str, now: datetime, **details: str | int
    ) -> None:
        """Write down one action, in the running transaction.

        Args:
            action: Such as `identity.approve`.
            by: Who did it; None for the command line.
            subject: What it was done to, such as `identity check <uuid>`.
            now: When.
            details: What else is worth knowing; no picture and no code of a voucher.
        """


_registered: list[Auditor] = []


def register(auditor: Auditor) -> None:
    """Make `auditor` the one that keeps the log; the last one registered counts."""
    _registered[:] = [auditor]


def record(
    action: str, *, by: User | None, subject: str, now: datetime, **details: str | int
) -> None:
    """Have an action of staff written down: in the audit log, else in the server's own log."""
    for auditor in _registered:
        auditor.record(action, by=by, subject=subject, now=now, **details)
    if not _registered:
        who = "command line" if by is None else f"user {by.pk}"
        logger.info("%s: %s by %s", action, subject, who)
