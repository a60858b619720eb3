"""Check a certificate. How far to trust the answer: see the package's docstring."""

from __future__ import annotations

import hmac
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError

from assay.badges.credential import hash_email
from assay.badges.failures import BadSignature, Expired, NotYetValid, UnknownKey
from assay.badges.keys import KeyFinder, PublicKey
from assay.badges.token import REGISTRY, Unverified, moment, read_token


@dataclass(frozen=True, kw_only=True)
class VerifiedMark:
    """One line of the result."""

    slot: str  # Category1 …, from the end of the description's id
    name: str  # as the achievement describes it
    value: str
    value_max: str | None
    item: str | None  # what was drawn for the slot
    skills: tuple[str, ...]  # that it asks for


@dataclass(frozen=True, kw_only=True)
class Verified:
    """What a certificate says, with a signature that holds."""

    id: str  # URL of its page
    number: str | None
    issuer_id: str  # URL; whoever runs its server signed this
    issuer_name: str  # as the issuer calls itself
    achievement_id: str  # URL
    achievement_name: str
    holder_name: str | None  # None if the certificate names nobody
    total: float | None  # per cent
    pass_mark: float | None  # per cent
    marks: tuple[VerifiedMark, ...]
    valid_from: datetime  # aware, UTC
    valid_until: datetime | None  # aware, UTC; None: for ever
    key: PublicKey  # that the signature was checked with
    credential: Mapping[str, Any]  # all of it

    @property
    def fetched_securely(self) -> bool:
        """Whether the issuer's address vouches for the key (https)."""
        return self.issuer_id.startswith("https://")

    def belongs_to(self, email: str) -> bool:
        """Return whether the certificate was issued to this e-mail address."""
        for identity in self.credential["credentialSubject"].get("identifier", []):
            if identity["identityType"] == "emailAddress" and identity["hashed"]:
                wanted = hash_email(email, identity.get("salt", ""))
                if hmac.compare_digest(wanted, identity["identityHash"].lower()):
                    return True
        return False


def verify(token: str, find_key: KeyFinder, *, now: datetime) -> Verified:
    """Check a certificate.

    Args:
        token: The certificate as a compact JSON Web Token.
        find_key: Where the issuer's key comes from: `published_key` or `held_key`.
        now: Aware; the time at which it must be valid.

    Returns:
        What the certificate says.

    Raises:
        Malformed: If it cannot be read as a certificate.
        WrongAlgorithm: If it is signed with anything but RS256.
        Altered: If the parts of the token contradict each other.
        ForeignKey: If it names a key that is not at its issuer's address.
        UnknownKey: If the issuer has no such key.
        UnusableKey: If the key is not fit for use.
        BadSignature: If the signature does not fit the contents.
        Expired: If the signature is right and it is too late.
        NotYetValid: If the signature is right and it is too early.
        IssuerUnreachable: If the key could not be got.
    """
    if now.tzinfo is None:
        raise ValueError("an aware datetime was expected, received a naive one")
    read = read_token(token.strip())
    issuer = str(read.credential["issuer"]["id"])
    key = find_key(issuer=issuer, key_url=read.key_url)
    if read.jwk is not None and PublicKey.from_jwk(read.jwk).kid != key.kid:
        # Whoever relies on the key inside the token would check with another one.
        raise UnknownKey(issuer=issuer, kid=PublicKey.from_jwk(read.jwk).kid)
    try:
        jws.deserialize_compact(read.text, key.native, registry=REGISTRY)
    except (JoseError, ValueError) as error:
        raise BadSignature(issuer=issuer) from error
    verified = _verified(read, key)
    if now < verified.valid_from:
        raise NotYetValid(verified, valid_from=f"{verified.valid_from:%Y-%m-%d %H:%M} UTC")
    if verified.valid_until is not None and now >= verified.valid_until:
        raise Expired(verified, valid_until=f"{verified.valid_until:%Y-%m-%d %H:%M} UTC")
    return verified


def _number(text: object) -> float | None:
    try:
        number = float(str(text))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _verified(read: Unverified, key: PublicKey) -> Verified:
    credential = read.credential
    subject = credential["credentialSubject"]
    achievement = subject["achievement"]
    descriptions = {each["id"]: each for each in achievement.get("resultDescription", [])}
    total = pass_mark = None
    marks = []
    for result in subject.get("result", []):
        description = descriptions.get(result.get("resultDescription"), {})
        if description.get("resultType") == "Percent" and total is None:
            total = _number(result.get("value"))
            pass_mark = _number(description.get("requiredValue"))
        elif "value" in result:
            marks.append(_mark(result, description))
    names = [
        identity["identityHash"]
        for identity in subject.get("identifier", [])
        if identity["identityType"] == "name" and not identity["hashed"]
    ]
    until = credential.get("validUntil")
    return Verified(
        id=credential["id"],
        number=subject.get("licenseNumber"),
        issuer_id=credential["issuer"]["id"],
        issuer_name=credential["issuer"].get("name", credential["issuer"]["id"]),
        achievement_id=achievement["id"],
        achievement_name=achievement["name"],
        holder_name=names[0] if names else None,
        total=total,
        pass_mark=pass_mark,
        marks=tuple(marks),
        valid_from=moment(credential["validFrom"]),
        valid_until=moment(until) if until else None,
        key=key,
        credential=credential,
    )


def _mark(result: dict[str, Any], description: dict[str, Any]) -> VerifiedMark:
    alignments = result.get("alignment") or [{}]
    skills = alignments[0].get("targetDescription")
    return VerifiedMark(
        slot=str(result.get("resultDescription", "")).rpartition("#")[2],
        name=description.get("name", ""),
        value=result["value"],
        value_max=description.get("valueMax"),
        item=alignments[0].get("targetName"),
        skills=tuple(skills.split("; ")) if skills else (),
    )
