"""How long candidates wait for a verdict."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.db.models import F

from assay.server.submissions.models import UNFINISHED, Submission
from assay.wire import SubmissionState

WINDOW = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Load:
    """The graders' queue."""

    depth: int  # submissions without a verdict
    graded: int  # got a verdict within the last hour
    median: float | None  # seconds from arrival to verdict; None if there was none
    p95: float | None  # seconds


def percentile(values: Sequence[float], share: float) -> float | None:
    """Return the smallest value that at least `share` of the values do not exceed.

    Args:
        values: In any order.
        share: More than 0, up to 1.

    Returns:
        The value (nearest rank); None of nothing.
    """
    ordered = sorted(values)
    return ordered[math.ceil(share * len(ordered)) - 1] if ordered else None


def load(now: datetime) -> Load:
    """Return how the graders' queue stands at `now`."""
    finished = Submission.objects.filter(
        state__in=[SubmissionState.GRADED.value, SubmissionState.REFUSED.value],
        finished_at__gt=now - WINDOW,
        finished_at__lte=now,
    )
    spans = finished.annotate(span=F("finished_at") - F("arrived_at"))
    waits = [span.total_seconds() for span in spans.values_list("span", flat=True)]
    return Load(
        depth=Submission.objects.filter(state__in=UNFINISHED).count(),
        graded=len(waits),
        median=median(waits) if waits else None,
        p95=percentile(waits, 0.95),
    )
