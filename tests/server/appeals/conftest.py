"""Alice has sat an exam; Chen is an examiner."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def chen(db: None, now: Any) -> Any:
    """An examiner."""
    from assay.server.accounts.models import User  # noqa: PLC0415
    from assay.server.staff.roles import Role, give  # noqa: PLC0415

    made = User.objects.create_user("chen@example.org", name="Chen", language="en", joined_at=now)
    give(made, Role.EXAMINER, by=None, now=now)
    return made
