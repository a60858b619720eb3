"""Nothing that a candidate handed in is lost or marked twice, whatever dies."""

from __future__ import annotations

import signal

import pytest
from tree import Tree, eventually

from small_bank import line_model, slow_model

STEPS = 6000  # some seconds of grading
ONE = ("--graders", "1")  # so that what comes second has to wait


@pytest.fixture
def running(house: Tree) -> Tree:
    """The server, started again only if the test before left it down: a start takes long."""
    return house if house.is_up() else house.start(*ONE)


def grading(candidate, submission):
    """Wait until a grader is at work on the submission."""
    eventually(lambda: candidate.look(submission)["state"] == "grading")


def jobs_left(tree: Tree) -> str:
    """Return what the queue still has of grading; nothing, if all is well."""
    look = (
        "from procrastinate.contrib.django.models import ProcrastinateJob as J;"
        "print('left:', list(J.objects.filter(queue_name='grading', status__in=['todo', 'doing'])"
        ".values_list('status', flat=True)))"
    )
    return tree.manage("shell", "-c", look).rpartition("left: ")[2].strip()


def drawing(tree: Tree) -> set[int]:
    return tree.running("assay.items.warm_draw", "assay.items.draw")


def test_equal_files_get_equal_marks_and_nobody_waits(running):
    alice = running.candidate("alice@example.org")
    marks = [alice.verdict(alice.submit(line_model(1.0))["id"])["points"] for _ in range(10)]

    assert marks == [2] * 10
    assert alice.verdict(alice.submit(line_model())["id"])["points"] == 5


def test_a_submission_whose_grader_is_killed_is_graded_once_by_the_next(running):
    alice = running.candidate("alice.again@example.org")
    submission = alice.submit(slow_model(STEPS))["id"]
    grading(alice, submission)
    running.look()["grader"].kill()
    verdict = alice.verdict(submission)

    assert (verdict["state"], verdict["points"], verdict["attempt"]) == ("graded", 0, 2)
    eventually(lambda: jobs_left(running) == "[]")
    # The queue goes on for everybody else, too.
    assert alice.verdict(alice.submit(line_model(), "Category2")["id"])["points"] == 5


def test_when_all_is_killed_what_was_graded_and_what_waited_is_graded_once_afterwards(running):
    bob = running.candidate("bob@example.org")
    in_work = bob.submit(slow_model(STEPS))["id"]
    waiting = bob.submit(line_model(), "Category2")["id"]
    grading(bob, in_work)
    running.kill_all()
    bob.moved_to(running.start(*ONE).url)
    first, second = bob.verdict(in_work), bob.verdict(waiting)

    assert (first["state"], first["points"], first["attempt"]) == ("graded", 0, 2)
    assert (second["state"], second["points"], second["attempt"]) == ("graded", 5, 1)
    eventually(lambda: jobs_left(running) == "[]")


def test_a_clean_stop_gives_back_what_is_in_work_and_nobody_is_to_blame(running):
    bob = running.candidate("bob.again@example.org")
    submission = bob.submit(slow_model(4 * STEPS))["id"]
    grading(bob, submission)

    assert running.stop(signal.SIGTERM) == 0
    assert running.remaining() == []
    bob.moved_to(running.start(*ONE).url)
    found = bob.look(submission)
    assert found["state"] in {"queued", "grading"}
    assert found["notice"] is None
    bob.cancel(submission)
    assert bob.verdict(submission)["state"] == "cancelled"


def test_variants_whose_preparation_is_killed_or_stopped_are_drawn_by_the_next(tree, bank):
    slow = bank / "regression" / "line" / "slow"
    tree.start()
    eventually(lambda: "background" in tree.look())
    slow.touch()
    try:
        alice = tree.registered("alice@example.org")
        alice.open()
        first = eventually(lambda: drawing(tree))
        tree.look()["background"].kill()
        # The next may draw before the first has seen that nobody wants its variant any more.
        eventually(lambda: drawing(tree) - first)
        eventually(lambda: not drawing(tree) & first)
        assert tree.stop() == 0
        # What draws ends when its input does, which it may see a moment later.
        eventually(lambda: tree.remaining() == [], seconds=10)
        tree.start()
        alice.moved_to(tree.url)
    finally:
        slow.unlink()
    alice.start()

    assert alice.verdict(alice.submit(line_model())["id"])["points"] == 5
