"""`assay verify`: anyone, anywhere, without an account."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import loopback
from assay import badges

NOW = datetime.now(UTC)


class Issuer:
    """A certifying body's server, as small as can be."""

    def __init__(self, key: badges.SigningKey, url: str) -> None:
        self.key = key
        self.url = url
        self.pages: dict[str, tuple[int, str, str]] = {}  # path → status, type or target, body
        self.asked: list[str] = []
        self.put(f"/keys/{key.public.kid}", json.dumps(key.public.published_jwk))

    @property
    def page(self) -> str:
        return f"{self.url}/verify/7"

    def put(self, path: str, body: str, *, status: int = 200, kind: str = "application/json"):
        self.pages[path] = (status, kind, body)

    def issue(self, *, name: str = "Alice Example", at: datetime = NOW, **header: str) -> str:
        """Issue a certificate for three years, publish it, return its token."""
        achievement = badges.Achievement(
            id=f"{self.url}/achievements/developer",
            name="Machine Learning Developer",
            description="Hands-on tasks.",
            criteria="90 % of the weighted total.",
            pass_mark=90,
            slots=(badges.Slot(name="Category1", title="Regression", weight=100),),
            skills=(),
        )
        credential = badges.build_credential(
            id=self.page,
            number="7",
            issuer=badges.Issuer(id=f"{self.url}/issuer", name="Institute", url=self.url),
            achievement=achievement,
            holder=badges.Holder(name=name, email="alice@example.org", salt="pepper"),
            outcome=badges.Outcome(
                total=100, marks=(badges.Mark(slot="Category1", points=5, item="A curve"),)
            ),
            issued_at=at,
            valid_months=36,
        )
        token = badges.sign(credential, self.key, key_url=f"{self.url}/keys/{self.key.public.kid}")
        self.put("/verify/7", token, kind="application/vc+jwt")
        return token


@contextmanager
def serving(key: badges.SigningKey) -> Iterator[Issuer]:
    class Handler(loopback.Handler):
        def get(self) -> None:
            issuer.asked.append(self.path)
            status, kind, body = issuer.pages.get(self.path, (404, "text/html", "nothing"))
            self.send_response(status)
            self.send_header("Location" if 300 <= status < 400 else "Content-Type", kind)
            self.end_headers()
            self.wfile.write(body.encode())

    with loopback.serving(Handler) as address:
        issuer = Issuer(key, address)
        yield issuer


@pytest.fixture(scope="module")
def key() -> badges.SigningKey:
    return badges.SigningKey.create(bits=2048)


@pytest.fixture(scope="module")
def forgers_key() -> badges.SigningKey:
    return badges.SigningKey.create(bits=2048)


@pytest.fixture
def issuer(key: badges.SigningKey) -> Iterator[Issuer]:
    with serving(key) as running:
        yield running


@pytest.fixture
def token(issuer: Issuer) -> str:
    return issuer.issue()


def write(name: str, content: str | bytes) -> str:
    path = Path(name)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


# Valid ----------------------------------------------------------------------------------------


def test_the_address_of_a_page_is_enough(shell, issuer, token):
    said = shell("verify", issuer.page)

    for shown in (
        "This certificate is valid.",
        "Alice Example",
        "Machine Learning Developer",
        "100 % (90 % needed)",
        f"Institute, {issuer.url}/issuer",
        "Regression",
        "A curve",
        "★★★★★  5/5",
        issuer.key.public.kid,
    ):
        assert shown in said, shown
    assert "Whether to trust them is for you to decide" in shell.err
    assert issuer.asked == ["/verify/7", f"/keys/{issuer.key.public.kid}"]


def test_a_token_in_a_file(shell, issuer, token):
    assert "valid" in shell("verify", write("alice.jwt", f"{token}\n"))
    assert issuer.asked == [f"/keys/{issuer.key.public.kid}"]


def test_json_with_the_token_inside(shell, issuer, token):
    assert "valid" in shell("verify", write("alice.json", json.dumps(badges.wrap(token))))


