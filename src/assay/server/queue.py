"""The job queue as the domain uses it: by the name of a task and the number of a job.

Jobs are rows of the same database, written through Django's connection, so that
a job and what it is about commit together or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Q
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

PREPARE = "prepare"  # draws variants
GRADING = "grading"  # grades submissions
MAIL = "mail"

LOW = -10  # priority of what nobody waits for

STALE_AFTER = timedelta(seconds=settings.STALE_WORKER_SECONDS)


def defer(
    task: str,
    *,
    queue: str,
    at: datetime | None = None,
    priority: int = 0,
    **arguments: str | int | None,
) -> int:
    """Queue a job in the running transaction.

    Args:
        task: The name under which the task is registered.
        queue: The queue that a worker must serve to get it.
        at: Not before this time; None for at once.
        priority: Higher ones first; within a priority, first come, first served.
        arguments: The task's.

    Returns:
        The job's number.
    """
    deferrer = app.configure_task(
        task, allow_unknown=False, queue=queue, schedule_at=at, priority=priority
    )
    return deferrer.defer(**arguments)


def withdraw(job_id: int | None) -> None:
    """Take a job back that no worker has begun; one that has begun goes on."""
    if job_id is not None:
        app.job_manager.cancel_job_by_id(job_id, delete_job=True)


def live(jobs: Iterable[int], now: datetime, stale_after: timedelta = STALE_AFTER) -> set[int]:
    """Return those of `jobs` that wait, or are in the hands of a worker that is alive.

    Args:
        jobs: Numbers of jobs.
        now: The current time.
        stale_after: How long after its last sign of life a worker counts as dead;
            zero when it is known that none is alive.
    """
    waiting = Q(status="todo")
    worked_on = Q(status="doing", worker__last_heartbeat__gt=now - stale_after)
    found = ProcrastinateJob.objects.filter(waiting | worked_on, id__in=list(jobs))
    return set(found.values_list("id", flat=True))


def graders() -> int:
    """Return the number of grader processes that are connected to the database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT application_name) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name LIKE %s",
            ["assay-grader%"],
        )
        (number,) = cursor.fetchone()
    return int(number)
