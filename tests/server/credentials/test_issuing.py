"""Who passes gets a certificate, at once and once."""

from __future__ import annotations

import json
import stat
from datetime import timedelta

import pytest
from django.db import transaction

from assay import badges
from assay.server.credentials import issuing
from assay.server.credentials.models import Credential, IssuerKey
from assay.server.exams.models import Sitting
from assay.server.submissions.services.closing import close_if_due, outcome_of

CLOSED = timedelta(minutes=30)


def verified(credential: Credential, at=None) -> badges.Verified:
    return badges.verify(
        credential.jwt,
        badges.held_key(credential.key.public),
        now=at or credential.issued_at + timedelta(days=1),
    )


def test_a_passed_sitting_has_a_certificate_the_moment_it_is_closed(sit, alice, now):
    sitting = sit(alice, 5, 5)
    certificate = verified(sitting.credential)

    assert certificate.holder_name == "Alice Example"
    assert certificate.achievement_name == "Small exam"
    assert certificate.issuer_name == "Assay at testserver"
    assert certificate.total == 100
    assert certificate.pass_mark == 90
    assert certificate.valid_from == now + CLOSED
    assert certificate.valid_until == (now + CLOSED).replace(year=2029)
    assert certificate.belongs_to("alice@example.org")


def test_it_says_what_was_drawn_and_reached_in_each_slot(sit, alice):
    certificate = verified(sit(alice, 4, 5).credential)

    assert certificate.total == 92
    assert [(m.slot, m.name, m.value) for m in certificate.marks] == [
        ("Category1", "Lines (40 %)", "4"),
        ("Category2", "Steps (60 %)", "5"),
    ]
    assert certificate.marks[0].item in {"A line", "A slope"}
    assert certificate.marks[1].item == "Steps"
    assert certificate.marks[0].skills == ("Write programs in Python",)


def test_addresses_in_it_are_on_this_server(credential):
    certificate = verified(credential)
    header = json.loads(badges.token._decode(credential.jwt.split(".")[0]))

    assert certificate.id == f"http://testserver/verify/{credential.id}"
    assert certificate.issuer_id == "http://testserver/issuer"
    assert certificate.achievement_id == "http://testserver/achievements/small"
    assert header["kid"] == f"http://testserver/keys/{credential.key_id}"


def test_a_failed_sitting_has_none(sit, alice):
    sitting = sit(alice, 5, 3)

    assert not sitting.passed
    assert Credential.objects.count() == 0


def test_practice_certifies_nothing(sit, alice):
    sitting = sit(alice, 5, 5, exam="rehearsal")

    assert sitting.passed
    assert Credential.objects.count() == 0


def test_it_is_issued_once_however_often_it_is_asked_for(sit, alice, now):
    sitting = sit(alice, 5, 5)
    before = sitting.credential.jwt
    issuing.issue(sitting, now + timedelta(days=1))

    assert Credential.objects.get().jwt == before


def test_a_sitting_is_not_closed_without_its_certificate(
    running_sitting, mark, alice, now, monkeypatch
):
    sitting = running_sitting(alice)
    for slot in ("Category1", "Category2"):
        mark(sitting, slot, points=5)
    over = now + timedelta(hours=2)

    def fail(*_args, **_keywords):
        raise OSError("no space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(badges, "sign", fail)
        with pytest.raises(OSError, match="no space"):
            close_if_due(sitting.pk, over)
    assert Sitting.objects.get(pk=sitting.pk).closed_at is None

    assert close_if_due(sitting.pk, over)
    assert Credential.objects.get().sitting_id == sitting.pk


def test_nothing_is_issued_if_the_closing_is_undone(running_sitting, mark, alice, now):
    sitting = running_sitting(alice)
    for slot in ("Category1", "Category2"):
        mark(sitting, slot, points=5)

    with transaction.atomic():
        close_if_due(sitting.pk, now + timedelta(hours=2))
        transaction.set_rollback(True)

    assert Credential.objects.count() == 0


def test_the_result_says_where_it_is(sit, alice, now):
    sitting = sit(alice, 5, 5)
    reference = outcome_of(sitting, now + timedelta(hours=1)).credential

    assert reference is not None
    assert reference.id == str(sitting.credential.id)
    assert reference.url == f"http://testserver/verify/{sitting.credential.id}"


def test_two_people_get_different_salts_and_numbers(sit, alice, bob):
    first, second = sit(alice, 5, 5).credential, sit(bob, 5, 5).credential
    salts = {
        verified(each).credential["credentialSubject"]["identifier"][1]["salt"]
        for each in (first, second)
    }

    assert first.id != second.id
    assert len(salts) == 2


def test_the_key_is_kept_where_only_its_owner_can_read_it(credential, settings):
    path = settings.DATA / issuing.KEY_FILE

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert credential.key_id == issuing.signing_key().public.kid


def test_a_key_that_was_replaced_still_checks_its_certificates(credential, sit, bob, monkeypatch):
    new = badges.SigningKey.create(bits=2048)
    monkeypatch.setattr(issuing, "signing_key", lambda: new)
    later = sit(bob, 5, 5).credential

    assert later.key_id == new.public.kid
    assert [key.kid for key in issuing.published_keys()] == [new.public.kid, credential.key_id]
    assert IssuerKey.objects.count() == 2


def test_a_private_key_is_in_no_row(credential):
    assert credential.key.jwk.keys() == {"kty", "n", "e"}
