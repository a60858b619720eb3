"""Alice passes the small exam, and her certificate is issued."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest


@pytest.fixture
def close(now: datetime) -> Callable[..., Any]:
    """End a sitting and close it: `close(sitting)`."""
    from assay.server.exams.models import Sitting  # noqa: PLC0415
    from assay.server.exams.services import sittings  # noqa: PLC0415
    from assay.server.submissions.services.closing import close_if_due  # noqa: PLC0415

    def act(sitting: Any, at: datetime = now + timedelta(minutes=30)) -> Any:
        sittings.end(sitting.pk, at)
        assert close_if_due(sitting.pk, at)
        return Sitting.objects.get(pk=sitting.pk)

    return act


@pytest.fixture
def sit(
    running_sitting: Callable[..., Any], mark: Callable[..., Any], close: Callable[..., Any]
) -> Callable[..., Any]:
    """Sit the small exam from start to end: `sit(alice, 5, 4)`."""

    def act(candidate: Any, *points: int, exam: str = "small") -> Any:
        sitting = running_sitting(candidate, exam)
        for number, each in enumerate(points, start=1):
            mark(sitting, f"Category{number}", points=each)
        return close(sitting)

    return act


@pytest.fixture
def credential(sit: Callable[..., Any], alice: Any) -> Any:
    """Alice's certificate."""
    return sit(alice, 5, 5).credential
