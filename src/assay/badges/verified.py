"""What a certificate says whose signature holds, be it valid now or not."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assay.badges.credential import hash_email
from assay.badges.failures import Distrust
from assay.badges.keys import PublicKey
from assay.messages import N_


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


class OutOfTime(Distrust):
    """The signature is right, but now is outside the time of validity."""

    code = "credential_out_of_time"

    def __init__(self, verified: Verified, /, **params: str | float | None) -> None:
        self.verified = verified  # what the certificate says, with a signature that holds
        super().__init__(**params)


class Expired(OutOfTime):
    """The certificate is no longer valid."""

    code = "credential_expired"
    message = N_("The certificate is genuine, but it was valid only until {valid_until}.")
    remedy = N_("Ask whether there is a newer one. Renewing means sitting the exam again.")


class NotYetValid(OutOfTime):
    """The certificate is not valid yet."""

    code = "credential_not_yet_valid"
    message = N_("The certificate is genuine, but it is valid only from {valid_from}.")
    remedy = N_("Check this machine's clock; if it is right, try again after that date.")
