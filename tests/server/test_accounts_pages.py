"""Every page of accounts: ours, whole, and nothing inline."""

from __future__ import annotations

import pytest
from test_pages import LANGUAGES, Page

from assay.server.accounts.models import User
from assay.server.pages.middleware import ACCOUNT_POLICY, CONTENT_SECURITY_POLICY

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"

FOR_STRANGERS = [
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/password/reset/key/1-x-y/",
    "/accounts/inactive/",
    "/accounts/3rdparty/login/cancelled/",
    "/accounts/3rdparty/login/error/",
]
OWN = [
    "/me/",
    "/me/delete/",
    "/device/",
    "/accounts/logout/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/2fa/",
    "/accounts/2fa/totp/activate/",
    "/accounts/2fa/webauthn/",
    "/accounts/2fa/webauthn/add/",
    "/accounts/3rdparty/",
    "/accounts/sessions/",
    "/accounts/reauthenticate/",
]


@pytest.fixture
def as_chen(client):
    chen = User.objects.create_superuser("chen@example.org", PASSWORD, name="Chen")
    client.post("/accounts/login/", {"login": chen.email, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def look(client, address, language) -> Page:
    answer = client.get(address, headers={"accept_language": language}, follow=True)
    page = Page(answer.content.decode())
    final = answer.redirect_chain[-1][0] if answer.redirect_chain else address

    assert answer.status_code == (401 if "error" in address else 200), address
    assert answer.headers["Content-Security-Policy"] == (
        ACCOUNT_POLICY if final.startswith("/accounts/") else CONTENT_SECURITY_POLICY
    )
    assert page.language == LANGUAGES[language]
    assert len(page.all("h1")) == 1
    assert page.all("style") == []
    assert all(script.get("src", "").startswith("/static/") for script in page.all("script"))
    for tag, values in page.tags:
        assert not [name for name in values if name == "style" or name.startswith("on")], tag
    names = [values["id"] for _, values in page.tags if "id" in values]
    assert len(names) == len(set(names)), address
    assert all(label["for"] in names for label in page.all("label"))
    assert any("/static/accounts/accounts.css" in link["href"] for link in page.all("link"))
    return page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("address", FOR_STRANGERS)
def test_a_page_for_everybody_is_whole(client, address, language):
    look(client, address, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_of_a_person_are_whole(as_chen, language):
    for address in OWN:
        as_chen.cookies["django_language"] = LANGUAGES[language]
        look(as_chen, address, language)


@pytest.mark.parametrize("address", [page for page in OWN if page != "/accounts/logout/"])
def test_they_are_nobody_else_s(client, address):
    answer = client.get(address)

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/login/?next=")


def test_the_page_of_a_limit_is_ours(client, settings):
    for _ in range(31):
        answer = client.post("/accounts/login/", {"login": "a@example.org", "password": "x"})

    assert answer.status_code == 429
    assert "That was too often" in answer.content.decode()
