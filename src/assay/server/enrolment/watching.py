"""What this app watches of others: a candidate's name, which a document vouches for."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models.signals import post_save
from django.utils import timezone

from assay.server.accounts.models import User
from assay.server.enrolment.services import identity


def begin() -> None:
    """Watch from now on."""
    post_save.connect(_saved, sender=User, dispatch_uid="enrolment.watching")


def _saved(
    instance: User, *, created: bool, update_fields: Collection[str] | None = None, **_: Any
) -> None:
    if not created and (update_fields is None or "name" in update_fields):
        identity.name_changed(instance, timezone.now())
