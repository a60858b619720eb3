"""How often somebody may do something, and who somebody is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import RequestFactory

from assay.server.accounts.configuration import sign_in
from assay.server.accounts.limits import Limit, TooManyRequests, client_address, spend
from assay.server.accounts.models import Allowance

THREE_A_MINUTE = Limit(most=3, seconds=60)


def spend_all(now, who="alice"):
    for _ in range(3):
        spend("try", who, THREE_A_MINUTE, now)


@pytest.mark.django_db
def test_what_is_allowed_at_once_may_be_used_at_once(now):
    spend_all(now)

    with pytest.raises(TooManyRequests) as refused:
        spend("try", "alice", THREE_A_MINUTE, now)
    assert refused.value.params == {"most": 3, "seconds": 60, "wait": 20}


@pytest.mark.django_db
def test_it_refills_evenly(now):
    spend_all(now)
    spend("try", "alice", THREE_A_MINUTE, now + timedelta(seconds=20))

    with pytest.raises(TooManyRequests):
        spend("try", "alice", THREE_A_MINUTE, now + timedelta(seconds=21))


@pytest.mark.django_db
def test_after_a_pause_all_of_it_is_there_again(now):
    spend_all(now)
    spend_all(now + timedelta(minutes=10))


@pytest.mark.django_db
def test_a_refusal_does_not_make_the_wait_longer(now):
    spend_all(now)
    for second in range(19):
        with pytest.raises(TooManyRequests):
            spend("try", "alice", THREE_A_MINUTE, now + timedelta(seconds=second))

    spend("try", "alice", THREE_A_MINUTE, now + timedelta(seconds=20))


@pytest.mark.django_db
def test_others_have_their_own(now):
    spend_all(now)
    spend_all(now, who="bob")
    spend("something else", "alice", THREE_A_MINUTE, now)

    assert Allowance.objects.count() == 3
    assert not Allowance.objects.filter(key__contains="alice").exists()


@pytest.mark.django_db
def test_uploads_are_limited(running_sitting, alice, now):
    from assay.server.accounts.limits import SUBMIT  # noqa: PLC0415
    from assay.server.accounts.services import create_token  # noqa: PLC0415
    from assay.server.submissions.services.admission import admit  # noqa: PLC0415

    sitting = running_sitting(alice)
    token = create_token(alice, now)
    for _ in range(SUBMIT.most):
        admit(token, str(sitting.pk), "Category1", now)

    with pytest.raises(TooManyRequests):
        admit(token, str(sitting.pk), "Category1", now)


# Addresses ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("proxies", "forwarded", "believed"),
    [
        (0, "203.0.113.9", "192.0.2.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "10.6.6.6, 203.0.113.9", "203.0.113.9"),  # the first was sent by the client
        (2, "10.6.6.6, 203.0.113.9, 198.51.100.7", "203.0.113.9"),
    ],
)
def test_only_as_many_proxies_are_believed_as_there_are(settings, proxies, forwarded, believed):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR=forwarded)

    assert client_address(request) == believed


@pytest.mark.parametrize(
    ("setting", "url", "count"),
    [
        ({}, "http://127.0.0.1:8765", 0),
        ({}, "https://exam.example.org", 1),
        ({"ASSAY_PROXIES": "2"}, "https://exam.example.org", 2),
        ({"ASSAY_PROXIES": "0"}, "https://exam.example.org", 0),
    ],
)
def test_behind_https_there_is_one_proxy_unless_said_otherwise(setting, url, count):
    assert sign_in(setting, url=url, issuer_name="A")["ALLAUTH_TRUSTED_PROXY_COUNT"] == count


def test_a_number_of_proxies_is_a_number():
    with pytest.raises(ImproperlyConfigured):
        sign_in({"ASSAY_PROXIES": "10.0.0.1"}, url="https://exam.example.org", issuer_name="A")
