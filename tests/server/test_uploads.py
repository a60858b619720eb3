"""What the upload gate asks before it takes a byte."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from assay.errors import NotFound, Unauthenticated
from assay.server.accounts.services import create_token
from assay.server.exams.errors import SittingNotStarted, SittingOver, UnknownSlot
from assay.server.submissions.services.admission import admit

HOUR = timedelta(hours=1)


@pytest.fixture
def token(alice, now):
    return create_token(alice, now)


@pytest.fixture
def sitting(running_sitting, alice):
    return running_sitting(alice)


def ask(token, sitting_id, slot, now):
    return admit(token, str(sitting_id), slot, now)


def test_a_candidate_may_upload_up_to_the_tasks_limit(token, sitting, now):
    assert ask(token, sitting.id, "Category1", now).max_bytes == 200_000


@pytest.mark.parametrize("token", [None, "", "assay_guess"])
def test_a_stranger_may_not(sitting, token, now):
    with pytest.raises(Unauthenticated):
        ask(token, sitting.id, "Category1", now)


def test_bob_may_not(sitting, bob, now):
    with pytest.raises(NotFound):
        ask(create_token(bob, now), sitting.id, "Category1", now)


@pytest.mark.parametrize("sitting_id", [uuid4(), "42", ""])
def test_there_must_be_such_a_sitting(token, db, sitting_id, now):
    with pytest.raises(NotFound):
        ask(token, sitting_id, "Category1", now)


def test_there_must_be_such_a_category(token, sitting, now):
    with pytest.raises(UnknownSlot):
        ask(token, sitting.id, "Category0", now)


def test_the_clock_must_run(token, ready_sitting, alice, now):
    sitting = ready_sitting(alice)

    with pytest.raises(SittingNotStarted):
        ask(token, sitting.id, "Category1", now)


def test_an_upload_may_begin_within_the_grace_and_not_after(token, sitting, now):
    ask(token, sitting.id, "Category1", now + HOUR + timedelta(seconds=10))

    with pytest.raises(SittingOver):
        ask(token, sitting.id, "Category1", now + HOUR + timedelta(seconds=11))
