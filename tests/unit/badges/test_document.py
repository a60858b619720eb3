"""The forms in which a certificate travels."""

from __future__ import annotations

import json

import pytest
from alices_certificate import NOW, PAGE
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.badges import Altered, Malformed, held_key, open_document, verify, violations, wrap
from assay.errors import CredentialError


def test_a_bare_token_is_a_document(token):
    assert open_document(f"\n {token}\r\n").token == token


def test_json_holds_the_credential_for_reading_and_the_token_as_its_proof(token, credential):
    wrapped = wrap(token)

    assert wrapped == credential | {"proof": [{"type": "JwtProof2020", "jwt": token}]}
    assert violations(wrapped) == []


def test_json_is_opened_again(token, key):
    document = open_document(json.dumps(wrap(token), indent=2, ensure_ascii=False))

    assert verify(document.token, held_key(key.public), now=NOW).id == PAGE


def test_the_envelope_of_the_w3c_is_opened(token):
    envelope = {
        "@context": "https://www.w3.org/ns/credentials/v2",
        "type": "EnvelopedVerifiableCredential",
        "id": f"data:application/vc+jwt,{token}",
    }

    assert open_document(json.dumps(envelope)).token == token


def test_an_improved_name_beside_a_good_token_is_noticed(token):
    wrapped = wrap(token)
    wrapped["credentialSubject"]["identifier"][0]["identityHash"] = "Bob Example"

    with pytest.raises(Altered, match="credentialSubject"):
        open_document(json.dumps(wrapped))


@pytest.mark.parametrize("name", ["validUntil", "issuer", "name"])
def test_whatever_is_left_out_is_noticed(token, name):
    wrapped = wrap(token)
    del wrapped[name]

    with pytest.raises(Altered, match=name):
        open_document(json.dumps(wrapped))


def test_whatever_is_added_is_noticed(token):
    with pytest.raises(Altered, match="honours"):
        open_document(json.dumps(wrap(token) | {"honours": "with distinction"}))


@pytest.mark.parametrize(
    "text",
    ["{", "{}", '{"proof": []}', '{"proof": "x"}', '{"proof": [{"jwt": 7}]}', '{"id": []}'],
)
def test_json_without_a_token_is_refused(text):
    with pytest.raises(Malformed):
        open_document(text)


def test_a_huge_document_is_refused_unread():
    with pytest.raises(Malformed):
        open_document("{" + " " * 1_000_000 + "}")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.text())
def test_any_text_is_either_opened_or_refused(key, text):
    with pytest.raises(CredentialError):
        verify(open_document(text).token, held_key(key.public), now=NOW)