@pytest.mark.parametrize("as_set", [False, True])
def test_a_key_in_hand_needs_no_network(shell, issuer, token, as_set):
    jwk = issuer.key.public.published_jwk
    keys = write("key.json", json.dumps({"keys": [jwk]} if as_set else jwk))
    shell("verify", write("alice.jwt", token), "--key", keys)

    assert issuer.asked == []
    assert "nothing was fetched" in shell.err


def test_json_is_for_programs(shell, issuer, token):
    said = shell.json("verify", issuer.page)

    assert said["valid"] is True
    assert said["problem"] is None
    assert said["key"] == issuer.key.public.kid
    assert said["certificate"]["name"] == "Alice Example"
    assert said["certificate"]["issuer"] == {"id": f"{issuer.url}/issuer", "name": "Institute"}
    assert said["certificate"]["slots"] == [
        {
            "slot": "Category1",
            "title": "Regression (100 %)",
            "points": "5",
            "points_max": "5",
            "item": "A curve",
            "skills": [],
        }
    ]


def test_it_speaks_chinese(shell, issuer, token):
    said = shell("verify", issuer.page, "--language", "zh-CN")

    for shown in ("这份证书有效。", "姓名", "颁发机构", "有效期至"):
        assert shown in said, shown


def test_a_redirection_on_the_same_server_is_followed(shell, issuer, token):
    issuer.put("/old", "", status=301, kind="/verify/7")

    assert "valid" in shell("verify", f"{issuer.url}/old")


def test_it_says_whether_it_is_theirs(shell, issuer, token):
    assert "valid" in shell("verify", issuer.page, "--email", "Alice@Example.org")
    shell("verify", issuer.page, "--email", "bob@example.org", code=11)

    assert "was not issued to bob@example.org" in shell.err


# Not valid now: 14 ----------------------------------------------------------------------------


def test_an_expired_certificate_is_shown_as_such(shell, issuer):
    issuer.issue(at=NOW - timedelta(days=1200))
    said = shell("verify", issuer.page, code=14)

    assert "genuine, but it was valid only until" in said
    assert "Alice Example" in said
    assert "This certificate is valid." not in said


def test_one_of_tomorrow_is_not_valid_yet(shell, issuer):
    issuer.issue(at=NOW + timedelta(days=1))
    said = shell.json("verify", issuer.page, code=14)

    assert said["valid"] is False
    assert said["problem"]["code"] == "credential_not_yet_valid"
    assert said["certificate"]["name"] == "Alice Example"


# Not to be trusted: 11 ------------------------------------------------------------------------


def test_a_changed_character_is_noticed(shell, issuer, token):
    header, claims, signature = token.split(".")
    middle = len(signature) // 2
    other = "A" if signature[middle] != "A" else "B"
    shell(
        "verify",
        write("a.jwt", f"{header}.{claims}.{signature[:middle]}{other}{signature[middle + 1 :]}"),
        code=11,
    )

    assert "The signature does not fit the contents" in shell.err
    assert "Do not trust it." in shell.err


def test_a_better_result_beside_the_token_is_noticed(shell, issuer, token):
    wrapped = badges.wrap(token)
    wrapped["credentialSubject"]["licenseNumber"] = "8"
    said = shell.json("verify", write("a.json", json.dumps(wrapped)), code=11)

    assert said["problem"]["code"] == "credential_altered"


def test_a_forger_s_own_key_is_not_taken(shell, issuer, token, forgers_key):
    forged = Issuer(forgers_key, issuer.url).issue(name="Mallory")
    said = shell.json("verify", write("a.jwt", forged), code=11)

    assert said["problem"]["code"] == "credential_unknown_key"


def test_a_forger_s_page_shows_somebody_else_s_certificate(shell, issuer, token, forgers_key):
    with serving(forgers_key) as forger:
        forger.put("/verify/7", token, kind="application/vc+jwt")
        shell("verify", forger.page, code=11)

    assert "a certificate that it did not issue" in shell.err


def test_the_wrong_key_in_hand_is_not_enough(shell, issuer, token, forgers_key):
    keys = write("key.json", json.dumps(forgers_key.public.published_jwk))
    said = shell.json("verify", write("a.jwt", token), "--key", keys, code=11)

    assert said["problem"]["code"] == "credential_unknown_key"


