"""Identity checks: pictures in, a decision, pictures gone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection

from assay.errors import AssayError, NotFound
from assay.server.enrolment.errors import (
    IdentityCheckNotFound,
    IdentityDecided,
    IdentityNotAsked,
    NameChanged,
    UnreadableImage,
)
from assay.server.enrolment.models import (
    IdentityCheck,
    IdentityPicture,
    IdentityState,
    PictureKind,
)
from assay.server.enrolment.pictures import picture_answer
from assay.server.enrolment.services import identity
from assay.server.exams.models import Registration

DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def registration(order):
    """Alice's, for the exam that asks for her identity."""
    return order(exam="guarded").registration


@pytest.fixture
def send(registration, picture, alice, now):
    """Send the pictures: `send()`."""

    def act(candidate=alice, at=now, **pictures):
        files = {"document": picture("PNG"), "photo": picture()} | pictures
        return identity.submit(candidate, registration.pk, now=at, **files)

    return act


def cleared_at(registration):
    return Registration.objects.get(pk=registration.pk).cleared_at


def test_until_staff_approve_nobody_starts(send, registration, now):
    check = send()

    assert check.state == IdentityState.WAITING
    assert cleared_at(registration) is None


def test_approval_clears_the_registration(send, registration, chen, now):
    identity.approve(send().pk, by=chen, now=now + DAY)

    assert cleared_at(registration) == now + DAY


@pytest.mark.parametrize("decide", ["approve", "refuse"])
def test_the_pictures_are_deleted_with_the_decision(send, chen, now, decide):
    check = send()
    assert IdentityPicture.objects.count() == 2

    if decide == "approve":
        identity.approve(check.pk, by=chen, now=now)
    else:
        identity.refuse(check.pk, by=chen, reason="too dark", now=now)

    assert not IdentityPicture.objects.exists()


def test_nothing_of_the_pictures_is_in_the_database_in_the_clear(send, picture):
    send()

    for row in IdentityPicture.objects.all():
        assert b"JFIF" not in bytes(row.sealed)


def test_after_a_refusal_others_can_be_sent(send, registration, chen, now):
    identity.refuse(send().pk, by=chen, reason="The name is covered.", now=now)

    assert cleared_at(registration) is None
    assert identity.latest_check(registration).reason == "The name is covered."
    assert send(at=now + DAY).state == IdentityState.WAITING


def test_a_refusal_needs_a_reason(send, chen, now):
    with pytest.raises(identity.ReasonMissing):
        identity.refuse(send().pk, by=chen, reason="  ", now=now)


def test_nothing_is_decided_twice(send, chen, now):
    check = send()
    identity.approve(check.pk, by=chen, now=now)

    with pytest.raises(IdentityDecided):
        identity.refuse(check.pk, by=chen, reason="second thoughts", now=now)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_does(send, chen, now):
    check = send()

    def decide(approve):
        try:
            if approve:
                identity.approve(check.pk, by=chen, now=now)
            else:
                identity.refuse(check.pk, by=chen, reason="no", now=now)
        except AssayError as error:
            return error.code
        finally:
            connection.close()
        return "decided"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(decide, [True, False])) == ["decided", "identity_decided"]


def test_while_pictures_wait_no_others_are_taken(send):
    send()

    with pytest.raises(IdentityDecided):
        send()


def test_a_picture_that_cannot_be_used_leaves_nothing_behind(send):
    with pytest.raises(UnreadableImage):
        send(photo=b"not a picture")

    assert not IdentityCheck.objects.exists()


def test_an_exam_that_does_not_ask_takes_no_pictures(order, alice, picture, now):
    registration = order(exam="small").registration

    with pytest.raises(IdentityNotAsked):
        identity.submit(alice, registration.pk, document=picture(), photo=picture(), now=now)


def test_an_expired_registration_takes_no_pictures(send, now):
    with pytest.raises(IdentityNotAsked):
        send(at=now + 180 * DAY)


def test_bob_cannot_send_pictures_for_alice(send, bob):
    with pytest.raises(NotFound):
        send(bob)


