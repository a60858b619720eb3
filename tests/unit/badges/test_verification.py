"""What makes a certificate valid, and what makes it worthless."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from alices_certificate import ISSUED, NOW, NUMBER, ORIGIN, PAGE, key_url
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jwt

from assay.badges import (
    Altered,
    BadSignature,
    Expired,
    ForeignKey,
    IssuerUnreachable,
    Malformed,
    NotYetValid,
    PublicKey,
    SigningKey,
    UnknownKey,
    UnusableKey,
    WrongAlgorithm,
    held_key,
    published_key,
    verify,
)
from assay.badges.token import REGISTRY
from assay.errors import CredentialError

EVERY_EXAMPLE = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300
)


def encode(value: Any) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(segment: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(segment + "=="))


def resign(token: str, key: SigningKey, *, claims: Any = None, **header: Any) -> str:
    """Return the token with other contents, rightly signed by `key`."""
    old = token.split(".")
    return jwt.encode(
        decode(old[0]) | {"jwk": key.public.jwk} | header,
        decode(old[1]) if claims is None else claims,
        key.native,
        registry=REGISTRY,
    )


@pytest.fixture
def find_key(key: SigningKey):
    return held_key(key.public)


def test_a_certificate_is_valid(token, key, find_key):
    verified = verify(token, find_key, now=NOW)

    assert verified.id == PAGE
    assert verified.number == NUMBER
    assert verified.holder_name == "Alice Example 艾丽丝"
    assert verified.issuer_id == f"{ORIGIN}/issuer"
    assert verified.issuer_name == "Example Institute"
    assert verified.achievement_name == "Machine Learning Developer"
    assert (verified.total, verified.pass_mark) == (97.5, 90)
    assert [(m.slot, m.value, m.value_max, m.item, m.skills) for m in verified.marks] == [
        ("Category1", "5", "5", "A curve", ()),
        ("Category3", "4", "5", "Road signs", ("CNNs", "Dropout")),
    ]
    assert verified.valid_from == ISSUED.replace(microsecond=0)
    assert verified.valid_until == datetime(2029, 3, 31, 12, 0, 30, tzinfo=UTC)
    assert verified.key == key.public
    assert verified.fetched_securely


def test_its_header_holds_what_the_standard_allows_and_no_more(token, key):
    header = decode(token.split(".")[0])

    assert header == {
        "alg": "RS256",
        "typ": "JWT",
        "kid": key_url(key),
        "jwk": {"kty": "RSA", "n": key.public.n, "e": "AQAB"},
    }


def test_its_claims_repeat_the_credential(token, credential):
    claims = decode(token.split(".")[1])

    assert claims == credential | {
        "iss": f"{ORIGIN}/issuer",
        "jti": PAGE,
        "sub": f"{PAGE}#holder",
        "nbf": 1774958430,
        "exp": 1869652830,
    }


def test_it_says_whether_an_address_is_the_holder_s(token, find_key):
    verified = verify(token, find_key, now=NOW)

    assert verified.belongs_to(" alice@EXAMPLE.org")
    assert not verified.belongs_to("bob@example.org")


# Time -----------------------------------------------------------------------------------------


def test_it_is_valid_from_its_first_second(token, find_key):
    first = ISSUED.replace(microsecond=0)

    assert verify(token, find_key, now=first).valid_from == first
    with pytest.raises(NotYetValid) as early:
        verify(token, find_key, now=first - timedelta(microseconds=1))
    assert early.value.verified.holder_name == "Alice Example 艾丽丝"


def test_it_expires_to_the_second(token, find_key):
    end = datetime(2029, 3, 31, 12, 0, 30, tzinfo=UTC)

    assert verify(token, find_key, now=end - timedelta(microseconds=1)).valid_until == end
    with pytest.raises(Expired, match="2029-03-31 12:00 UTC") as late:
        verify(token, find_key, now=end)
    assert late.value.verified.total == 97.5


def test_a_forged_certificate_that_is_also_expired_is_forged(token, forgers_key, find_key):
    forged = resign(token, forgers_key, jwk=decode(token.split(".")[0])["jwk"])

    with pytest.raises(BadSignature):
        verify(forged, find_key, now=NOW + timedelta(days=3650))


def test_a_time_without_a_zone_is_refused(token, find_key):
    with pytest.raises(ValueError, match="naive"):
        verify(token, find_key, now=datetime(2027, 1, 1))  # noqa: DTZ001 - what is tested


# Tampering ------------------------------------------------------------------------------------


@EVERY_EXAMPLE
@given(data=st.data())
def test_any_altered_byte_is_refused(token, find_key, data):
    place = data.draw(st.integers(0, len(token) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda b: b != ord(token[place])))
    altered = token[:place] + chr(byte) + token[place + 1 :]
    if altered.strip() == token:
        return  # cannot happen in the middle; space around it is not part of a token

    with pytest.raises(CredentialError):
        verify(altered, find_key, now=NOW)


def test_no_other_last_character_is_the_same_signature(token, find_key):
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

    for character in alphabet.replace(token[-1], ""):
        with pytest.raises(CredentialError):
            verify(token[:-1] + character, find_key, now=NOW)


@EVERY_EXAMPLE
@given(data=st.data())
def test_a_shorter_or_longer_token_is_refused(token, find_key, data):
    cut = data.draw(st.integers(0, len(token) - 1))
    added = data.draw(st.text("AZaz09-_=.", min_size=1, max_size=4))

    for altered in (token[:cut], token[cut:] if cut else "", token + added):
        with pytest.raises(CredentialError):
            verify(altered, find_key, now=NOW)


@EVERY_EXAMPLE
@given(text=st.text() | st.from_regex(r"[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*"))
def test_anything_else_is_refused_as_unreadable(find_key, text):
    with pytest.raises(Malformed):
        verify(text, find_key, now=NOW)


@EVERY_EXAMPLE
@given(
    header=st.dictionaries(
        st.sampled_from(["alg", "kid", "jwk", "typ", "crit", "b64"]),
        st.sampled_from(["RS256", "JWT", ORIGIN, None, 7, [], {}, ["b64"]]),
    ),
    claims=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.dictionaries(st.sampled_from(["issuer", "id", "type"]), inner),
    ),
)
def test_well_formed_nonsense_is_refused(find_key, header, claims):
    with pytest.raises(CredentialError):
        verify(f"{encode(header)}.{encode(claims)}.AAAA", find_key, now=NOW)


def test_a_better_name_or_mark_needs_a_new_signature(token, find_key):
    header, claims, signature = token.split(".")
    changed = decode(claims)
    changed["credentialSubject"]["result"][0]["value"] = "100"

    with pytest.raises(BadSignature, match="changed"):
        verify(f"{header}.{encode(changed)}.{signature}", find_key, now=NOW)


@pytest.mark.parametrize("name", ["iss", "jti", "nbf", "sub", "exp"])
def test_claims_that_contradict_the_credential_are_refused(token, key, find_key, name):
    claims = decode(token.split(".")[1])
    claims[name] = claims[name] + 1 if isinstance(claims[name], int) else "https://other.example"

    with pytest.raises(Altered, match=name):
        verify(resign(token, key, claims=claims), find_key, now=NOW)


@pytest.mark.parametrize("name", ["iss", "jti", "nbf", "sub", "exp"])
def test_a_missing_claim_is_refused(token, key, find_key, name):
    claims = decode(token.split(".")[1])
    del claims[name]

    with pytest.raises(Altered, match=name):
        verify(resign(token, key, claims=claims), find_key, now=NOW)


def test_a_certificate_without_an_end_stays_valid(token, key, find_key):
    claims = decode(token.split(".")[1])
    del claims["exp"], claims["validUntil"]
    verified = verify(resign(token, key, claims=claims), find_key, now=NOW + timedelta(days=36_500))

    assert verified.valid_until is None


def test_what_breaks_the_rules_of_open_badges_is_refused_though_signed(token, key, find_key):
    claims = decode(token.split(".")[1])
    del claims["credentialSubject"]["achievement"]["criteria"]

    with pytest.raises(Malformed, match="criteria"):
        verify(resign(token, key, claims=claims), find_key, now=NOW)


def test_a_header_that_the_standard_does_not_know_is_refused(token, key, find_key):
    with pytest.raises(Malformed, match="header"):
        verify(resign(token, key, x5u="https://x.example"), find_key, now=NOW)


def test_a_huge_token_is_refused_before_it_is_decoded(find_key):
    with pytest.raises(Malformed):
        verify("A" * 1_000_000 + ".A.A", find_key, now=NOW)


# Algorithms -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["none", "None", "NONE", "nOnE"])
def test_an_unsigned_token_is_refused(token, find_key, name):
    header, claims, signature = token.split(".")
    unsigned = encode(decode(header) | {"alg": name})

    with pytest.raises(WrongAlgorithm, match=name):
        verify(f"{unsigned}.{claims}.{signature}", find_key, now=NOW)
    with pytest.raises(CredentialError):
        verify(f"{unsigned}.{claims}.", find_key, now=NOW)


@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
def test_the_public_key_is_no_secret_to_sign_with(token, key, find_key, digest):
    header, claims, _ = token.split(".")
    header = encode(decode(header) | {"alg": f"HS{digest[3:]}"})
    for secret in (
        key.native.as_pem(private=False),
        key.native.as_der(private=False),
        json.dumps(key.public.jwk).encode(),
    ):
        code = hmac.new(secret, f"{header}.{claims}".encode(), getattr(hashlib, digest))
        with pytest.raises(WrongAlgorithm, match="HS"):
            verify(f"{header}.{claims}.{encode(code.digest())}", find_key, now=NOW)


@pytest.mark.parametrize("name", ["RS384", "RS512", "PS256", "ES256", "EdDSA", "rs256", "", None])
def test_only_rs256_is_trusted(token, find_key, name):
    header, claims, signature = token.split(".")

    with pytest.raises(WrongAlgorithm):
        verify(f"{encode(decode(header) | {'alg': name})}.{claims}.{signature}", find_key, now=NOW)


# Keys -----------------------------------------------------------------------------------------


def test_the_key_is_fetched_from_the_issuer(token, key):
    asked = []

    def fetch(url: str) -> object:
        asked.append(url)
        return key.public.published_jwk

    verified = verify(token, published_key(fetch), now=NOW)

    assert asked == [f"{ORIGIN}/keys/{key.public.kid}"]
    assert verified.key == key.public


@pytest.mark.parametrize(
    "address",
    [
        "https://forger.example/keys/",
        "http://exam.example.org/keys/",  # another scheme
        "https://exam.example.org:8443/keys/",  # another port
        "https://exam.example.org.forger.example/keys/",
        "https://exam.example.org@forger.example/keys/",
        "https://forger.example\\@exam.example.org/keys/",
        "https://sub.exam.example.org/keys/",
        "//exam.example.org/keys/",
        "file:///etc/keys/",
        "data:application/json,",
        "/keys/",
        "did:web:exam.example.org#",
    ],
)
def test_a_key_at_another_address_is_never_fetched(token, key, address):
    def fetch(url: str) -> object:
        pytest.fail(f"{url} was fetched")

    with pytest.raises(ForeignKey):
        verify(resign(token, key, kid=f"{address}{key.public.kid}"), published_key(fetch), now=NOW)


def test_the_usual_port_is_the_same_address(token, key):
    explicit = resign(token, key, kid=f"https://EXAM.example.org:443/keys/{key.public.kid}")

    assert verify(explicit, published_key(lambda _: key.public.jwk), now=NOW).id == PAGE


def test_a_forger_s_own_key_in_the_token_proves_nothing(token, forgers_key, key):
    """The forger signs with their key, puts it into the token and names the issuer's key."""
    forged = resign(token, forgers_key)

    with pytest.raises(UnknownKey):
        verify(forged, published_key(lambda _: key.public.published_jwk), now=NOW)
    with pytest.raises(UnknownKey):
        verify(forged, held_key(key.public), now=NOW)


