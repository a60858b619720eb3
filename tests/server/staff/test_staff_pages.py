"""What staff do on their pages, and that the audit log knows of it."""

from __future__ import annotations

from io import BytesIO, StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction
from PIL import Image

from assay.messages import Language
from assay.server.accounts.models import User
from assay.server.enrolment.services import identity
from assay.server.exams.models import Sitting
from assay.server.exams.phases import phase
from assay.server.staff.audit import record
from assay.server.staff.errors import NoAccount, NoSuchRole
from assay.server.staff.latency import load, percentile
from assay.server.staff.management.commands import staff_role
from assay.server.staff.models import AuditEntry
from assay.server.staff.roles import Action, Role, actions_of, take
from assay.wire import Phase

pytestmark = pytest.mark.django_db


def actions():
    return list(AuditEntry.objects.exclude(action="page.look").values_list("action", flat=True))


@pytest.fixture
def check(alice, register, now):
    buffer = BytesIO()
    Image.effect_mandelbrot((640, 480), (-2, -1, 1, 1), 20).convert("RGB").save(buffer, "JPEG")
    picture = buffer.getvalue()
    registration = register(alice, cleared=False)
    return identity.submit(alice, registration.id, document=picture, photo=picture, now=now)


@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_audit_log_is_only_added_to(now, change):
    record("clock.stop", by=None, subject="sitting 7", now=now)
    entries = AuditEntry.objects.all()

    with pytest.raises(DatabaseError, match="only ever added to"), transaction.atomic():
        entries.update(action="nothing") if change == "update" else entries.delete()

    assert AuditEntry.objects.get().action == "clock.stop"


def test_each_look_is_written_down(browse, staff, clock, now):
    chen = staff(Role.AUDITOR)
    page = browse(chen).get("/staff/audit/")

    entry = AuditEntry.objects.first()

    assert (entry.action, entry.subject, entry.by, entry.at) == (
        "page.look",
        "page /staff/audit/",
        chen,
        now,
    )
    assert "page /staff/audit/" in page.content.decode()
    assert "no-store" in page["Cache-Control"]


def test_pictures_are_looked_at_and_approved(browse, staff, check, clock):
    browser = browse(staff(Role.IDENTITY_CHECKER))

    assert "alice@example.org" in browser.get("/staff/identity/").content.decode()
    assert browser.get(f"/staff/identity/{check.id}/photo/")["Content-Type"] == "image/jpeg"
    browser.post(f"/staff/identity/{check.id}/", {"decision": "approve"})

    check.refresh_from_db()
    assert check.state == "approved"
    assert actions()[:2] == ["identity.approve", "identity.look"]


def test_a_refusal_needs_a_reason(browse, staff, check, clock):
    browser = browse(staff(Role.IDENTITY_CHECKER))
    address = f"/staff/identity/{check.id}/"

    told = browser.post(address, {"decision": "refuse"}, follow=True).content.decode()
    check.refresh_from_db()
    assert (check.state, "needs a reason" in told) == ("waiting", True)

    browser.post(address, {"decision": "refuse", "reason": "Too dark."})
    check.refresh_from_db()
    assert (check.state, check.reason) == ("refused", "Too dark.")


def test_running_sittings_are_shown(browse, staff, running_sitting, mark, alice, clock):
    mark(running_sitting(alice), "Category1", points=4)

    page = browse(staff(Role.AUDITOR)).get("/staff/sittings/").content.decode()

    assert "alice@example.org" in page
    assert "Category1: 4/5 (1)" in page
    assert "60 min left" in page
    assert "Stop all clocks" not in page  # an auditor only watches


def test_all_clocks_are_stopped_and_go_on(browse, staff, running_sitting, alice, bob, clock, now):
    sittings = [running_sitting(alice), running_sitting(bob)]
    browser = browse(staff(Role.EXAMINER))

    def phases():
        return {phase(Sitting.objects.get(pk=each.pk).times, now) for each in sittings}

    browser.post("/staff/sittings/stop/", {"sitting": "all", "note": "Fire alarm"})
    assert phases() == {Phase.PAUSED}
    browser.post("/staff/sittings/resume/", {"sitting": "all"})

    assert phases() == {Phase.RUNNING}
    assert sorted(actions()[:4]) == ["clock.resume"] * 2 + ["clock.stop"] * 2


def test_a_clock_is_not_stopped_without_a_word(browse, staff, running_sitting, alice, clock, now):
    sitting = running_sitting(alice)

    browse(staff(Role.EXAMINER)).post("/staff/sittings/stop/", {"sitting": str(sitting.id)})

    assert phase(Sitting.objects.get(pk=sitting.pk).times, now) is Phase.RUNNING


@pytest.mark.parametrize(("typed", "added"), [("15", 900), ("0", 0), ("241", 0), ("x", 0)])
def test_time_is_added_within_bounds(browse, staff, running_sitting, alice, clock, typed, added):
    sitting = running_sitting(alice)

    address = f"/staff/sittings/{sitting.id}/time/"
    browse(staff(Role.EXAMINER)).post(address, {"minutes": typed})

    assert Sitting.objects.get(pk=sitting.pk).added_seconds == added
    assert actions().count("clock.add") == (added > 0)


def test_latency_is_counted_over_the_last_hour(running_sitting, mark, submit, alice, now):
    sitting = running_sitting(alice)
    mark(sitting, "Category1", points=4)
    submit(sitting, "Category2")

    seen = load(now)

    assert (seen.depth, seen.graded, seen.median, seen.p95) == (1, 1, 0.0, 0.0)


def test_the_percentile_is_the_nearest_rank():
    assert percentile([*range(20, 0, -1)], 0.95) == 19
    assert percentile([3.0], 0.95) == 3.0
    assert percentile([], 0.95) is None


def test_a_role_is_given_and_taken_by_command(alice):
    out = StringIO()
    call_command("staff_role", "Alice@example.org", "examiner", stdout=out)
    given = User.objects.get()

    assert Action.RULE_CLOCK in actions_of(given)
    assert out.getvalue() == "Roles of alice@example.org: examiner\n"
    assert AuditEntry.objects.get().action == "role.give"

    call_command("staff_role", "alice@example.org", "examiner", "--remove", stdout=out)
    assert not User.objects.get().is_staff


def test_a_role_needs_an_account(db):
    with pytest.raises(NoAccount, match=r"nobody@example\.org has no account"):
        call_command("staff_role", "nobody@example.org", "auditor")


def test_there_are_no_roles_but_the_four(alice):
    with pytest.raises(NoSuchRole, match="no role emperor") as refused:
        call_command("staff_role", "alice@example.org", "emperor")

    told = refused.value.render(Language.ENGLISH)
    assert told.remedy == "Name one of: registrar, identity-checker, examiner, auditor"


def test_the_command_speaks_the_language_that_is_active(alice, monkeypatch):
    asked = []
    monkeypatch.setattr(staff_role, "_", lambda message: asked.append(message) or "看 %(email)s")
    out = StringIO()

    call_command("staff_role", "alice@example.org", "examiner", "--remove", stdout=out)

    assert "%(email)s has no role of staff." in asked
    assert out.getvalue() == "看 alice@example.org\n"


def test_who_keeps_another_role_stays_staff(staff, now):
    chen = staff(Role.AUDITOR, Role.EXAMINER)

    take(chen, Role.AUDITOR, by=None, now=now)

    assert chen.is_staff
    assert Action.READ_AUDIT not in actions_of(chen)
