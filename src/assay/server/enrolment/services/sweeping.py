"""What has to happen without anybody asking for it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from assay.server.enrolment.services import identity, orders, payments, reminders

logger = logging.getLogger(__name__)


def sweep(now: datetime) -> None:
    """Remind, ask about overdue payments, cancel unpaid orders, delete old pictures."""
    chores: tuple[Callable[[datetime], object], ...] = (
        payments.refresh_overdue,
        orders.cancel_unpaid,
        identity.drop_old,
        reminders.send_due,
    )
    for chore in chores:
        try:
            chore(now)
        except Exception:  # one broken chore must not keep the others from being done
            logger.exception("%s failed", chore.__name__)