def test_a_key_that_the_issuer_does_not_have_is_unknown(token, forgers_key):
    forged = resign(token, forgers_key, kid=key_url(forgers_key))

    with pytest.raises(UnknownKey, match=forgers_key.public.kid):
        verify(forged, published_key(lambda _: None), now=NOW)


def test_the_key_must_be_the_one_that_its_address_names(token, forgers_key):
    """Whoever can make the server answer with another document gains nothing."""
    with pytest.raises(UnknownKey):
        verify(token, published_key(lambda _: forgers_key.public.published_jwk), now=NOW)


def test_an_issuer_that_does_not_answer_leaves_it_open(token):
    def fetch(url: str) -> object:
        raise IssuerUnreachable(url=url, detail="timed out")

    with pytest.raises(IssuerUnreachable, match="timed out"):
        verify(token, published_key(fetch), now=NOW)


def test_offline_another_key_in_hand_does_not_do(token, forgers_key):
    with pytest.raises(UnknownKey):
        verify(token, held_key(forgers_key.public), now=NOW)


def test_of_several_keys_in_hand_the_right_one_is_taken(token, key, forgers_key):
    assert verify(token, held_key(forgers_key.public, key.public), now=NOW).key == key.public


def test_the_key_inside_the_token_may_be_left_out(token, key, find_key):
    header, claims, _ = token.split(".")
    bare = {name: value for name, value in decode(header).items() if name != "jwk"}
    shorter = jwt.encode(bare, decode(claims), key.native, registry=REGISTRY)

    assert verify(shorter, find_key, now=NOW).id == PAGE


