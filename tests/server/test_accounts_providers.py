"""Signing in by OpenID Connect, with a provider that really issues tokens."""

from __future__ import annotations

import json
import re
from html import unescape
from urllib.parse import urlsplit

import httpx
import pytest
from django.core.exceptions import ImproperlyConfigured

from assay.server.accounts.configuration import providers, sign_in
from assay.server.accounts.models import User
from oidc_provider import CLIENT_ID, CLIENT_SECRET, Provider, serving

CALLBACK = "http://testserver/accounts/oidc/campus/login/callback/"


@pytest.fixture
def campus(settings):
    with serving(Provider(redirect_uris=(CALLBACK,))) as provider:
        entry = {
            "id": "campus",
            "name": "Example Campus",
            "issuer": provider.issuer,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
        }
        configured = sign_in(
            {"ASSAY_OIDC": json.dumps([entry])}, url="http://testserver", issuer_name="Assay"
        )
        settings.SOCIALACCOUNT_PROVIDERS = configured["SOCIALACCOUNT_PROVIDERS"]
        yield provider


@pytest.fixture
def by_campus(client, campus, db):
    """Go to the provider and come back; return the answer."""

    def act(**query):
        page = client.post(f"/accounts/oidc/campus/login/?{httpx.QueryParams(query)}")
        target = unescape(
            re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', page.content.decode())[1]
        )
        back = httpx.get(target).headers["Location"]
        assert back.startswith(CALLBACK)
        parts = urlsplit(back)
        return client.get(f"{parts.path}?{parts.query}")

    return act


def test_its_button_is_on_the_sign_in_page(client, campus, db):
    assert "Sign in with Example Campus" in client.get("/accounts/login/").content.decode()


def test_a_new_person_checks_the_name_and_has_an_account(client, by_campus):
    answer = by_campus()

    assert answer.headers["Location"] == "/accounts/3rdparty/signup/"
    form = client.get("/accounts/3rdparty/signup/").content.decode()
    assert 'value="Dana Example"' in form
    assert not User.objects.exists()

    answer = client.post(
        "/accounts/3rdparty/signup/",
        {"name": "Dana M. Example", "email": "dana@campus.example", "language": "zh-CN"},
    )

    assert answer.headers["Location"] == "/me/"
    dana = User.objects.get()
    assert (dana.name, dana.email, dana.language) == (
        "Dana M. Example",
        "dana@campus.example",
        "zh-CN",
    )
    assert not dana.has_usable_password()
    assert client.session["_auth_user_id"] == str(dana.pk)


def test_somebody_known_is_signed_in_at_once(client, by_campus):
    by_campus()
    client.post(
        "/accounts/3rdparty/signup/",
        {"name": "Dana", "email": "dana@campus.example", "language": "en"},
    )
    client.logout()

    assert by_campus(next="/exams/").headers["Location"] == "/exams/"
    assert "_auth_user_id" in client.session


def test_an_account_with_the_same_address_is_not_taken_over(client, by_campus, alice, campus):
    campus.claims["email"] = alice.email
    by_campus()
    client.post("/accounts/3rdparty/signup/", {"name": "X", "email": alice.email, "language": "en"})

    assert "_auth_user_id" not in client.session
    assert User.objects.count() == 1


def test_an_address_that_the_provider_does_not_vouch_for_is_confirmed_by_mail(
    client, by_campus, campus
):
    campus.claims["email_verified"] = False
    by_campus()
    answer = client.post(
        "/accounts/3rdparty/signup/",
        {"name": "Dana", "email": "dana@campus.example", "language": "en"},
    )

    assert answer.headers["Location"] == "/accounts/confirm-email/"
    assert "_auth_user_id" not in client.session


def test_one_who_says_no_there_is_not_signed_in(client, by_campus, campus):
    campus.refuses = True
    answer = by_campus()

    assert answer.headers["Location"] == "/accounts/3rdparty/login/cancelled/"
    assert "_auth_user_id" not in client.session


def test_an_answer_that_nobody_asked_for_signs_nobody_in(client, campus, db):
    answer = client.get("/accounts/oidc/campus/login/callback/?code=x&state=y")

    assert "did not confirm who you are" in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_a_provider_that_is_not_configured_is_not_there(client, campus, db):
    assert client.post("/accounts/oidc/other/login/").status_code == 404


def test_a_provider_that_does_not_answer_is_said(client, settings, campus, db):
    settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]["server_url"] = (
        "http://127.0.0.1:9"
    )
    answer = client.post("/accounts/oidc/campus/login/")

    assert "does not answer" in answer.content.decode()


# Configuration --------------------------------------------------------------------------------

GOOGLE = {
    "id": "google",
    "name": "Google",
    "issuer": "https://accounts.google.com/",
    "client_id": "c",
    "client_secret": "hush-hush",
}


def test_the_list_may_be_in_a_file(tmp_path):
    file = tmp_path / "oidc.json"
    file.write_text(json.dumps([GOOGLE]))

    assert providers(str(file)) == providers(json.dumps([GOOGLE]))
    assert providers("") == []


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("/nowhere/oidc.json", "neither a JSON list nor the path"),
        ("[{]", "neither a JSON list nor the path"),
        (json.dumps([GOOGLE | {"name": ""}]), "provider 1 lacks name"),
        (json.dumps([GOOGLE, {}]), "provider 2 lacks id, name"),
        (json.dumps([GOOGLE | {"scope": "x"}]), "provider 1 has scope"),
        (json.dumps([GOOGLE | {"id": "a/b"}]), "is a word"),
    ],
)
def test_a_mistake_is_said_without_the_secret(setting, said):
    with pytest.raises(ImproperlyConfigured) as refused:
        providers(setting)

    assert said in str(refused.value)
    assert "hush-hush" not in str(refused.value)
