"""A person's own page: profile, programs, a copy of the data, deletion."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from datetime import timedelta

import pytest

from assay.errors import Unauthenticated
from assay.server.accounts import personal
from assay.server.accounts.models import ApiToken, OutgoingMail, User
from assay.server.accounts.services import authenticate, create_token, export_of
from assay.server.accounts.tasks import send_mail
from assay.server.exams.personal import SittingUnderWay

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture
def as_alice(client, alice):
    alice.set_password(PASSWORD)
    alice.save()
    client.force_login(alice)
    return client


def test_name_and_language_are_changed(as_alice):
    answer = as_alice.post("/me/", {"name": " Alice   M. Example", "language": "zh-CN"})

    alice = User.objects.get()
    assert (alice.name, alice.language) == ("Alice M. Example", "zh-CN")
    assert as_alice.get(answer.headers["Location"]).headers["Content-Language"] == "zh-hans"


def test_a_name_is_needed(as_alice):
    as_alice.post("/me/", {"name": " ", "language": "en"})

    assert User.objects.get().name == "Alice Example"


@pytest.mark.parametrize("address", ["/me/", "/me/data.zip", "/me/delete/", "/device/"])
def test_a_stranger_signs_in_first(client, address):
    assert client.get(address).headers["Location"] == f"/accounts/login/?next={address}"


def test_who_sits_keeps_the_name_that_the_certificate_will_carry(
    as_alice, alice, running_sitting, monkeypatch, now
):
    running_sitting(alice)
    module = sys.modules["assay.server.accounts.views.me"]
    monkeypatch.setattr(module.timezone, "now", lambda: now + timedelta(minutes=1))
    answer = as_alice.post("/me/", {"name": "Somebody Else", "language": "en"})

    assert "Your name cannot be changed" in answer.content.decode()
    assert User.objects.get(pk=alice.pk).name == "Alice Example"


# Programs -------------------------------------------------------------------------------------


def test_programs_are_shown_with_their_last_use(as_alice, alice, now):
    token = create_token(alice, now, "assay @ desk")
    authenticate(token, now + timedelta(hours=1))
    text = as_alice.get("/me/").content.decode()

    assert "assay @ desk" in text
    assert "last used 2026-03-02 11:00 UTC" in text


def test_a_use_is_noted_now_and_then_only(alice, now, django_assert_num_queries):
    token = create_token(alice, now)
    authenticate(token, now)

    with django_assert_num_queries(1):
        authenticate(token, now + timedelta(minutes=1))


def test_a_revoked_program_is_out(as_alice, alice, now):
    token = create_token(alice, now)
    as_alice.post(f"/me/programs/{ApiToken.objects.get().pk}/revoke/")

    with pytest.raises(Unauthenticated):
        authenticate(token)


def test_nobody_revokes_another_s_program(as_alice, bob, now):
    token = create_token(bob, now)
    answer = as_alice.post(f"/me/programs/{ApiToken.objects.get().pk}/revoke/")

    assert answer.status_code == 404
    assert authenticate(token) == bob


# The copy -------------------------------------------------------------------------------------


def test_the_copy_has_everything_about_me_and_nothing_about_others(
    as_alice, alice, bob, running_sitting, submit, now
):
    create_token(alice, now, "assay @ desk")
    submit(running_sitting(alice), content=b"Alice's model")
    submit(running_sitting(bob), content=b"Bob's model")
    answer = as_alice.get("/me/data.zip")

    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    parts = {name: json.loads(archive.read(name)) for name in archive.namelist()}
    assert {"account.json", "exams.json", "submissions.json", "certificates.json"} <= set(parts)
    assert parts["account.json"]["email"] == "alice@example.org"
    assert parts["account.json"]["programs"][0]["name"] == "assay @ desk"
    assert parts["exams.json"][0]["exam"] == "small"
    assert len(parts["submissions.json"]) == 1
    everything = json.dumps(parts)
    assert "bob@example.org" not in everything
    assert "digest" not in everything


def test_another_app_adds_its_part_by_registering_it(alice, monkeypatch):
    monkeypatch.setattr(personal, "_exporters", dict(personal._exporters))

    @personal.exporter("hats")
    def hats(user):
        return [f"{user.name}'s bowler"]

    assert export_of(alice)["hats"] == ["Alice Example's bowler"]


# Deletion -------------------------------------------------------------------------------------


def test_the_password_is_asked_before_anything_is_deleted(as_alice):
    as_alice.post("/me/delete/", {"password": "wrong"})

    assert User.objects.get().name == "Alice Example"


def test_what_names_the_person_is_deleted_and_the_result_stays(
    as_alice, alice, running_sitting, mark, now
):
    from assay.server.submissions.services.closing import close_if_due  # noqa: PLC0415

    sitting = running_sitting(alice)
    for slot in ("Category1", "Category2"):
        mark(sitting, slot, points=5)
    close_if_due(sitting.pk, now + timedelta(hours=2))
    token = create_token(alice, now)
    answer = as_alice.post("/me/delete/", {"password": PASSWORD})

    assert "Your account is deleted" in answer.content.decode()
    assert "_auth_user_id" not in as_alice.session
    alice.refresh_from_db()
    assert (alice.name, alice.email) == ("", f"deleted-{alice.pk}@deleted.invalid")
    assert not alice.is_active
    sitting.refresh_from_db()
    assert sitting.total == 100
    assert sitting.credential.jwt
    with pytest.raises(Unauthenticated):
        authenticate(token)


def test_a_last_letter_says_so(as_alice, mailoutbox):
    as_alice.post("/me/delete/", {"password": PASSWORD})
    mail = OutgoingMail.objects.get()
    send_mail(mail.pk)

    (letter,) = mailoutbox
    assert letter.to == ["alice@example.org"]
    assert letter.subject == "Your account is deleted"
    assert "from the network address 127.0.0.1" in letter.body
    assert not OutgoingMail.objects.exists()


def test_a_right_that_was_not_used_is_gone(alice, register, now):
    right = register(alice)
    personal.erase(alice, now)
    right.refresh_from_db()

    assert right.valid_until == now


def test_the_address_is_free_again(as_alice, alice):
    as_alice.post("/me/delete/", {"password": PASSWORD})

    assert User.objects.create_user("alice@example.org", name="Alice", joined_at=alice.joined_at)


def test_not_while_a_sitting_runs(alice, running_sitting, now):
    running_sitting(alice)

    with pytest.raises(SittingUnderWay):
        personal.erase(alice, now + timedelta(minutes=1))
    assert User.objects.get(pk=alice.pk).name == "Alice Example"


def test_somebody_without_a_password_types_the_address(client, alice):
    client.force_login(alice)
    client.post("/me/delete/", {"email": "somebody@example.org"})

    assert User.objects.get().name == "Alice Example"

    client.post("/me/delete/", {"email": "alice@example.org"})

    assert User.objects.get().name == ""