@pytest.mark.parametrize("content", ["", "{}", "[1]", "nothing", b"\xff\xfe"])
def test_a_file_that_is_no_key_is_refused(shell, issuer, token, content):
    keys = write("key.json", content)
    shell("verify", write("a.jwt", token), "--key", keys, code=11)


@pytest.mark.parametrize("content", ["", "hello", "{}", "{", b"\xff\xfe\x00", b"\x89PNG" * 10])
def test_a_file_that_is_no_certificate_is_refused(shell, issuer, content):
    shell("verify", write("a.jwt", content), code=11)

    assert "cannot be read as one" in shell.err
    assert issuer.asked == []


def test_a_huge_file_is_refused_unread(shell):
    shell("verify", write("a.jwt", b"A" * 1_000_001), code=11)


def test_there_is_no_certificate_at_the_address(shell, issuer):
    shell("verify", f"{issuer.url}/verify/8", code=11)

    assert f"There is no certificate at {issuer.url}/verify/8 (status 404)." in shell.err


def test_an_ordinary_page_is_no_certificate(shell, issuer):
    issuer.put("/", "<h1>Hello</h1>", kind="text/html; charset=utf-8")
    shell("verify", f"{issuer.url}/", code=11)

    assert "(text/html)" in shell.err


def test_the_server_says_that_it_was_revoked(shell, issuer, token):
    problem = {"code": "credential_revoked", "message": "It was revoked.", "remedy": "Ask."}
    issuer.put("/verify/7", json.dumps(problem), status=410)
    said = shell.json("verify", issuer.page, code=11)

    assert said["problem"]["code"] == "credential_revoked"
    assert "It was revoked." in shell.err


def test_no_redirection_leads_to_another_server(shell, issuer, token, forgers_key):
    with serving(forgers_key) as forger:
        forger.issue(name="Mallory")
        issuer.put("/verify/7", "", status=302, kind=forger.page)
        shell("verify", issuer.page, code=11)

        assert forger.asked == []


def test_redirections_end(shell, issuer):
    issuer.put("/verify/7", "", status=302, kind="/verify/7")
    shell("verify", issuer.page, code=11)


def test_a_name_cannot_write_into_the_terminal(shell, issuer):
    issuer.issue(name="Mallory\x1b[2K\x1b[1A\u202eecilA\rThis certificate is valid.")
    said = shell("verify", issuer.page)

    assert "\x1b" not in said
    assert "\u202e" not in said
    assert "\r" not in said


# Unknown: 8 -----------------------------------------------------------------------------------


def test_an_issuer_that_does_not_answer_leaves_it_open(shell, key):
    with serving(key) as gone:
        token = gone.issue()
    shell("verify", write("a.jwt", token), code=8)

    assert "does not answer" in shell.err
    assert "--key JWK_FILE" in shell.err


def test_an_issuer_that_fails_leaves_it_open(shell, issuer, token):
    issuer.put(f"/keys/{issuer.key.public.kid}", "", status=503)
    shell("verify", issuer.page, code=8)

    assert "status 503" in shell.err


def test_a_key_is_not_fetched_from_where_it_is_redirected_to(shell, issuer, token, forgers_key):
    with serving(forgers_key) as forger:
        target = f"{forger.url}/keys/{forgers_key.public.kid}"
        issuer.put(f"/keys/{issuer.key.public.kid}", "", status=302, kind=target)
        shell("verify", issuer.page, code=8)

        assert forger.asked == []


# Typing ---------------------------------------------------------------------------------------


def test_a_missing_file_is_said_to_be_missing(shell):
    shell("verify", "nothing.jwt", code=2)

    assert "There is no file nothing.jwt" in shell.err


@pytest.mark.parametrize(
    "address", ["http://", "https://[", "http://user@127.0.0.1/", "https:// x"]
)
def test_half_an_address_is_refused(shell, address):
    shell("verify", address, code=11)


def test_its_help_names_the_exit_codes(shell):
    said = shell("verify", "--help")

    for code in ("0 valid", "14 expired", "11 not", "8 the"):
        assert code in said
