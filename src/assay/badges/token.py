"""The signed form of a certificate: a JSON Web Token.

The token's claims are the credential itself plus the registered claims that
repeat it: `iss`, `jti`, `nbf`, `sub` and `exp` (Open Badges 3.0, section 8.2,
"JSON Web Token Proof Format").

References:
    RFC 7515 (JSON Web Signature), RFC 7519 (JSON Web Token).
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from joserfc import jws, jwt

from assay.badges.failures import Altered, Malformed, WrongAlgorithm
from assay.badges.keys import ALGORITHM, SigningKey
from assay.badges.structure import violations

REGISTERED = ("iss", "jti", "nbf", "sub", "exp")
_HEADER = {"alg", "kid", "jwk", "typ"}  # the standard allows no others
MOST_CHARACTERS = 100_000  # of a token; ours have some 6,000
_SEGMENT = re.compile(r"[A-Za-z0-9_-]+\Z")


class Registry(jws.JWSRegistry):
    """The JOSE library's limits, with room for the public key in the header."""

    max_header_length = 4096  # bytes; the library's default is less than one RSA key
    max_signature_length = 2048  # bytes, for keys of up to 8192 bits


REGISTRY = Registry(algorithms=[ALGORITHM])


def _seconds(moment: object) -> int | None:
    try:
        return int(datetime.fromisoformat(str(moment)).timestamp())
    except (ValueError, OverflowError):
        return None


def _claims_of(credential: dict[str, Any]) -> dict[str, Any]:
    """Return the registered claims that belong to `credential`."""
    claims = {
        "iss": credential["issuer"]["id"],
        "jti": credential["id"],
        "nbf": _seconds(credential["validFrom"]),
        "sub": credential["credentialSubject"].get("id"),
    }
    if "validUntil" in credential:
        claims["exp"] = _seconds(credential["validUntil"])
    return claims


def sign(credential: dict[str, Any], key: SigningKey, *, key_url: str) -> str:
    """Sign a credential.

    Args:
        credential: What `build_credential` returns.
        key: The issuer's key.
        key_url: Where the issuer publishes the bare JWK of that key: same origin as
            the issuer's id, and the key's thumbprint as its last part.

    Returns:
        A compact JSON Web Token, signed with RS256.

    Raises:
        ValueError: If the credential breaks the rules of Open Badges, or `key_url`
            does not name the key. That is a mistake in the calling code.
    """
    broken = violations(credential)
    if broken:
        raise ValueError(f"the credential breaks Open Badges 3.0 at {', '.join(broken)}")
    if key_url.rsplit("/", 1)[-1] != key.public.kid:
        raise ValueError(f"key_url must end in the key's thumbprint, received {key_url}")
    header = {"alg": ALGORITHM, "typ": "JWT", "kid": key_url, "jwk": key.public.jwk}
    claims = credential | _claims_of(credential)
    return jwt.encode(header, claims, key.native, registry=REGISTRY)


@dataclass(frozen=True, kw_only=True)
class Unverified:
    """A token that was read and is consistent in itself. Nothing of it is trusted yet."""

    text: str  # the token
    key_url: str  # of the key that is said to have signed it
    jwk: object  # that key, as it was put into the token; None if it was not
    credential: dict[str, Any]


def _decode(segment: str) -> bytes:
    """Decode base64url, but only its one canonical spelling.

    The last character of a segment may carry bits that are ignored. If they could
    be changed, one certificate would have several tokens.
    """
    if not _SEGMENT.match(segment):
        raise Malformed(detail="base64url")
    try:
        data = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    except (binascii.Error, ValueError) as error:
        raise Malformed(detail="base64url") from error
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode() != segment:
        raise Malformed(detail="base64url")
    return data


def _decode_object(segment: str) -> dict[str, Any]:
    data = _decode(segment)
    try:
        value = json.loads(data.decode())
    except (ValueError, RecursionError) as error:
        raise Malformed(detail="JSON") from error
    if not isinstance(value, dict):
        raise Malformed(detail="JSON")
    return value


def read_token(text: str) -> Unverified:
    """Take a token apart and check everything but its signature and its time.

    Raises:
        Malformed: If it is no token, or breaks the rules of Open Badges.
        WrongAlgorithm: If it is signed with anything but RS256.
        Altered: If the registered claims do not agree with the credential.
    """
    parts = text.split(".")
    if len(text) > MOST_CHARACTERS or len(parts) != 3:  # noqa: PLR2004 - header, claims, signature
        raise Malformed(detail="JWT")
    header, claims = _decode_object(parts[0]), _decode_object(parts[1])
    _decode(parts[2])
    if header.get("alg") != ALGORITHM:
        raise WrongAlgorithm(algorithm=str(header.get("alg")))
    key_url = header.get("kid")
    if not header.keys() <= _HEADER or not isinstance(key_url, str):
        raise Malformed(detail="JWT header")
    if header.get("typ", "JWT") != "JWT":
        raise Malformed(detail="JWT header")
    credential = {name: value for name, value in claims.items() if name not in REGISTERED}
    broken = violations(credential)
    if broken:
        raise Malformed(detail=broken[0])
    wanted = _claims_of(credential)
    for name in REGISTERED:
        if claims.get(name) != wanted.get(name):
            raise Altered(field=name)
    return Unverified(text=text, key_url=key_url, jwk=header.get("jwk"), credential=credential)


def moment(value: str) -> datetime:
    """Return a credential's timestamp as an aware datetime in UTC."""
    return datetime.fromisoformat(value).astimezone(UTC)
