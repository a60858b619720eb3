"""What staff do to registrations, and what follows from it for the candidate."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core import mail

from assay.server.accounts.models import User
from assay.server.credentials.models import Credential
from assay.server.enrolment import letters
from assay.server.enrolment.errors import (
    AccountDeleted,
    NotLater,
    OutOfRange,
    ReasonNeeded,
    StillRegistered,
    TimeTakenAway,
)
from assay.server.enrolment.models import IdentityCheck, IdentityState, Reminder
from assay.server.enrolment.services import registrar
from assay.server.enrolment.services.overview import Stage, of_registration
from assay.server.enrolment.services.search import State, search, state_of
from assay.server.exams.errors import RegistrationUsed, RegistrationVoid, SittingVoid
from assay.server.exams.models import Registration, Sitting
from assay.server.exams.phases import phase
from assay.server.exams.services import sittings
from assay.server.exams.services.registrations import eligibility
from assay.server.staff.models import AuditEntry
from assay.server.staff.roles import Role
from assay.server.submissions.services import closing
from assay.wire import Phase

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def actions():
    return list(AuditEntry.objects.exclude(action="page.look").values_list("action", flat=True))


@pytest.fixture
def chen(staff):
    return staff(Role.REGISTRAR, Role.EXAMINER)


def void(registration_id, chen, now, reason="Two people sat at the desk."):
    return registrar.void(registration_id, by=chen, reason=reason, now=now)


# Finding ---------------------------------------------------------------------------------------


def test_each_registration_has_a_state(register, finished, alice, bob, now, chen):
    ready = register(alice)
    waits = register(alice, cleared=False)
    old = register(alice, at=now - 400 * DAY)
    annulled = register(alice)
    void(annulled.pk, chen, now)
    failed = finished(bob, 1).registration

    states = {each.pk: state_of(each) for each in search(now)}

    assert states == {
        ready.pk: State.READY,
        waits.pk: State.IDENTITY,
        old.pk: State.EXPIRED,
        annulled.pk: State.VOID,
        failed.pk: State.FAILED,
    }


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"person": "alice"}, 1),
        ({"person": "EXAMPLE alice@"}, 1),
        ({"person": "example.org"}, 2),
        ({"person": "鲍勃"}, 1),
        ({"person": "nobody"}, 0),
        ({"person": "\0"}, 2),
        ({"exam": "rehearsal"}, 1),
        ({"exam": "small", "state": "ready"}, 1),
        ({"state": "passed"}, 0),
        ({"state": "nonsense"}, 0),
    ],
)
def test_registrations_are_found(register, alice, bob, now, wanted, found):
    register(alice)
    register(bob, "rehearsal")

    assert search(now, **wanted).count() == found


def test_a_registration_is_found_by_its_number(register, alice, bob, now):
    wanted = register(alice)
    register(bob)

    assert [each.pk for each in search(now, person=f" {wanted.pk} ")] == [wanted.pk]


def test_the_list_has_pages_of_fifty(browse, staff, register, alice, clock):
    for _ in range(51):
        register(alice)
    browser = browse(staff(Role.AUDITOR))

    first = browser.get("/staff/registrations/?person=alice").content.decode()
    second = browser.get("/staff/registrations/?person=alice&page=2").content.decode()

    assert first.count("<tr>") == 51
    assert "?person=alice&amp;page=2" in first
    assert second.count("<tr>") == 2
    assert "Register somebody" not in first  # an auditor only reads


def test_the_whole_of_a_registration_is_shown(browse, staff, finished, alice, clock, chen, now):
    sitting = finished(alice, 5)
    registrar.make("bob@example.org", "small", name="Bob", by=chen, reason="Guest", now=now)

    page = browse(staff(Role.AUDITOR)).get(f"/staff/registrations/{sitting.registration_id}/")

    text = page.content.decode()
    assert "alice@example.org" in text
    assert str(Credential.objects.get().pk) in text
    assert "100 % · passed" in text
    assert "Guest" not in text
    assert '<form class="form"' not in text  # an auditor only reads


def test_the_page_shows_what_staff_did(browse, register, alice, clock, chen, now):
    registration = register(alice)
    day = date(2027, 3, 4)
    registrar.extend(registration.pk, day, by=chen, reason="Broken leg", now=now)

    text = browse(chen).get(f"/staff/registrations/{registration.pk}/").content.decode()

    assert "registration.extend" in text
    assert "Broken leg" in text


# Making ----------------------------------------------------------------------------------------


def test_staff_register_somebody_new(browse, chen, small_bank, clock):
    typed = {
        "email": "Dora@Example.org",
        "name": "Dora",
        "language": "zh-CN",
        "exam": "small",
        "time_factor": "1.5",
        "pause_minutes": "20",
        "identity": "required",
        "reason": "Invoice 7",
    }
    answer = browse(chen).post("/staff/registrations/make/", typed)

    made = Registration.objects.get()
    assert answer["location"] == f"/staff/registrations/{made.pk}/"
    assert (made.candidate.email, made.candidate.language) == ("dora@example.org", "zh-CN")
    assert (made.time_factor, made.pause_minutes, made.cleared_at) == (1.5, 20, None)
    assert actions()[0] == "registration.make"


def test_who_has_an_account_keeps_the_name(chen, alice, small_bank, now):
    registrar.make("ALICE@example.org", "small", name="Other", by=chen, reason="Prize", now=now)

    alice.refresh_from_db()
    assert (alice.name, User.objects.filter(email__startswith="alice").count()) == (
        "Alice Example",
        1,
    )


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"email": "nobody"}, "is not an e-mail address"),
        ({"name": ""}, "There is no account with this address"),
        ({"time_factor": "9"}, "a number from 1 to 4 was expected"),
        ({"time_factor": "x"}, "a number from 1 to 4 was expected"),
        ({"pause_minutes": "1.5"}, "a number from 0 to 600 was expected"),
        ({"reason": " "}, "This needs a reason"),
        ({"exam": "nothing"}, "There is no exam nothing"),
    ],
)
def test_a_mistake_is_told_beside_what_was_typed(browse, chen, small_bank, clock, changed, told):
    typed = {"email": "d@example.org", "name": "Dora & co", "exam": "small", "time_factor": "1"}
    typed |= {"pause_minutes": "0", "reason": "Prize"} | changed

    answer = browse(chen).post("/staff/registrations/make/", typed)

    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert ("Dora &amp; co" in answer.content.decode()) == bool(typed["name"])
    assert not Registration.objects.exists()


def test_nobody_gets_a_second_registration_that_is_good(chen, alice, register, now):
    register(alice)

    with pytest.raises(StillRegistered):
        registrar.make(alice.email, "small", by=chen, reason="Twice", now=now)


# Extending -------------------------------------------------------------------------------------


def test_a_registration_is_extended_to_the_end_of_a_day(browse, chen, alice, register, clock, now):
    registration = register(alice, at=now - 400 * DAY)
    Reminder.objects.create(registration=registration, days=7, sent_at=now)
    assert eligibility(registration, now).obstacle is not None

    address = f"/staff/registrations/{registration.pk}/validity/"
    browse(chen).post(address, {"last_day": "2026-05-31", "reason": "Was ill"})

    registration.refresh_from_db()
    assert f"{registration.valid_until:%Y-%m-%d %H:%M}" == "2026-05-31 23:59"
    assert eligibility(registration, now).obstacle is None
    assert not registration.reminders.exists()
    entry = AuditEntry.objects.get(action="registration.extend")
    assert entry.details["reason"] == "Was ill"


def test_a_registration_is_never_made_shorter(chen, alice, register, now):
    registration = register(alice)

    with pytest.raises(NotLater):
        registrar.extend(registration.pk, date(2026, 3, 9), by=chen, reason="x", now=now)


def test_what_was_started_is_not_extended(chen, alice, running_sitting, now):
    registration = running_sitting(alice).registration

    with pytest.raises(RegistrationUsed):
        registrar.extend(registration.pk, date(2027, 3, 9), by=chen, reason="x", now=now)


def test_a_deleted_account_gets_nothing(chen, alice, register, now):
    registration = register(alice)
    User.objects.filter(pk=alice.pk).update(erased_at=now)

    with pytest.raises(AccountDeleted):
        registrar.extend(registration.pk, date(2027, 3, 9), by=chen, reason="x", now=now)


# Accommodating ---------------------------------------------------------------------------------


def test_accommodations_reach_a_running_clock(browse, chen, alice, running_sitting, clock):
    sitting = running_sitting(alice)

    address = f"/staff/registrations/{sitting.registration_id}/accommodations/"
    typed = {"time_factor": "1.5", "pause_minutes": "15", "reason": "Attested"}
    browse(chen).post(address, typed)

    after = Sitting.objects.get(pk=sitting.pk)
    assert (after.time_factor, after.pause_minutes) == (1.5, 15)
    assert after.times.deadline == sitting.times.deadline + HOUR / 2
    assert actions()[0] == "registration.accommodate"


def test_time_is_not_taken_from_who_is_sitting(chen, alice, running_sitting, now):
    sitting = running_sitting(alice, time_factor=2.0)

    with pytest.raises(TimeTakenAway):
        registrar.accommodate(
            sitting.registration_id,
            time_factor=1.0,
            pause_minutes=0,
            by=chen,
            reason="Mistake",
            now=now,
        )


def test_accommodations_end_with_the_result(chen, alice, finished, now):
    registration = finished(alice, 1).registration

    with pytest.raises(RegistrationUsed):
        registrar.accommodate(
            registration.pk, time_factor=2.0, pause_minutes=0, by=chen, reason="Late", now=now
        )


@pytest.mark.parametrize("factor", [0.5, 4.5, float("nan"), float("inf")])
def test_a_factor_makes_sense(chen, alice, register, now, factor):
    registration = register(alice)

    with pytest.raises(OutOfRange):
        registrar.accommodate(
            registration.pk, time_factor=factor, pause_minutes=0, by=chen, reason="x", now=now
        )


# Voiding ---------------------------------------------------------------------------------------


def test_a_void_registration_opens_nothing(chen, alice, register, now):
    registration = register(alice)
    void(registration.pk, chen, now)

    with pytest.raises(RegistrationVoid, match="Two people"):
        sittings.open_sitting(registration, now)


def test_a_void_sitting_cannot_be_started(chen, alice, ready_sitting, now):
    sitting = ready_sitting(alice)
    void(sitting.registration_id, chen, now)

    with pytest.raises(SittingVoid):
        sittings.start(sitting.pk, now)


def test_a_running_sitting_is_over_at_once(browse, chen, alice, running_sitting, clock, now):
    sitting = running_sitting(alice)
    address = f"/staff/registrations/{sitting.registration_id}/void/"

    browse(chen).post(address, {"reason": "Two people sat at the desk."})
    assert phase(Sitting.objects.get(pk=sitting.pk).times, now) is Phase.RUNNING  # not sure

    browse(chen).post(address, {"reason": "Two people sat at the desk.", "sure": "yes"})

    assert phase(Sitting.objects.get(pk=sitting.pk).times, now) is Phase.VOID
    page = browse(alice).get(f"/sittings/{sitting.pk}/").content.decode()
    assert "Two people sat at the desk." in page
    assert closing.close_due_sittings(now + 9 * HOUR) == []


def test_a_void_result_counts_neither_as_failed_nor_as_passed(chen, alice, finished, register, now):
    sitting = finished(alice, 1)
    again = register(alice)
    assert eligibility(again, now).eligible_from is not None

    void(sitting.registration_id, chen, now)

    assert eligibility(again, now).obstacle is None
    with pytest.raises(SittingVoid):
        closing.outcome_of(Sitting.objects.get(pk=sitting.pk), now)


def test_the_certificate_of_a_void_sitting_is_revoked(browse, chen, alice, finished, clock, now):
    sitting = finished(alice, 5)
    credential = Credential.objects.get()

    void(sitting.registration_id, chen, now)

    credential.refresh_from_db()
    assert credential.revoked_at == now
    assert "revoked" in browse().get(f"/verify/{credential.pk}").content.decode()


def test_the_candidate_reads_why_in_their_language(chen, bob, register, now):
    registration = register(bob)
    void(registration.pk, chen, now, reason="100 % 重复报名")

    letters.send("voided", registration.pk)

    assert "100 % 重复报名" in mail.outbox[0].body
    assert mail.outbox[0].to == ["bob@example.org"]
    stage = of_registration(Registration.objects.get(pk=registration.pk), now)
    assert stage.stage is Stage.VOID


@pytest.mark.parametrize("kind", ["extended", "accommodated", "voided"])
def test_each_act_has_its_letter(alice, register, kind):
    registration = register(alice, time_factor=1.25)

    letters.send(kind, registration.pk)

    assert "Small" in mail.outbox[0].subject


def test_a_void_needs_a_reason_and_happens_once(chen, alice, register, now):
    registration = register(alice)

    with pytest.raises(ReasonNeeded):
        void(registration.pk, chen, now, reason=" ")
    void(registration.pk, chen, now)
    with pytest.raises(RegistrationVoid):
        void(registration.pk, chen, now)

    assert actions().count("registration.void") == 1


def test_pictures_that_wait_are_deleted(chen, alice, register, now):
    registration = register(alice, cleared=False)
    check = IdentityCheck.objects.create(
        registration=registration, name=alice.name, submitted_at=now
    )

    void(registration.pk, chen, now)

    check.refresh_from_db()
    assert check.state == IdentityState.LAPSED


def test_who_is_void_can_be_registered_again(chen, alice, register, now):
    void(register(alice).pk, chen, now)

    again = registrar.make(alice.email, "small", by=chen, reason="Our fault", now=now)

    assert eligibility(again, now).obstacle is None
