"""Check a certificate. How far to trust the answer: see the package's docstring."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError

from assay.badges.failures import BadSignature, UnknownKey
from assay.badges.keys import KeyFinder, PublicKey
from assay.badges.token import REGISTRY, Unverified, moment, read_token
from assay.badges.verified import Expired, NotYetValid, Verified, VerifiedMark


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
