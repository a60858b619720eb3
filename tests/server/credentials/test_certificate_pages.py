"""A certificate's page, its JSON and its token; and the form that checks what is pasted."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from assay import badges
from assay.server.credentials import checking, issuing, views


@pytest.fixture
def later(credential, monkeypatch):
    """Set the clock of the pages: `later(days=1)` after the certificate was issued."""

    def act(**length: float) -> datetime:
        moment = credential.issued_at + timedelta(**length)
        monkeypatch.setattr(views.timezone, "now", lambda: moment)
        return moment

    act(days=1)
    return act


def page(client, credential, **headers):
    return client.get(f"/verify/{credential.id}", headers=headers)


def text(answer) -> str:
    return answer.content.decode()


# The page -------------------------------------------------------------------------------------


def test_the_page_shows_and_checks_it(client, credential, later):
    answer = page(client, credential)

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")
    for shown in (
        "Alice Example",
        "Small exam",
        "Steps",
        "5/5",
        "100 %",
        "March 2, 2026",
        "March 2, 2029",
        "Assay at testserver",
        "Write programs in Python",
        str(credential.id),
        "This certificate is valid.",
        "Checked just now, 2026-03-03 10:30:00 UTC.",
        f"assay verify http://testserver/verify/{credential.id}",
    ):
        assert shown in text(answer), shown


def test_the_page_speaks_chinese_also_about_what_was_signed_in_english(client, credential, later):
    answer = page(client, credential, accept_language="zh-CN,zh;q=0.9,en;q=0.8")

    for shown in ("Alice Example", "小考试", "直线", "台阶", "用 Python 编写程序"):
        assert shown in text(answer), shown
    assert '<html lang="zh-hans">' in text(answer)


def test_it_can_be_shared(client, credential, later):
    html = text(page(client, credential))

    assert '<meta property="og:title" content="Alice Example · Small exam">' in html
    assert f'<meta property="og:url" content="http://testserver/verify/{credential.id}">' in html
    assert '<meta property="og:image" content="http://testserver/static/pages/card.png">' in html
    assert "https://www.linkedin.com/profile/add?startTask=CERTIFICATION_NAME" in html
    assert "issueYear=2026&amp;issueMonth=3" in html


def test_it_is_found_by_nobody_who_was_not_given_its_address(client, credential, later):
    answer = page(client, credential)

    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert '<meta name="robots" content="noindex">' in text(answer)


def test_nothing_of_the_address_of_the_holder_is_shown(client, credential, later):
    for form in ("text/html", "application/json", "application/jwt"):
        assert "alice@example.org" not in text(page(client, credential, accept=form))


def test_a_name_cannot_bring_its_own_html(client, alice, sit):
    alice.name = '<script>alert(1)</script>"><b>'
    alice.save()
    answer = page(client, sit(alice, 5, 5).credential)

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text(answer)
    assert "<script>alert" not in text(answer)


def test_it_says_when_it_has_expired(client, credential, later):
    later(days=3 * 366)
    html = text(page(client, credential))

    assert "This certificate has expired." in html
    assert "valid only until 2029-03-02 10:30 UTC" in html
    assert "Alice Example" in html
    assert "This certificate is valid." not in html


def test_it_is_valid_to_the_last_second(client, credential, later):
    end = credential.valid_until - credential.issued_at
    later(seconds=end.total_seconds() - 1)
    assert "This certificate is valid." in text(page(client, credential))
    later(seconds=end.total_seconds())

    assert "This certificate has expired." in text(page(client, credential))


def test_a_revoked_certificate_s_page_stays_and_says_so(client, credential, later):
    credential.revoked_at = credential.issued_at + timedelta(hours=2)
    credential.save()
    answer = page(client, credential)

    assert answer.status_code == 200
    assert "This certificate was revoked." in text(answer)
    assert "it was revoked on 2026-03-02" in text(answer)
    assert "Alice Example" in text(answer)
    assert "This certificate is valid." not in text(answer)


def test_a_revoked_certificate_s_token_is_not_handed_out(client, credential, later):
    credential.revoked_at = credential.issued_at
    credential.save()

    for suffix in (".jwt", ".json"):
        answer = client.get(f"/verify/{credential.id}{suffix}")
        assert answer.status_code == 410
        assert answer.json()["code"] == "credential_revoked"


def test_the_row_itself_is_not_believed(client, credential, sit, bob, later):
    """Whoever can write to the database still cannot make a certificate."""
    other = sit(bob, 5, 5).credential
    credential.jwt = other.jwt
    credential.save()
    html = text(page(client, credential))

    assert "This is not a valid certificate." in html
    assert "鲍勃" not in html


def test_a_row_with_a_forged_token_is_not_shown(client, credential, later):
    forger = badges.SigningKey.create(bits=2048)
    forged = json.loads(badges.token._decode(credential.jwt.split(".")[1]))
    for name in ("iss", "jti", "nbf", "sub", "exp"):
        del forged[name]
    forged["credentialSubject"]["identifier"][0]["identityHash"] = "Mallory"
    credential.jwt = badges.sign(
        forged, forger, key_url=f"http://testserver/keys/{forger.public.kid}"
    )
    credential.save()
    html = text(page(client, credential))

    assert "This is not a valid certificate." in html
    assert "Mallory" not in html


@pytest.mark.parametrize("suffix", ["", ".json", ".jwt"])
def test_there_is_no_other_certificate(client, db, small_bank, suffix):
    assert client.get(f"/verify/{uuid.uuid4()}{suffix}").status_code == 404


# Other forms ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accept", "received"),
    [
        ("application/json", "application/json"),
        ("application/ld+json", "application/ld+json"),
        ("application/vc", "application/vc"),
        ("text/html;q=0.5, application/json", "application/json"),
    ],
)
def test_programs_get_json(client, credential, later, accept, received):
    answer = page(client, credential, accept=accept)
    value = json.loads(answer.content)

    assert answer.headers["Content-Type"] == received
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert badges.violations(value) == []
    assert value["proof"] == [{"type": "JwtProof2020", "jwt": credential.jwt}]


@pytest.mark.parametrize("accept", ["application/vc+jwt", "application/jwt"])
def test_programs_get_the_token(client, credential, later, accept):
    answer = page(client, credential, accept=accept)

    assert answer.headers["Content-Type"] == accept
    assert text(answer) == credential.jwt


@pytest.mark.parametrize(
    "accept", ["text/html,application/xhtml+xml,*/*;q=0.8", "*/*", "image/png", ""]
)
def test_everybody_else_gets_the_page(client, credential, later, accept):
    answer = page(client, credential, accept=accept)

    assert answer.headers["Content-Type"].startswith("text/html")
    assert "Accept" in answer.headers["Vary"]


def test_the_token_can_be_saved_as_a_file(client, credential, later):
    answer = client.get(f"/verify/{credential.id}.jwt")

    assert text(answer) == credential.jwt
    assert answer.headers["Content-Disposition"] == (
        f'attachment; filename="certificate-{credential.id}.jwt"'
    )


def test_what_is_served_is_verified_by_anybody(client, credential, later):
    """As another program does it: token, then key from its address, then check."""
    token = text(client.get(f"/verify/{credential.id}.jwt"))

    def fetch(url: str) -> object:
        answer = client.get(url.removeprefix("http://testserver"))
        return answer.json() if answer.status_code == 200 else None

    verified = badges.verify(token, badges.published_key(fetch), now=later(days=2))

    assert verified.holder_name == "Alice Example"


# Keys, issuer, achievement --------------------------------------------------------------------


def test_each_key_is_a_bare_jwk_at_its_own_address(client, credential):
    answer = client.get(f"/keys/{credential.key_id}")

    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json() == issuing.signing_key().public.published_jwk
    assert answer.json().keys() == {"kty", "n", "e", "kid", "alg", "use"}


def test_all_keys_are_a_set(client, credential):
    keys = client.get("/.well-known/jwks.json").json()["keys"]

    assert [key["kid"] for key in keys] == [credential.key_id]


def test_the_key_is_published_before_anything_was_signed(client, db, small_bank):
    assert len(client.get("/.well-known/jwks.json").json()["keys"]) == 1


def test_an_unknown_key_is_not_there(client, db, small_bank):
    assert client.get("/keys/unknown").status_code == 404


def test_the_issuer_is_an_open_badges_profile(client, db, small_bank):
    profile = client.get("/issuer", headers={"accept": "application/json"}).json()

    assert profile == {
        "@context": badges.CONTEXT,
        "id": "http://testserver/issuer",
        "type": ["Profile"],
        "name": "Assay at testserver",
        "url": "http://testserver",
    }


def test_an_achievement_is_what_stands_in_the_certificate(client, credential, later):
    signed = page(client, credential, accept="application/json").json()["credentialSubject"]
    published = client.get("/achievements/small", headers={"accept": "application/json"}).json()
    published.pop("@context")

    assert published == signed["achievement"]


def test_an_unknown_exam_is_not_there(client, db, small_bank):
    assert client.get("/achievements/unknown").status_code == 404


# The form -------------------------------------------------------------------------------------


def paste(client, text: str):
    return client.post("/verify/", {"certificate": text})


@pytest.mark.parametrize(
    "write",
    [
        lambda c: str(c.id),
        lambda c: f"  {str(c.id).upper()}\n",
        lambda c: f"http://testserver/verify/{c.id}",
        lambda c: f"http://testserver/verify/{c.id}?lang=zh-hans",
        lambda c: f"http://testserver/verify/{c.id}.jwt",
        lambda c: c.jwt,
        lambda c: json.dumps(badges.wrap(c.jwt)),
    ],
)
def test_whatever_names_a_certificate_leads_to_its_page(client, credential, later, write):
    answer = paste(client, write(credential))

    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/verify/{credential.id}"


def test_a_genuine_certificate_is_shown_though_its_row_is_gone(client, credential, later):
    token = credential.jwt
    credential.delete()
    answer = paste(client, token)

    assert answer.status_code == 200
    assert "This certificate is valid." in text(answer)
    assert "Alice Example" in text(answer)


@pytest.mark.parametrize(
    ("write", "said"),
    [
        (lambda c: str(uuid.UUID(int=0)), "There is no certificate with this number here."),
        (lambda c: "http://testserver/verify/", "There is no certificate with this number here."),
        (lambda c: f"https://forger.example/verify/{c.id}", "was not issued here"),
        (lambda c: "hello", "cannot be read as one"),
        (lambda c: "{}", "cannot be read as one"),
        (lambda c: c.jwt[:-8] + "AAAAAAAA", "The signature does not fit the contents"),
        (
            lambda c: json.dumps(badges.wrap(c.jwt) | {"validUntil": "2099-01-01T00:00:00Z"}),
            "its validUntil is not what was signed",
        ),
    ],
)
def test_anything_else_is_refused_with_a_reason(client, credential, later, write, said):
    answer = paste(client, write(credential))

    assert answer.status_code == 200
    assert "This is not a valid certificate." in text(answer)
    assert said in text(answer)
    assert 'class="certificate' not in text(answer)


def test_a_certificate_of_another_server_is_not_checked_here(client, credential, later):
    """A server that fetched keys from wherever a stranger says could be made to attack others."""
    other = badges.SigningKey.create(bits=2048)
    claims = json.loads(badges.token._decode(credential.jwt.split(".")[1]))
    for name in ("iss", "jti", "nbf", "sub", "exp"):
        del claims[name]
    claims["issuer"]["id"] = "https://other.example/issuer"
    token = badges.sign(claims, other, key_url=f"https://other.example/keys/{other.public.kid}")
    found = checking.find(token, datetime.now(UTC))

    assert isinstance(found.problem, checking.IssuedElsewhere)
    assert found.problem.params == {"issuer": "https://other.example/issuer"}


def test_an_empty_form_shows_the_form(client, db, small_bank):
    assert "Paste the address" in text(paste(client, " "))


def test_what_was_pasted_is_shown_again_without_its_html(client, db, small_bank):
    html = text(paste(client, "</textarea><script>alert(1)</script>"))

    assert "<script>alert" not in html
    assert "&lt;/textarea&gt;" in html


def test_a_huge_text_is_refused(client, db, small_bank):
    assert "This is not a valid certificate." in text(paste(client, "A" * 900_000))
