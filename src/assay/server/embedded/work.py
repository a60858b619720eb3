"""The parts that work off the queue: the grader and the background.

They are two processes, so that drawing the variants of a class that starts together
never delays a verdict: the background is niced and has queues of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import close_old_connections, connection
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status
from procrastinate.manager import JobManager
from procrastinate.worker import Worker

from assay.grading.sandbox import Runner
from assay.server import queue
from assay.server.embedded.lifeline import Lifeline
from assay.server.embedded.schema import close_connections
from assay.server.exams.services import outages
from assay.server.submissions.grader import set_runner
from assay.server.submissions.services.closing import close_due_sittings
from assay.server.submissions.services.grading import sweep

logger = logging.getLogger(__name__)

_GIVE_UP_SECONDS = 1.0  # what is not done then, at a stop, goes back into the queue
_STOP_SECONDS = 5.0  # what has not let itself be given up by then is left behind
_CLOSE_SECONDS = 1.0  # between two looks for sittings whose time is up
_SWEEP_SECONDS = 3.0  # between two looks for lost jobs, and two signs of life
# The sweep finds from the rows themselves that these are gone.
_ORDERED_ANEW = {"submissions.grade_submission", "exams.prepare_task"}
_LOOK_SECONDS = 0.02  # between two looks at whether the worker is registered
_MOST_THREADS = 4  # for one model's inference; more do not pay for models of this size


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What a working part does."""

    name: str
    queues: tuple[str, ...]
    grades: bool  # owns a sandbox and sweeps


GRADER = Kind(name="grader", queues=(queue.GRADING,), grades=True)
BACKGROUND = Kind(name="background", queues=(queue.PREPARE, queue.MAIL), grades=False)


def work(kind: Kind, lifeline: Lifeline, *, concurrency: int, practice: bool) -> None:
    """Work until a signal or the supervisor says stop.

    Args:
        kind: Which part this is.
        lifeline: To the supervisor.
        concurrency: How many jobs run at the same time.
        practice: Only for oneself: a sandbox that does not hold is no obstacle.

    Raises:
        GradingFault: The sandbox does not protect this machine from other people's files.
    """
    # Shown by PostgreSQL for each connection, and counted by /api/health.
    os.environ["PGAPPNAME"] = f"assay-{kind.name}-{os.getpid()}@{socket.gethostname()}"
    try:
        asyncio.run(_work(kind, lifeline, concurrency=concurrency, practice=practice))
    finally:
        close_connections()


async def _work(kind: Kind, lifeline: Lifeline, *, concurrency: int, practice: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows
            loop.add_signal_handler(number, stop.set)

    def stop_soon() -> None:
        loop.call_soon_threadsafe(stop.set)

    lifeline.on_stop(stop_soon)
    async with contextlib.AsyncExitStack() as stack:
        if kind.grades:
            await stack.enter_async_context(_sandbox(practice=practice))
        await asyncio.to_thread(lifeline.await_go)
        queue_app = app.with_connector(app.connector.get_worker_connector())  # type: ignore[attr-defined]
        await stack.enter_async_context(queue_app.open_async())
        intervals: dict[str, Any] = dict(settings.PROCRASTINATE_WORKER_DEFAULTS)
        worker: Any = Worker(
            queue_app,
            queues=list(kind.queues),  # a tuple would be a row to PostgreSQL
            name=kind.name,
            concurrency=concurrency,
            install_signal_handlers=False,
            shutdown_graceful_timeout=_GIVE_UP_SECONDS,
            **intervals,
        )
        await asyncio.to_thread(_forget_predecessor, kind)
        if kind.grades:  # before any sitting can be closed: we may have been away
            await asyncio.to_thread(beat_now, outages.GRADER)
        working = asyncio.create_task(worker.run())
        while worker.worker_id is None and not working.done():  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(_LOOK_SECONDS)
        await asyncio.to_thread(_note(kind).write_text, str(worker.worker_id))
        sweeping = asyncio.create_task(_sweep_on(queue_app.job_manager)) if kind.grades else None
        lifeline.ready()
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if sweeping is not None:
            sweeping.cancel()
        worker.stop()
        await asyncio.wait({working}, timeout=_STOP_SECONDS)
        if not working.done():
            # A variant that is being drawn, for example; the next start draws it again.
            logger.warning("stopping in the middle of a job")
            _leave()
        await working
        await asyncio.to_thread(_note(kind).unlink, missing_ok=True)
        if not stop.is_set():
            # It has lost its connection, for example; a fresh process is the best remedy.
            raise ConnectionError("the queue's worker stopped by itself")


def _leave() -> None:
    """End this process without waiting for its threads."""
    logging.shutdown()
    os._exit(0)


@contextlib.asynccontextmanager
async def _sandbox(*, practice: bool) -> AsyncIterator[None]:
    """Have a warm, tried sandbox for the grading jobs of this process."""
    threads = min(os.cpu_count() or 1, _MOST_THREADS)
    runner = Runner(threads=threads, second_path=settings.KERAS)
    try:
        await asyncio.to_thread(runner.start)
        protection = await asyncio.to_thread(runner.self_test)
        if protection.problem is not None:
            if not practice:
                raise protection.problem
            logger.warning("%s", protection.problem)
        set_runner(runner)
        yield
    finally:
        await asyncio.to_thread(runner.close)


# -- what a crash leaves ------------------------------------------------------------------------


def _note(kind: Kind) -> Path:
    """Where this part leaves the number under which the queue knows it."""
    return Path(settings.DATA) / f"{kind.name}.worker"


def _forget_predecessor(kind: Kind) -> None:
    """Tell the queue that the process whose place we take is dead.

    Its jobs are then given to others at once, not only when it has been silent for long.
    """
    with contextlib.suppress(FileNotFoundError, ValueError), connection.cursor() as cursor:
        number = int(_note(kind).read_text(encoding="ascii"))
        cursor.execute("DELETE FROM procrastinate_workers WHERE id = %s", [number])
    connection.close()


async def _sweep_on(jobs: JobManager) -> None:
    loop = asyncio.get_running_loop()
    next_sweep = loop.time()
    while True:
        with_jobs = loop.time() >= next_sweep
        if with_jobs:
            next_sweep = loop.time() + _SWEEP_SECONDS
        try:
            if with_jobs:
                await _take_from_the_dead(jobs)
            await asyncio.to_thread(_sweep, with_jobs=with_jobs)
        except Exception:  # the next round may go better
            logger.exception("sweeping failed")
        await asyncio.sleep(_CLOSE_SECONDS)


async def _take_from_the_dead(jobs: JobManager) -> None:
    """Take the jobs of dead workers: those of rows are ordered anew, the others run again."""
    lost = await jobs.get_stalled_jobs(seconds_since_heartbeat=settings.STALE_WORKER_SECONDS)
    for job in lost:
        try:
            if job.task_name in _ORDERED_ANEW:
                await jobs.finish_job(job, Status.ABORTED, delete_job=True)
            else:
                await jobs.retry_job(job)
        except ConnectorException:  # another grader was quicker
            logger.info("job %s is in other hands", job.id)


def beat_now(part: str) -> None:
    """Give a part's sign of life."""
    try:
        outages.beat(part, timezone.now())
    finally:
        close_old_connections()


def _sweep(*, with_jobs: bool) -> None:
    try:
        if with_jobs:
            outages.beat(outages.GRADER, timezone.now())
        close_due_sittings(timezone.now())
        if with_jobs:
            sweep(timezone.now())
    finally:
        close_old_connections()
