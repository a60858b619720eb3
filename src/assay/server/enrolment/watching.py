"""What this app watches of others: a candidate's name, and that an account is deleted."""

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
    if created or not (update_fields is None or {"name", "erased_at"} & set(update_fields)):
        return
    if instance.erased_at is not None:
        identity.forget(instance, timezone.now())
    else:
        identity.name_changed(instance, timezone.now())
