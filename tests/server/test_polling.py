"""Long polls: the answer comes with the news."""

from __future__ import annotations

import asyncio
import time

import pytest
from django.utils import timezone

from assay.server import events
from assay.server.exams.models import Sitting
from assay.server.exams.services import sittings
from assay.server.submissions.services import closing, grading
from assay.server.threads import in_thread

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def api(alice, sign_in):
    return sign_in(alice)


@pytest.fixture
def at():
    """Sittings of these tests run now."""
    return timezone.now()


async def answer_to(api, address, change):
    """Poll, make the change while the poll waits; return the answer and how long it took after."""
    await api.aget("/api/health")  # the first request of a process takes longer
    poll = asyncio.create_task(api.aget(address))
    try:
        await asyncio.sleep(0.3)
        assert not poll.done()
        changed = time.monotonic()
        await in_thread(change)
        answer = await asyncio.wait_for(poll, 10)
        return answer.json(), time.monotonic() - changed
    finally:
        await events.close()


async def test_a_verdict_arrives_when_it_is_there(api, running_sitting, submit, outcome, alice, at):
    def prepare():
        submission = submit(running_sitting(alice, at=at), at=at)
        grading.claim(submission.id, at)
        return submission

    submission = await in_thread(prepare)

    shown, seconds = await answer_to(
        api,
        f"/api/submissions/{submission.id}?wait=20",
        lambda: grading.complete(submission.id, 1, outcome(5), at),
    )

    assert shown["points"] == 5
    assert seconds < 0.5


async def test_a_fault_in_between_does_not_end_the_wait(
    api, running_sitting, submit, outcome, alice, at
):
    from assay.errors import PlatformFault  # noqa: PLC0415

    def prepare():
        submission = submit(running_sitting(alice, at=at), at=at)
        grading.claim(submission.id, at)
        return submission

    submission = await in_thread(prepare)

    def fault_and_grade():
        grading.fault(submission.id, 1, PlatformFault(), at, reason="")
        grading.claim(submission.id, at)
        grading.complete(submission.id, 2, outcome(3), at)

    shown, _ = await answer_to(api, f"/api/submissions/{submission.id}?wait=20", fault_and_grade)

    assert (shown["state"], shown["points"]) == ("graded", 3)


async def test_the_next_prepared_task_is_news(api, register, blobs, prepare, alice, at):
    sitting = await in_thread(lambda: sittings.open_sitting(register(alice, at=at), at))

    shown, _ = await answer_to(
        api, f"/api/sittings/{sitting.id}?wait=20", lambda: prepare(sitting, at)
    )

    assert any(task["bundle"] for task in shown["tasks"])


async def test_a_sitting_in_no_hurry_is_answered_at_once(api, running_sitting, alice, at):
    sitting = await in_thread(lambda: running_sitting(alice, at=at))

    began = time.monotonic()
    answer = await api.aget(f"/api/sittings/{sitting.id}?wait=20")

    assert answer.json()["phase"] == "running"
    assert time.monotonic() - began < 5


async def test_the_result_arrives_when_it_is_final(
    api, running_sitting, submit, outcome, alice, at
):
    def prepare():
        submission = submit(running_sitting(alice, at=at), at=at)
        sittings.end(submission.task.sitting_id, timezone.now())
        return submission

    submission = await in_thread(prepare)
    sitting_id = submission.task.sitting_id

    def grade_and_close():
        grading.claim(submission.id, at)
        grading.complete(submission.id, 1, outcome(5), at)
        assert closing.close_if_due(sitting_id, timezone.now())

    shown, seconds = await answer_to(
        api, f"/api/sittings/{sitting_id}/result?wait=20", grade_and_close
    )

    assert shown["final"]
    assert seconds < 2
    assert (await in_thread(Sitting.objects.get)).total == 40


async def test_a_wait_without_news_ends_in_time(api, running_sitting, submit, alice, at):
    submission = await in_thread(lambda: submit(running_sitting(alice, at=at), at=at))

    began = time.monotonic()
    try:
        answer = await api.aget(f"/api/submissions/{submission.id}?wait=0.5")
    finally:
        await events.close()

    assert answer.json()["state"] == "queued"
    assert 0.4 < time.monotonic() - began < 5


async def test_who_waits_holds_no_connection(api, running_sitting, submit, alice, at):
    from django.db import connection  # noqa: PLC0415

    submission = await in_thread(lambda: submit(running_sitting(alice, at=at), at=at))
    held = []

    def look_and_cancel():
        look = in_thread(lambda: connection.connection)
        held.append(asyncio.run_coroutine_threadsafe(look, loop).result())
        grading.cancel(submission.id, at)

    loop = asyncio.get_running_loop()
    await answer_to(api, f"/api/submissions/{submission.id}?wait=20", look_and_cancel)

    assert held == [None]
