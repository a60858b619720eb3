"""An exam that is gone from the bank: what its candidates have stays theirs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assay.server.exams import bank
from assay.server.exams.services import sittings
from assay.server.submissions.services import closing

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def pages(client, alice):
    """Alice's browser."""
    client.force_login(alice)
    return client


@pytest.fixture
def withdraw(small_bank, monkeypatch):
    """Take an exam out of the bank."""

    def act(exam):
        whole = bank.bank()
        left = {name: plan for name, plan in whole.blueprints.items() if name != exam}
        monkeypatch.setattr(bank, "load_bank", lambda _: replace(whole, blueprints=left))
        bank.bank.cache_clear()

    return act


def test_a_result_and_the_pages_stay(running_sitting, alice, sign_in, pages, mark, withdraw, now):
    sitting = running_sitting(alice)
    mark(sitting, "Category1", points=5)
    sittings.end(sitting.pk, now)
    closing.close_if_due(sitting.pk, now)
    withdraw("small")
    api = sign_in(alice)

    (shown,) = api.get("/api/registrations").json()

    assert shown["exam"]["title"] == "Small exam"
    assert shown["obstacle"]["code"] == "registration_used"
    assert api.get(f"/api/sittings/{sitting.pk}/result").json()["total"] == 40
    for path in ("/registrations/", f"/sittings/{sitting.pk}/result/", "/me/", "/me/data.zip"):
        assert pages.get(path).status_code == 200, path


def test_a_sitting_that_runs_goes_on(running_sitting, alice, sign_in, pages, withdraw):
    sitting = running_sitting(alice)
    withdraw("small")

    assert sign_in(alice).get(f"/api/sittings/{sitting.pk}").json()["phase"] == "running"
    for path in ("", "end/"):
        assert pages.get(f"/sittings/{sitting.pk}/{path}").status_code == 200


def test_an_unused_registration_says_so_and_hides_nothing_else(
    register, alice, sign_in, pages, withdraw
):
    gone = register(alice, exam="rehearsal")
    register(alice)
    withdraw("rehearsal")
    api = sign_in(alice)
    shown = {each["exam"]["name"]: each for each in api.get("/api/registrations").json()}

    assert (
        shown["rehearsal"]["obstacle"]["message"] == "The exam rehearsal is not offered any more."
    )
    assert shown["small"]["obstacle"] is None
    assert api.post(f"/api/registrations/{gone.id}/sitting").json()["code"] == "exam_withdrawn"
    assert "rehearsal" in pages.get("/registrations/").content.decode()
    assert pages.get(f"/registrations/{gone.id}/").status_code == 404
