"""The forms in which a certificate travels: a bare token, or JSON with the token inside."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from assay.badges.failures import Altered, Malformed
from assay.badges.token import MOST_CHARACTERS, read_token

PROOF_TYPE = "JwtProof2020"  # the customary name for "the proof is this token"
_ENVELOPES = ("data:application/vc+jwt,", "data:application/vc-ld+jwt,")


@dataclass(frozen=True, kw_only=True)
class Document:
    """A certificate as it was handed over. Nothing of it is trusted yet."""

    token: str
    readable: dict[str, Any] | None  # what stood beside the token for people to read


def wrap(token: str) -> dict[str, Any]:
    """Return a token as JSON that people and validators can read.

    The credential stands in the clear; its proof is the token itself.
    """
    credential = read_token(token).credential
    return credential | {"proof": [{"type": PROOF_TYPE, "jwt": token}]}


def open_document(text: str) -> Document:
    """Find the token in what somebody handed over.

    Args:
        text: A token; a credential with the token as its proof (`wrap`); or a W3C
            `EnvelopedVerifiableCredential`.

    Raises:
        Malformed: If there is no token in it.
        Altered: If what can be read beside the token is not what was signed.
    """
    text = text.strip().removeprefix("\ufeff")
    if len(text) > 3 * MOST_CHARACTERS:
        raise Malformed(detail="JSON")
    if not text.startswith("{"):
        return Document(token=text, readable=None)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Malformed(detail="JSON") from error
    for envelope in _ENVELOPES:
        if str(value.get("id", "")).startswith(envelope):
            return Document(token=str(value["id"]).removeprefix(envelope), readable=None)
    token = _proof(value)
    readable = {name: part for name, part in value.items() if name != "proof"}
    signed = read_token(token).credential
    for name in sorted(readable.keys() | signed.keys()):
        if readable.get(name) != signed.get(name):
            raise Altered(field=name)
    return Document(token=token, readable=readable)


def _proof(value: dict[str, Any]) -> str:
    proofs = value.get("proof")
    for proof in proofs if isinstance(proofs, list) else [proofs]:
        if isinstance(proof, dict) and isinstance(proof.get("jwt"), str):
            return str(proof["jwt"])
    raise Malformed(detail="proof")
