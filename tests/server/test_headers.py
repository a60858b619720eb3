"""What every page carries, whoever asks: it keeps to itself, and no cache keeps a person's page."""

from __future__ import annotations

import pytest
from django.test import Client

from addresses import routes
from assay.server.pages.middleware import HEADERS

pytestmark = pytest.mark.usefixtures("clock", "small_bank")
PLAIN = sorted({f"/{route}" for route in routes() if not set(route) & set("<(")})
SHARED = "/exams/"


@pytest.fixture
def browser(alice):
    """Alice's browser."""
    client = Client()
    client.force_login(alice, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.mark.parametrize("path", PLAIN)
def test_every_answer_has_a_strict_policy(browser, client, path):
    for somebody in (browser, client):
        answer = somebody.get(path)

        assert answer.status_code < 500
        assert HEADERS.items() <= dict(answer.headers).items()
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe-eval" not in policy
        assert "frame-ancestors 'none'" in policy
        assert "script-src 'self'" in policy or "script-src" not in policy


def test_a_page_of_somebodys_is_kept_by_no_cache(browser, running_sitting, alice):
    sitting = running_sitting(alice)
    for path in (SHARED, "/registrations/", "/me/", f"/sittings/{sitting.pk}/"):
        assert "no-store" in browser.get(path).headers["Cache-Control"], path


def test_a_page_for_everybody_may_be_kept(client):
    assert "Cache-Control" not in client.get(SHARED).headers


def test_after_signing_out_the_page_is_for_everybody_again(browser):
    browser.post("/accounts/logout/")

    assert "no-store" not in browser.get(SHARED).headers.get("Cache-Control", "")
