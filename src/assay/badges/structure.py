"""Check a credential against the rules of Open Badges 3.0.

The rules are those of the official JSON schema (`ob_v3p0_achievementcredential`)
for the terms that certificates of this kind use, written out so that nothing has
to be downloaded and no schema language is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

_RESULT_TYPES = frozenset(
    [
        "GradePointAverage",
        "LetterGrade",
        "Percent",
        "PerformanceLevel",
        "PredictedScore",
        "RawScore",
        "Result",
        "RubricCriterion",
        "RubricCriterionLevel",
        "RubricScore",
        "ScaledScore",
        "Status",
    ]
)
_STATUSES = frozenset(
    ["Completed", "Enrolled", "Failed", "InProgress", "OnHold", "Provisional", "Withdrew"]
)
_CONTEXTS = (
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context",
)

Rule = Callable[[object, str], Iterator[str]]  # value, path → paths that break the rule


def violations(credential: object) -> list[str]:
    """Return where a credential breaks the rules.

    Args:
        credential: Parsed JSON of an `OpenBadgeCredential`.

    Returns:
        Paths such as `credentialSubject.achievement.name`, in the order of the
        rules; empty if all is well.
    """
    return list(_CREDENTIAL(credential, ""))


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _text(value: object, path: str) -> Iterator[str]:
    if not isinstance(value, str) or not value:
        yield path


def _flag(value: object, path: str) -> Iterator[str]:
    if not isinstance(value, bool):
        yield path


def _uri(value: object, path: str) -> Iterator[str]:
    try:
        right = isinstance(value, str) and bool(urlsplit(value).scheme) and " " not in value
    except ValueError:
        right = False
    if not right:
        yield path


def _moment(value: object, path: str) -> Iterator[str]:
    try:
        moment = datetime.fromisoformat(value if isinstance(value, str) else "")
        right = moment.tzinfo is not None and moment.astimezone(UTC).year > 1
    except (ValueError, OverflowError):
        right = False
    if not right:
        yield path


def _one_of(allowed: frozenset[str]) -> Rule:
    def rule(value: object, path: str) -> Iterator[str]:
        if not isinstance(value, str) or value not in allowed:
            yield path

    return rule


def _type(*needed: str) -> Rule:
    """Return the rule of a `type`: a text or a list of texts that holds all of `needed`."""

    def rule(value: object, path: str) -> Iterator[str]:
        held = value if isinstance(value, list) else [value]
        if not all(name in held for name in needed):
            yield path

    return rule


def _each(rule: Rule) -> Rule:
    """Return the rule of a list whose elements each keep `rule`."""

    def each(value: object, path: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield path
            return
        for index, element in enumerate(value):
            yield from rule(element, f"{path}[{index}]")

    return each


def _object(required: dict[str, Rule], optional: dict[str, Rule] | None = None) -> Rule:
    """Return the rule of an object; terms that it does not name are free."""

    def rule(value: object, path: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield path
            return
        for name, of_term in required.items():
            if name not in value:
                yield _join(path, name)
            else:
                yield from of_term(value[name], _join(path, name))
        for name, of_term in (optional or {}).items():
            if name in value:
                yield from of_term(value[name], _join(path, name))

    return rule


def _context(value: object, path: str) -> Iterator[str]:
    entries = value if isinstance(value, list) else []
    heads = [entry for entry in entries[:2] if isinstance(entry, str)]
    if len(heads) != len(_CONTEXTS) or not all(
        head == wanted or (wanted.endswith("context") and head.startswith(wanted))
        for head, wanted in zip(heads, _CONTEXTS, strict=True)
    ):
        yield path


_PROFILE = _object({"id": _uri, "type": _type("Profile")}, {"name": _text, "url": _uri})
_ALIGNMENT = _object(
    {"type": _type("Alignment"), "targetName": _text, "targetUrl": _uri},
    {"targetDescription": _text},
)
_RESULT = _object(
    {"type": _type("Result")},
    {
        "resultDescription": _uri,
        "status": _one_of(_STATUSES),
        "value": _text,
        "alignment": _each(_ALIGNMENT),
    },
)
_RESULT_DESCRIPTION = _object(
    {
        "id": _uri,
        "type": _type("ResultDescription"),
        "name": _text,
        "resultType": _one_of(_RESULT_TYPES),
    },
    {"requiredValue": _text, "valueMin": _text, "valueMax": _text},
)
_ACHIEVEMENT = _object(
    {
        "id": _uri,
        "type": _type("Achievement"),
        "name": _text,
        "description": _text,
        "criteria": _object({}, {"id": _uri, "narrative": _text}),
    },
    {
        "achievementType": _text,
        "tag": _each(_text),
        "resultDescription": _each(_RESULT_DESCRIPTION),
    },
)
_IDENTITY = _object(
    {
        "type": _type("IdentityObject"),
        "hashed": _flag,
        "identityHash": _text,
        "identityType": _text,
    },
    {"salt": _text},
)
_SUBJECT = _object(
    {"type": _type("AchievementSubject"), "achievement": _ACHIEVEMENT},
    {
        "id": _uri,
        "identifier": _each(_IDENTITY),
        "licenseNumber": _text,
        "result": _each(_RESULT),
    },
)
_CREDENTIAL = _object(
    {
        "@context": _context,
        "id": _uri,
        "type": _type("VerifiableCredential", "OpenBadgeCredential"),
        "issuer": _PROFILE,
        "validFrom": _moment,
        "credentialSubject": _SUBJECT,
    },
    {
        "name": _text,
        "description": _text,
        "validUntil": _moment,
        "proof": _each(_object({"type": _text})),
    },
)
