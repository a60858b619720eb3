"""What this app knows about a person; see `accounts.personal`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from assay.errors import AssayError, Conflict
from assay.messages import N_
from assay.server.accounts import personal
from assay.server.accounts.models import User
from assay.server.exams.models import Sitting
from assay.server.exams.phases import phase
from assay.server.exams.services.registrations import registrations_of, withdraw
from assay.wire import Phase

_UNDER_WAY = {Phase.RUNNING, Phase.PAUSED, Phase.CLOSING}


class SittingUnderWay(Conflict):
    """An account cannot be deleted in the middle of an exam."""

    code = "sitting_under_way"
    message = N_("A sitting of yours is under way, or its last submissions are being graded.")
    remedy = N_("End it and wait for the result, then delete your account.")


class NameIsSitting(Conflict):
    """Whoever has started an exam must be who gets its certificate."""

    code = "name_is_sitting"
    message = N_("Your name cannot be changed while a sitting of yours is under way.")
    remedy = N_("The certificate carries the name with which you started. Change it afterwards.")


@personal.obstacle
def sitting_under_way(user: User, now: datetime) -> AssayError | None:
    """Return why nobody is deleted while an exam goes on."""
    return SittingUnderWay() if _is_sitting(user, now) else None


@personal.name_obstacle
def name_is_sitting(user: User, now: datetime) -> AssayError | None:
    """Return why nobody changes the name while an exam goes on."""
    return NameIsSitting() if _is_sitting(user, now) else None


def _is_sitting(user: User, now: datetime) -> bool:
    own = Sitting.objects.filter(registration__candidate=user)
    return any(phase(sitting.times, now) in _UNDER_WAY for sitting in own)


@personal.eraser
def forget_rights(user: User, now: datetime) -> None:
    """Take back what was not used: nobody can use it any more."""
    for right in registrations_of(user):
        withdraw(right, now)
    registrations_of(user).update(void_reason="")


@personal.exporter("exams")
def exams(user: User) -> list[dict[str, Any]]:
    """Return registrations and sittings."""
    return [
        {
            "registration": str(right.id),
            "exam": right.exam,
            "valid_until": right.valid_until,
            "time_factor": right.time_factor,
            "pause_minutes": right.pause_minutes,
            "voided_at": right.voided_at,
            "void_reason": right.void_reason,
            "sittings": [
                {
                    "sitting": str(sitting.id),
                    "started_at": sitting.started_at,
                    "ended_at": sitting.times.over_at,
                    "passed": sitting.passed,
                    "total": sitting.total,
                }
                for sitting in Sitting.objects.filter(registration=right)
            ],
        }
        for right in registrations_of(user)
    ]
