"""What stands in a certificate."""

from __future__ import annotations

import copy
import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from alices_certificate import PAGE, key_url
from hypothesis import given
from hypothesis import strategies as st

from assay.badges import add_months, hash_email, sign, violations

# The terms that the official schema requires (facts of the standard, not of our code).
REQUIRED = [
    "@context",
    "id",
    "type",
    "credentialSubject",
    "issuer",
    "validFrom",
    "issuer.id",
    "issuer.type",
    "credentialSubject.type",
    "credentialSubject.achievement",
    "credentialSubject.achievement.id",
    "credentialSubject.achievement.type",
    "credentialSubject.achievement.name",
    "credentialSubject.achievement.description",
    "credentialSubject.achievement.criteria",
    "credentialSubject.achievement.resultDescription.0.id",
    "credentialSubject.achievement.resultDescription.0.type",
    "credentialSubject.achievement.resultDescription.0.name",
    "credentialSubject.achievement.resultDescription.0.resultType",
    "credentialSubject.result.0.type",
    "credentialSubject.result.1.alignment.0.type",
    "credentialSubject.result.1.alignment.0.targetName",
    "credentialSubject.result.1.alignment.0.targetUrl",
    "credentialSubject.identifier.1.type",
    "credentialSubject.identifier.1.hashed",
    "credentialSubject.identifier.1.identityHash",
    "credentialSubject.identifier.1.identityType",
]

# Every term that the two contexts define where we use it; others would be dropped silently.
DEFINED = {
    "credential": {
        "@context", "id", "type", "name", "issuer", "validFrom", "validUntil", "credentialSubject",
    },
    "issuer": {"id", "type", "name", "url"},
    "subject": {"id", "type", "identifier", "licenseNumber", "achievement", "result"},
    "achievement": {
        "id", "type", "achievementType", "name", "description", "criteria", "tag",
        "resultDescription",
    },
    "resultDescription": {
        "id", "type", "name", "resultType", "requiredValue", "valueMin", "valueMax",
    },
    "result": {"type", "resultDescription", "status", "value", "alignment"},
    "identifier": {"type", "hashed", "identityHash", "identityType", "salt"},
}  # fmt: skip


def _parent(tree: Any, path: str) -> tuple[Any, Any]:
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    for part in way:
        tree = tree[part]
    return tree, last


def test_it_keeps_every_rule_of_open_badges(credential):
    assert violations(credential) == []


@pytest.mark.parametrize("path", REQUIRED)
def test_the_rules_notice_what_is_missing(credential, path):
    parent, last = _parent(credential, path)
    del parent[last]

    assert violations(credential) != []


@pytest.mark.parametrize("path", REQUIRED)
@pytest.mark.parametrize("nonsense", [None, 7, [], "", ["x", {}]])
def test_the_rules_notice_nonsense(credential, path, nonsense):
    parent, last = _parent(credential, path)
    parent[last] = nonsense

    assert violations(credential) != []


def test_the_rules_want_the_official_words_for_results(credential):
    credential["credentialSubject"]["result"][0]["status"] = "Passed"

    assert violations(credential) == ["credentialSubject.result[0].status"]


def test_a_proof_must_be_a_list(credential):
    credential["proof"] = {"type": "JwtProof2020"}

    assert violations(credential) == ["proof"]


@given(st.recursive(st.none() | st.booleans() | st.text() | st.integers(), st.lists))
def test_the_rules_take_any_value(value):
    assert violations(value) == [""]


def test_it_uses_only_terms_that_its_contexts_define(credential):
    subject = credential["credentialSubject"]
    achievement = subject["achievement"]

    assert credential.keys() <= DEFINED["credential"]
    assert credential["issuer"].keys() <= DEFINED["issuer"]
    assert subject.keys() <= DEFINED["subject"]
    assert achievement.keys() <= DEFINED["achievement"]
    for name, values in (
        ("resultDescription", achievement["resultDescription"]),
        ("result", subject["result"]),
        ("identifier", subject["identifier"]),
    ):
        assert all(value.keys() <= DEFINED[name] for value in values)


def test_each_result_is_described_by_the_achievement(credential):
    subject = credential["credentialSubject"]
    described = [each["id"] for each in subject["achievement"]["resultDescription"]]

    assert [each["resultDescription"] for each in subject["result"]] == described
    assert [each["value"] for each in subject["result"]] == ["97.5", "5", "4"]


def test_the_address_is_in_it_only_as_a_salted_hash(credential):
    identity = credential["credentialSubject"]["identifier"][1]

    assert "alice@example.org" not in json.dumps(credential).lower()
    assert identity["identityHash"] == (
        "sha256$" + hashlib.sha256(b"alice@example.orgpepper").hexdigest()
    )


def test_the_hash_is_the_one_of_the_standard_s_example():
    assert hash_email("a@example.com", "Kosher") == (
        "sha256$b5809d8a92f8858436d7e6b87c12ebc0ae1eac4baecc2c0b913aee2c922ef399"
    )


def test_it_is_valid_for_calendar_months(credential):
    assert credential["validFrom"] == "2026-03-31T12:00:30Z"
    assert credential["validUntil"] == "2029-03-31T12:00:30Z"


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2028-02-29", 36, "2031-02-28"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-06-30", 36, "2029-06-30"),
    ],
)
def test_months_are_counted_by_the_calendar(start, months, end):
    moment = datetime.fromisoformat(f"{start}T23:59:59+00:00")

    assert add_months(moment, months) == datetime.fromisoformat(f"{end}T23:59:59+00:00")


@given(
    st.datetimes(timezones=st.just(UTC)).filter(lambda moment: moment.year < 9980),
    st.integers(0, 120),
)
def test_the_month_is_always_the_one_that_was_meant(moment, months):
    later = add_months(moment, months)

    assert (later.year - moment.year) * 12 + later.month - moment.month == months
    assert later.day <= moment.day
    assert later.timetz() == moment.timetz()


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="naive"):
        add_months(datetime(2026, 1, 1), 1)  # noqa: DTZ001 - what is tested


def test_what_breaks_the_rules_is_never_signed(credential, key):
    broken = copy.deepcopy(credential)
    del broken["credentialSubject"]["achievement"]["criteria"]

    with pytest.raises(ValueError, match=r"credentialSubject\.achievement\.criteria"):
        sign(broken, key, key_url=key_url(key))


def test_a_key_address_must_name_the_key(credential, key, forgers_key):
    with pytest.raises(ValueError, match="thumbprint"):
        sign(credential, key, key_url=key_url(forgers_key))


def test_nobody_is_followed_from_one_certificate_to_the_next(credential):
    assert credential["credentialSubject"]["id"] == f"{PAGE}#holder"
