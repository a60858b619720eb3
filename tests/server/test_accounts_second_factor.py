"""The second factor: authenticator app and recovery codes. Passkeys need a browser."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import struct
import time
from datetime import UTC, datetime

import pytest
from allauth.mfa.models import Authenticator

from assay.server.accounts.agents import browser_of
from assay.server.accounts.models import User

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


def totp(secret: str, at: float | None = None) -> str:
    """The code of RFC 6238, computed apart from the code under test."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    counter = struct.pack(">Q", int(at or time.time()) // 30)
    digest = hmac.new(key, counter, hashlib.sha1).digest()
    offset = digest[-1] & 15
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**6:06d}"


@pytest.fixture
def chen():
    return User.objects.create_superuser("chen@example.org", PASSWORD, name="Chen")


@pytest.fixture
def sign_in(client, chen):
    def act():
        return client.post("/accounts/login/", {"login": chen.email, "password": PASSWORD})

    return act


@pytest.fixture
def confirmed(client, sign_in):
    """Chen, signed in, who has just shown once more that it is him."""
    sign_in()
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})


@pytest.fixture
def protected(client, confirmed):
    """Chen's account with an app; returns its secret."""
    page = client.get("/accounts/2fa/totp/activate/").content.decode()
    secret = re.search(r'class="mono">([A-Z2-7]+)<', page)[1]
    answer = client.post("/accounts/2fa/totp/activate/", {"code": totp(secret)})

    assert answer.status_code == 302, answer.content.decode()
    return secret


def test_who_has_left_the_desk_is_asked_again(client, sign_in):
    sign_in()
    answer = client.get("/accounts/2fa/totp/activate/")

    assert answer.headers["Location"].startswith("/accounts/reauthenticate/")


def test_the_picture_to_scan_is_allowed_by_the_policy(client, confirmed):
    answer = client.get("/accounts/2fa/totp/activate/")

    assert 'src="data:image/svg+xml;base64,' in answer.content.decode()
    assert "img-src 'self' data:;" in answer.headers["Content-Security-Policy"] + ";"


def test_the_password_alone_lets_nobody_in(client, protected, sign_in):
    client.logout()
    answer = sign_in()

    assert answer.headers["Location"].startswith("/accounts/2fa/authenticate/")
    assert "_auth_user_id" not in client.session


def test_password_and_code_do(client, protected, sign_in, monkeypatch):
    client.logout()
    sign_in()
    # A code is good once; the next one comes half a minute later.
    client.post("/accounts/2fa/authenticate/", {"code": totp(protected, time.time() + 30)})

    assert "_auth_user_id" in client.session


def test_a_code_is_good_only_once(client, protected, sign_in):
    code = totp(protected, time.time() + 30)
    client.logout()
    sign_in()
    client.post("/accounts/2fa/authenticate/", {"code": code})
    client.logout()
    sign_in()
    client.post("/accounts/2fa/authenticate/", {"code": code})

    assert "_auth_user_id" not in client.session


def test_a_code_is_good_only_once_as_long_as_a_clock_may_be_off(
    client, protected, sign_in, monkeypatch
):
    began = time.time()
    moment = began
    monkeypatch.setattr(time, "time", lambda: moment)
    monkeypatch.setattr(
        "django.core.cache.backends.db.tz_now", lambda: datetime.fromtimestamp(moment, UTC)
    )
    code = totp(protected, began + 30)
    client.logout()
    sign_in()
    client.post("/accounts/2fa/authenticate/", {"code": code})

    assert "_auth_user_id" in client.session

    for moment in (began + 29, began + 45, began + 59):  # noqa: B007 - what the clock says
        client.logout()
        sign_in()
        client.post("/accounts/2fa/authenticate/", {"code": code})

        assert "_auth_user_id" not in client.session


def test_a_recovery_code_lets_one_in_once(client, protected, sign_in):
    code = re.search(
        r"<li>(\d{8})</li>", client.get("/accounts/2fa/recovery-codes/").content.decode()
    )[1]
    client.logout()
    sign_in()
    client.post("/accounts/2fa/authenticate/", {"code": code})

    assert "_auth_user_id" in client.session

    client.logout()
    sign_in()
    client.post("/accounts/2fa/authenticate/", {"code": code})

    assert "_auth_user_id" not in client.session


def test_codes_cannot_be_guessed_for_long(client, protected, sign_in, monkeypatch):
    # The tries of five minutes count, and nobody knows how long this takes.
    moment = time.time()
    monkeypatch.setattr(time, "time", lambda: moment)
    right = {totp(protected, time.time() + seconds) for seconds in (-30, 0, 30)}
    guesses = [guess for number in range(12) if (guess := f"{number:06d}") not in right][:8]
    client.logout()
    sign_in()
    for guess in guesses:
        answer = client.post("/accounts/2fa/authenticate/", {"code": guess})
    too_many = answer.context["form"].errors
    client.post("/accounts/2fa/authenticate/", {"code": totp(protected, time.time() + 30)})

    assert "Too many tries" in str(too_many)
    assert "_auth_user_id" not in client.session


def test_the_database_alone_has_no_secret(client, protected):
    from allauth.mfa.models import Authenticator  # noqa: PLC0415

    kept = str(list(Authenticator.objects.values_list("data", flat=True)))

    assert protected not in kept
    assert "gAAAA" in kept  # of Fernet


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox · Linux",
        ),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1", "Safari · iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge · Windows"),
        ("curl/8.1", "curl/8.1"),
    ],
)
def test_browsers_have_the_names_that_people_know(sent, name):
    assert browser_of(sent) == name


def test_who_is_asked_again_is_told_of_every_way_in_our_words(client, chen, protected):
    Authenticator.objects.create(user=chen, type="webauthn", data={"name": "Phone"})
    page = client.get("/accounts/reauthenticate/").content.decode()

    assert "Use authenticator app or code" in page
    assert "Use a passkey" in page
    assert "security key" not in page
