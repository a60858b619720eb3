"""Chen works for the certifying body, in one role or another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def staff(db: None, now: Any) -> Callable[..., Any]:
    """Make a member of staff: `staff(Role.EXAMINER)`; without a role: `staff()`."""
    from assay.server.accounts.models import User  # noqa: PLC0415
    from assay.server.staff.roles import give  # noqa: PLC0415

    def act(*roles: Any, **fields: Any) -> Any:
        email = "-".join(["chen", *roles]) + "@example.org"
        chen = User.objects.create_user(
            email, name="Chen", language="en", joined_at=now, is_staff=True, **fields
        )
        for role in roles:
            give(chen, role, by=None, now=now)
        return chen

    return act
