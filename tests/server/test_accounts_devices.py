"""Signing a program in by a code that is typed in a browser (RFC 8628)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from assay.server.accounts import devices
from assay.server.accounts.models import ApiToken, DeviceGrant
from assay.server.accounts.services import authenticate

GRANT = "urn:ietf:params:oauth:grant-type:device_code"

pytestmark = pytest.mark.django_db


@pytest.fixture
def begin(client):
    def act():
        return client.post("/api/device/code", {"name": "assay on desk"}).json()

    return act


@pytest.fixture
def poll(client):
    def act(codes):
        # As if the interval had passed.
        DeviceGrant.objects.update(polled_at=None)
        return client.post(
            "/api/device/token", {"grant_type": GRANT, "device_code": codes["device_code"]}
        )

    return act


@pytest.fixture
def page(client, alice):
    client.force_login(alice)

    def act(codes, **more):
        return client.post("/device/", {"user_code": codes["user_code"], **more})

    return act


def test_the_codes_have_the_shape_of_the_standard(begin):
    codes = begin()

    assert codes["verification_uri"] == "http://testserver/device/"
    assert codes["verification_uri_complete"].endswith(f"?code={codes['user_code']}")
    assert codes["expires_in"] == 900
    assert codes["interval"] == 3
    assert len(codes["device_code"]) >= 40


def test_a_code_to_type_has_nothing_that_looks_like_something_else(begin):
    letters = set("".join(begin()["user_code"] for _ in range(10)))

    assert not letters & set("0O1IL2Z5S8BAEU")


def test_the_token_is_there_once_the_person_allows_it(begin, poll, page, alice):
    codes = begin()

    assert poll(codes).json()["error"] == "authorization_pending"
    assert "assay on desk" in page(codes).content.decode()

    page(codes, decision="allow")
    answer = poll(codes)

    assert answer.status_code == 200
    assert answer.json()["token_type"] == "Bearer"
    assert authenticate(answer.json()["access_token"]) == alice
    assert ApiToken.objects.get().name == "assay on desk"


def test_the_token_is_collected_only_once(begin, poll, page):
    codes = begin()
    page(codes, decision="allow")
    poll(codes)

    assert poll(codes).json()["error"] == "expired_token"


def test_a_refusal_is_told(begin, poll, page):
    codes = begin()
    page(codes, decision="refuse")
    answer = poll(codes)

    assert answer.status_code == 400
    assert answer.json()["error"] == "access_denied"
    assert ApiToken.objects.count() == 0


def test_a_program_that_asks_too_often_is_slowed_down(begin, client):
    body = {"grant_type": GRANT, "device_code": begin()["device_code"]}
    client.post("/api/device/token", body)

    assert client.post("/api/device/token", body).json()["error"] == "slow_down"


def test_old_codes_are_worth_nothing(alice, now):
    codes = devices.begin("old", now)
    later = now + devices.LIFETIME + timedelta(seconds=1)

    with pytest.raises(devices.NoSuchCode):
        devices.decide(codes.user_code, alice, allow=True, now=later)
    with pytest.raises(devices.Expired):
        devices.collect(codes.device_code, later)


@pytest.mark.parametrize("how", [str.lower, lambda c: c.replace("-", ""), lambda c: f" {c} "])
def test_a_code_may_be_typed_in_any_way(how, alice, now):
    codes = devices.begin("desk", now)

    assert devices.find(how(codes.user_code), now).name == "desk"


def test_a_link_with_the_code_decides_nothing(begin, page, client):
    codes = begin()
    client.get(f"/device/?code={codes['user_code']}")

    assert DeviceGrant.objects.get().state == "waiting"


def test_a_wrong_code_is_named(page):
    text = page({"user_code": "CCCC-DDDD"}).content.decode()

    assert "No program waits with the code CCCC-DDDD." in text


def test_codes_cannot_be_guessed_for_long(page):
    texts = [page({"user_code": f"CCCC-DDD{i}"}).content.decode() for i in range(12)]

    assert "That was too often" in texts[-1]


def test_a_stranger_signs_in_first_and_comes_back_to_the_code(client, begin):
    code = begin()["user_code"]
    answer = client.get(f"/device/?code={code}")

    assert answer.headers["Location"] == f"/accounts/login/?next=/device/%3Fcode%3D{code}"


def test_codes_are_limited_by_address(begin, client):
    answers = [client.post("/api/device/code", {"name": "x"}) for _ in range(21)]

    assert [a.status_code for a in answers] == [200] * 20 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert answers[-1].json()["code"] == "too_many_requests"
