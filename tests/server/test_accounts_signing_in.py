"""Signing up, in and out with a password."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.hashers import make_password

from assay.server.accounts.models import User

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
SIGN_UP = {
    "name": "Alice  Example ",
    "email": "Alice@Example.org",
    "language": "en",
    "password1": PASSWORD,
    "password2": PASSWORD,
}


@pytest.fixture(autouse=True)
def _quick_hashes(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def code_in(mail) -> str:
    return re.search(r"^([0-9A-Z]{3,4}-?[0-9A-Z]{3,4})$", mail.body, re.MULTILINE)[1]


def test_one_signs_up_with_the_code_of_a_mail(client, mailoutbox):
    answer = client.post("/accounts/signup/", SIGN_UP)

    assert answer.headers["Location"] == "/accounts/confirm-email/"
    assert "_auth_user_id" not in client.session

    answer = client.post("/accounts/confirm-email/", {"code": code_in(mailoutbox[0])})

    assert answer.headers["Location"] == "/me/"
    alice = User.objects.get()
    assert client.session["_auth_user_id"] == str(alice.pk)
    assert (alice.email, alice.name, alice.language) == (
        "alice@example.org",
        "Alice Example",
        "en",
    )


def test_a_stranger_is_led_to_the_sign_in_page_and_back(client):
    answer = client.get("/me/")

    assert answer.headers["Location"] == "/accounts/login/?next=/me/"