def test_staff_see_the_picture_and_that_is_written_down(send, chen, now, audited):
    check = send()

    answer = picture_answer(check.pk, PictureKind.DOCUMENT, by=chen, now=now)

    assert answer.content.startswith(b"\xff\xd8\xff")
    assert audited == [("identity.look", f"identity check {check.pk}")]


def test_a_picture_stays_nowhere_and_can_be_nothing_else(send, chen, now):
    answer = picture_answer(send().pk, PictureKind.PHOTO, by=chen, now=now)

    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer.headers["Cache-Control"]
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_there_is_no_picture_after_the_decision(send, chen, now):
    check = send()
    identity.approve(check.pk, by=chen, now=now)

    with pytest.raises(IdentityCheckNotFound):
        identity.open_picture(check.pk, PictureKind.PHOTO, by=chen, now=now)


def test_there_is_no_check_that_nobody_has_made(chen, now):
    with pytest.raises(IdentityCheckNotFound):
        identity.approve(uuid4(), by=chen, now=now)


def test_every_decision_is_written_down(send, chen, now, audited):
    first = send()
    identity.refuse(first.pk, by=chen, reason="too dark", now=now)
    second = send()
    identity.approve(second.pk, by=chen, now=now)

    assert audited == [
        ("identity.refuse", f"identity check {first.pk}"),
        ("identity.approve", f"identity check {second.pk}"),
    ]


def test_staff_are_told_that_a_check_waits(send, to_staff):
    send()

    assert "alice@example.org has sent pictures" in to_staff()[0]
    assert list(identity.waiting()) == [IdentityCheck.objects.get()]


def test_what_nobody_decides_is_deleted_after_thirty_days(send, now, to_staff, letters):
    check = send()

    assert identity.drop_old(now + 30 * DAY - timedelta(microseconds=1)) == 0
    assert identity.drop_old(now + 30 * DAY) == 1

    check.refresh_from_db()
    assert check.state == IdentityState.LAPSED
    assert not IdentityPicture.objects.exists()
    assert "not decided in time" in to_staff()[-1]
    assert "send document and photo again" in letters()[-1].subject


def test_the_days_are_the_operators_to_set(send, now, settings):
    settings.IDENTITY_DAYS = 3
    send()

    assert identity.drop_old(now + 3 * DAY) == 1


def test_when_the_registration_ends_the_pictures_go(send, now, letters):
    send(at=now + 170 * DAY)

    assert identity.drop_old(now + 180 * DAY) == 1
    assert not IdentityPicture.objects.exists()
    assert len(letters()) == 2  # registered and received; nobody is asked to send them again


def test_when_the_account_is_deleted_the_pictures_go(send, alice, now, letters):
    send()
    before = len(letters())

    alice.name, alice.erased_at = "", now
    alice.save()

    assert not IdentityPicture.objects.exists()
    assert len(letters()) == before


def test_pictures_of_a_deleted_account_do_not_survive_the_next_sweep(send, alice, now):
    send()
    type(alice).objects.filter(pk=alice.pk).update(erased_at=now)  # tells nobody

    assert identity.drop_old(now) == 1
    assert not IdentityPicture.objects.exists()


def test_a_name_that_changed_while_staff_looked_is_not_approved(send, alice, chen, now):
    check = send()
    alice.name = "Somebody Else"
    alice.save()

    with pytest.raises(NameChanged):
        identity.approve(check.pk, by=chen, now=now)


def test_a_name_that_changes_after_the_approval_takes_it_back(
    send, registration, alice, chen, now, clock, letters
):
    identity.approve(send().pk, by=chen, now=now)
    alice.name = "Somebody Else"
    alice.save(update_fields=["name"])

    assert cleared_at(registration) is None
    assert "not the one that was compared" in letters()[-1].body
    assert send(at=now + DAY).name == "Somebody Else"


def test_other_changes_of_an_account_leave_the_approval(
    send, registration, alice, chen, now, clock
):
    identity.approve(send().pk, by=chen, now=now)
    alice.language = "zh-CN"
    alice.save()

    assert cleared_at(registration) == now
