"""What a server writes down while people sign in, sit and fail: no secret, of nobody."""

from __future__ import annotations

import json
import re
import secrets
from pathlib import Path

import httpx
import pytest
from office import PASSWORD, Chen
from tree import PATIENCE, Tree, copy_of, environment, no_process_left

from small_bank import line_model

WRONG = "a-password-that-is-not-right"
SETTINGS = {
    "ASSAY_STRIPE_SECRET_KEY": "sk_test_of_the_exam_server",
    "ASSAY_STRIPE_WEBHOOK_SECRET": "whsec_of_the_exam_server",
    "ASSAY_STRIPE_API": "http://127.0.0.1:9",  # nobody answers there
    "ASSAY_EMAIL_URL": "smtp://mailer:the-mailers-password@127.0.0.1:9",  # nor there
}
OIDC_SECRET = "the-clients-secret"


@pytest.fixture
def public(home, fresh, bank):
    """A server that knows secrets, and whose mail and payments go nowhere."""
    campus = {"id": "campus", "name": "Campus", "issuer": "http://127.0.0.1:9"}
    campus |= {"client_id": "assay", "client_secret": OIDC_SECRET}
    data = copy_of(fresh, home)
    tree = Tree(
        data, environment(ASSAY_BANK=str(bank), ASSAY_OIDC=json.dumps([campus]), **SETTINGS)
    )
    with no_process_left(tree):
        yield tree.start()


def written(tree: Tree) -> dict[str, str]:
    """Return all that the parts of the server have written, by file."""
    files = [*sorted((tree.data / "log").iterdir()), tree.errors]
    return {file.name: file.read_text(encoding="utf-8", errors="replace") for file in files}


def kept_in(folder: Path) -> set[str]:
    """Return the words of the files in which the server keeps its own secrets."""
    texts = [file.read_text(errors="replace") for file in folder.rglob("*") if file.is_file()]
    return {word for text in texts for word in re.findall(r"[A-Za-z0-9+/=_-]{20,}", text)}


@pytest.mark.slow
def test_no_log_has_a_secret_in_it(public):
    # Staff sign in, after a try that fails; one by a provider that does not answer.
    chen = Chen(public)
    stranger = httpx.Client(base_url=public.url, timeout=PATIENCE, follow_redirects=True)
    public.clients.append(stranger)
    page = stranger.get("/accounts/login/")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)[1]
    form = {"csrfmiddlewaretoken": token}
    stranger.post("/accounts/login/", data={**form, "login": "chen@example.org", "password": WRONG})
    stranger.post("/accounts/oidc/campus/login/", data=form)
    stranger.post("/accounts/password/reset/", data={**form, "email": "chen@example.org"})

    # A program asks for a code; another one comes with a token that is none.
    codes = stranger.post("/api/device/code", data={"name": "assay"}).json()
    grant = "urn:ietf:params:oauth:grant-type:device_code"
    form = {"grant_type": grant, "device_code": codes["device_code"]}
    stranger.post("/api/device/token", data=form)
    wrong = f"assay_{secrets.token_urlsafe(32)}"
    stranger.get("/api/me", headers={"Authorization": f"Bearer {wrong}"})

    # Alice sits, and sends what cannot be graded, and what makes the server complain.
    alice = public.registered("alice@example.org")
    alice.open()
    keys = alice.start()["keys"]
    alice.verdict(alice.submit(line_model())["id"])
    alice.verdict(alice.submit(b"no model")["id"])
    alice.client.get(f"/api/sittings/{alice.sitting}/tasks/Category9/bundle")
    alice.client.post("/enrolment/stripe/webhook/", content=b"{}")

    token = alice.client.headers["Authorization"].removeprefix("Bearer ")
    session = chen.browser.cookies["assay_session"]
    own = kept_in(public.data / "secrets")
    (note,) = re.findall(r"://[^:]*:([^@]+)@", (public.data / "server.json").read_text())

    assert own

    known = {PASSWORD, WRONG, wrong, token, session, note, OIDC_SECRET, "the-mailers-password"}
    known |= {codes["device_code"], codes["user_code"], *keys.values(), *own}
    known |= {value for name, value in SETTINGS.items() if "SECRET" in name}
    public.stop()
    logs = written(public)

    assert any("web" in name for name in logs)
    assert any(logs.values())  # the mail that could not be sent, at least
    found = {name: [each for each in known if each in text] for name, text in logs.items()}
    assert not any(found.values()), {name: len(each) for name, each in found.items()}
