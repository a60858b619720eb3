"""Certificates that were issued, and the keys that they can be checked with."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from assay.badges import PublicKey
from assay.server.exams.models import Sitting


class IssuerKey(models.Model):
    """The public half of a key that has signed certificates.

    It stays here when the private half is replaced or lost: what was signed with it
    can always be checked.
    """

    kid = models.CharField(primary_key=True, max_length=43)  # RFC 7638 thumbprint
    jwk = models.JSONField()
    first_used_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.kid

    @property
    def public(self) -> PublicKey:
        """The key, for checking."""
        return PublicKey.from_jwk(self.jwk)


class Credential(models.Model):
    """A certificate as it was issued. The token is never changed."""

    # Random, so that nobody finds a certificate whose address they were not given.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sitting = models.OneToOneField(Sitting, on_delete=models.PROTECT, related_name="credential")
    key = models.ForeignKey(IssuerKey, on_delete=models.PROTECT, related_name="credentials")
    jwt = models.TextField()
    issued_at = models.DateTimeField()
    valid_until = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)  # by staff

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(valid_until__gt=F("issued_at")), name="valid_for_some_time"
            ),
        )

    def __str__(self) -> str:
        return str(self.id)
