"""Check a certificate on this server: its own, or one that somebody hands over.

Only certificates of this server are checked here. Those of others would have to be
fetched from wherever their text says, and a server must not go where strangers
send it; `assay verify` does that on the reader's own machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings

from assay import badges
from assay.errors import AssayError, CredentialError
from assay.messages import N_
from assay.server.credentials.issuing import published_keys
from assay.server.credentials.models import Credential


class State(StrEnum):
    """What the check found."""

    VALID = "valid"
    REVOKED = "revoked"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    INVALID = "invalid"


class Revoked(CredentialError):
    """The issuer took it back."""

    code = "credential_revoked"
    message = N_("The certificate is genuine, but it was revoked on {revoked_at}.")
    remedy = N_("Do not rely on it. The issuer can say why.")


class IssuedElsewhere(CredentialError):
    """It is another server's certificate."""

    code = "credential_issued_elsewhere"
    message = N_("This certificate was not issued here, but says that {issuer} issued it.")
    remedy = N_("Check it on your own machine: assay verify FILE")


class NoSuchCertificate(CredentialError):
    """There is no certificate with this number."""

    code = "credential_not_found"
    message = N_("There is no certificate with this number here.")
    remedy = N_("Check the address for missing characters, or ask its holder for it.")


@dataclass(frozen=True, kw_only=True)
class Check:
    """A certificate and what the check of it found."""

    state: State
    checked_at: datetime
    verified: badges.Verified | None  # what it says; None if it cannot be trusted
    problem: AssayError | None  # None if it is valid
    credential: Credential | None  # its row; None if there is none

    @property
    def is_genuine(self) -> bool:
        """Whether the signature holds, whatever the time."""
        return self.verified is not None


def check_token(token: str, now: datetime) -> Check:
    """Check a token with the keys of this server."""
    try:
        verified = badges.verify(token, badges.held_key(*published_keys()), now=now)
    except badges.OutOfTime as error:
        state = State.EXPIRED if isinstance(error, badges.Expired) else State.NOT_YET_VALID
        return _revocation(error.verified, state, error, now)
    except badges.UnknownKey as error:
        named = str(error.params["issuer"])
        ours = badges.origin_of(named) == badges.origin_of(settings.URL)
        return _refused(error if ours else IssuedElsewhere(issuer=named), now)
    except CredentialError as error:
        return _refused(error, now)
    return _revocation(verified, State.VALID, None, now)


def check_credential(credential: Credential, now: datetime) -> Check:
    """Check the certificate of a row; the row itself is not believed."""
    check = check_token(credential.jwt, now)
    if check.verified is not None and check.verified.number != str(credential.id):
        return _refused(badges.Altered(field="id"), now)
    return check


def find(text: str, now: datetime) -> Check:
    """Check what somebody pasted: a number, an address, a token or JSON with a token."""
    text = text.strip()
    try:
        number = _number_in(text)
        if number is not None:
            credential = Credential.objects.filter(id=number).first()
            return (
                check_credential(credential, now)
                if credential
                else _refused(NoSuchCertificate(), now)
            )
        return check_token(badges.open_document(text).token, now)
    except CredentialError as error:
        return _refused(error, now)


def _number_in(text: str) -> UUID | None:
    """Return the certificate's number if `text` is one, or an address on this server."""
    if text.startswith(("http://", "https://")):
        if badges.origin_of(text) != badges.origin_of(settings.URL):
            raise IssuedElsewhere(issuer=text[:200])
        text = urlsplit(text).path.rstrip("/").rpartition("/")[2].partition(".")[0]
        try:
            return UUID(text)
        except ValueError:
            raise NoSuchCertificate from None
    try:
        return UUID(text)
    except ValueError:
        return None


def _refused(problem: AssayError, now: datetime) -> Check:
    return Check(
        state=State.INVALID, checked_at=now, verified=None, problem=problem, credential=None
    )


def _revocation(
    verified: badges.Verified, state: State, problem: AssayError | None, now: datetime
) -> Check:
    """Return the outcome for a genuine certificate, which may have been revoked since."""
    number = _as_uuid(verified.number)
    rows = Credential.objects.select_related("sitting__registration")
    credential = rows.filter(id=number).first() if number else None
    if credential is not None and credential.revoked_at is not None:
        state = State.REVOKED
        problem = Revoked(revoked_at=f"{credential.revoked_at:%Y-%m-%d}")
    return Check(
        state=state, checked_at=now, verified=verified, problem=problem, credential=credential
    )


def _as_uuid(number: str | None) -> UUID | None:
    try:
        return UUID(number or "")
    except ValueError:
        return None