@pytest.mark.parametrize(
    "change",
    [
        {"kty": "oct", "k": "c2VjcmV0"},
        {"kty": "EC"},
        {"n": "AQAB"},
        {"n": ""},
        {"n": 7},
        {"n": "A" * 5000},
        {"n": "????"},
        {"e": "AQ"},
        {"e": ""},
        {"d": "AQAB"},
        {"use": "enc"},
        {"alg": "PS256"},
    ],
)
def test_a_useless_key_is_refused(token, key, change):
    with pytest.raises(UnusableKey):
        verify(token, published_key(lambda _: key.public.published_jwk | change), now=NOW)


@pytest.mark.parametrize("answer", ["", 7, [], {}, {"keys": []}, True])
def test_what_is_no_key_is_refused(token, answer):
    with pytest.raises(UnusableKey):
        verify(token, published_key(lambda _: answer), now=NOW)


def test_a_key_is_known_by_its_thumbprint(key):
    """RFC 7638, section 3: SHA-256 over the required members in lexicographic order."""
    members = json.dumps(
        {"e": key.public.e, "kty": "RSA", "n": key.public.n}, separators=(",", ":")
    )

    assert key.public.kid == encode(hashlib.sha256(members.encode()).digest())


def test_the_thumbprint_is_the_one_of_the_rfc_s_example():
    jwk = {
        "kty": "RSA",
        "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tS"
        "oc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQ"
        "R0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTW"
        "hAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
        "e": "AQAB",
        "alg": "RS256",
        "kid": "2011-04-29",
    }

    assert PublicKey.from_jwk(jwk).kid == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


def test_nothing_secret_is_published(key):
    assert key.public.published_jwk.keys() == {"kty", "n", "e", "kid", "alg", "use"}
