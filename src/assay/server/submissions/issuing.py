"""The seam through which a passed sitting earns its credential.

Credentials depend on submissions and not the other way round, so the
credentials app registers itself here when Django starts.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from assay.server.exams.models import Sitting
from assay.wire import CredentialRef


class Issuer(Protocol):
    """What issues credentials for passed sittings."""

    def issue(self, sitting: Sitting, now: datetime) -> None:
        """Issue the credential of a sitting that was passed.

        Called inside the transaction that closes the sitting, so it must be
        quick, and it must do nothing at a second call for the same sitting, except
        that what was revoked is good again.

        Args:
            sitting: Closed and passed; its blueprint says that it certifies.
            now: When it was closed.
        """

    def revoke(self, sitting: Sitting, now: datetime) -> None:
        """Take back the credential of a sitting, if it has one.

        Args:
            sitting: It turned out not to be passed.
            now: When.
        """

    def reference(self, sitting: Sitting) -> CredentialRef | None:
        """Return where the sitting's credential is; None if it has none."""


_registered: list[Issuer] = []


def register(issuer: Issuer) -> None:
    """Make `issuer` the one that issues credentials; the last one registered counts."""
    _registered[:] = [issuer]


def issue(sitting: Sitting, now: datetime) -> None:
    """Have the credential of a passed sitting issued, where something issues credentials."""
    for issuer in _registered:
        issuer.issue(sitting, now)


def revoke(sitting: Sitting, now: datetime) -> None:
    """Take back the credential of a sitting, where something issues credentials."""
    for issuer in _registered:
        issuer.revoke(sitting, now)


def reference(sitting: Sitting) -> CredentialRef | None:
    """Return where the sitting's credential is; None if it has none."""
    return next((issuer.reference(sitting) for issuer in _registered), None)
