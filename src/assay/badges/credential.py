"""Build the contents of a certificate.

References:
    Open Badges 3.0: https://www.imsglobal.org/spec/ob/v3p0/
    W3C Verifiable Credentials Data Model 2.0: https://www.w3.org/TR/vc-data-model-2.0/

Only terms that the two contexts define are used: JSON-LD processors silently
drop all others, and what is dropped is not what was shown.
"""

from __future__ import annotations

import calendar
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from assay.wire import TOP_POINTS

CONTEXT = [
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
]

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Issuer:
    """The certifying body."""

    id: str  # URL; the origin of its keys
    name: str
    url: str  # its home page


@dataclass(frozen=True, kw_only=True)
class Slot:
    """One place of the exam."""

    name: str  # Category1 …
    title: str
    weight: int  # per cent of the total


@dataclass(frozen=True, kw_only=True)
class Achievement:
    """What the certificate is about: passing an exam."""

    id: str  # URL
    name: str
    description: str
    criteria: str  # what had to be done, in Markdown
    pass_mark: float  # per cent of the weighted total
    slots: tuple[Slot, ...]
    skills: tuple[str, ...]  # what the exam asks for, in words


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Who earned it."""

    name: str  # as on the identity document
    email: str  # only its salted hash goes into the certificate
    salt: str  # random, fresh for each certificate


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What was reached in one slot."""

    slot: str  # name of the slot
    points: int  # 0 to 5
    item: str  # title of the item that was drawn
    skills: tuple[str, ...] = ()  # that the item asks for, in words


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What was reached in the exam."""

    total: float  # per cent, weighted
    marks: tuple[Mark, ...]


def add_months(moment: datetime, months: int) -> datetime:
    """Return the same day and time `months` calendar months later.

    A day that the month does not have becomes the month's last: 29 February plus
    36 months is 28 February.

    Raises:
        ValueError: If `moment` has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("an aware datetime was expected, received a naive one")
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    month += 1
    day = min(moment.day, calendar.monthrange(year, month)[1])
    return moment.replace(year=year, month=month, day=day)


def hash_email(email: str, salt: str) -> str:
    """Return the identity hash of an e-mail address.

    The address is trimmed and lower-cased first, so that the holder's own way of
    writing it does not matter.

    Returns:
        `sha256$` and the hexadecimal SHA-256 of address and salt, as Open Badges
        defines an `IdentityHash`.
    """
    digest = hashlib.sha256((email.strip().lower() + salt).encode()).hexdigest()
    return f"sha256${digest}"


def timestamp(moment: datetime) -> str:
    """Return `moment` in UTC, to the second, as XML Schema's `dateTimeStamp`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def issuer_json(issuer: Issuer) -> Json:
    """Return the issuer as an Open Badges `Profile`."""
    return {"id": issuer.id, "type": ["Profile"], "name": issuer.name, "url": issuer.url}


def achievement_json(achievement: Achievement) -> Json:
    """Return the achievement as an Open Badges `Achievement`."""
    return {
        "id": achievement.id,
        "type": ["Achievement"],
        "achievementType": "Certification",
        "name": achievement.name,
        "description": achievement.description,
        "criteria": {"id": achievement.id, "narrative": achievement.criteria},
        "tag": list(achievement.skills),
        "resultDescription": [
            {
                "id": _result_id(achievement, "total"),
                "type": ["ResultDescription"],
                "name": "Weighted total",
                "resultType": "Percent",
                "requiredValue": _number(achievement.pass_mark),
                "valueMin": "0",
                "valueMax": "100",
            },
            *(
                {
                    "id": _result_id(achievement, slot.name),
                    "type": ["ResultDescription"],
                    "name": f"{slot.title} ({slot.weight} %)",
                    "resultType": "RawScore",
                    "valueMin": "0",
                    "valueMax": str(TOP_POINTS),
                }
                for slot in achievement.slots
            ),
        ],
    }


def _result_id(achievement: Achievement, part: str) -> str:
    return f"{achievement.id}#{part}"


def _result_json(achievement: Achievement, outcome: Outcome) -> list[Json]:
    total = {
        "type": ["Result"],
        "resultDescription": _result_id(achievement, "total"),
        "status": "Completed",
        "value": _number(outcome.total),
    }
    marks = [
        {
            "type": ["Result"],
            "resultDescription": _result_id(achievement, mark.slot),
            "status": "Completed",
            "value": str(mark.points),
            "alignment": [
                {
                    "type": ["Alignment"],
                    "targetName": mark.item,
                    "targetUrl": _result_id(achievement, mark.slot),
                    **({"targetDescription": "; ".join(mark.skills)} if mark.skills else {}),
                }
            ],
        }
        for mark in outcome.marks
    ]
    return [total, *marks]


def build_credential(
    *,
    id: str,  # noqa: A002 - the standard's own name for it
    number: str,
    issuer: Issuer,
    achievement: Achievement,
    holder: Holder,
    outcome: Outcome,
    issued_at: datetime,
    valid_months: int,
) -> Json:
    """Build an Open Badges 3.0 credential, not yet signed.

    Args:
        id: URL of the certificate's page.
        number: The certificate's number, for forms that ask for one.
        issuer: Who issues it.
        achievement: The exam that was passed.
        holder: Who passed it.
        outcome: What was reached.
        issued_at: Start of the validity; parts of a second are dropped.
        valid_months: Calendar months that it is valid.

    Returns:
        JSON of an `OpenBadgeCredential`.

    Raises:
        ValueError: If `issued_at` has no time zone.
    """
    until = add_months(issued_at, valid_months)
    return {
        "@context": CONTEXT,
        "id": id,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": achievement.name,
        "issuer": issuer_json(issuer),
        "validFrom": timestamp(issued_at),
        "validUntil": timestamp(until),
        "credentialSubject": {
            # Different for each certificate, so that nobody is followed from one to the next.
            "id": f"{id}#holder",
            "type": ["AchievementSubject"],
            "identifier": [
                {
                    "type": "IdentityObject",
                    "hashed": False,
                    "identityHash": holder.name,
                    "identityType": "name",
                },
                {
                    "type": "IdentityObject",
                    "hashed": True,
                    "identityHash": hash_email(holder.email, holder.salt),
                    "identityType": "emailAddress",
                    "salt": holder.salt,
                },
            ],
            "licenseNumber": number,
            "achievement": achievement_json(achievement),
            "result": _result_json(achievement, outcome),
        },
    }
