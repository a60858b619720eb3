"""Finding submissions, for staff."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from assay.server.submissions.models import Submission
from assay.wire import SubmissionState

_SHORTEST_DIGEST = 8  # characters of a SHA-256 that are looked for


def search(*, words: str = "", item: str = "", state: str = "") -> QuerySet[Submission]:
    """Return the submissions that fit, the latest first.

    Args:
        words: The number of a submission or a sitting, the beginning of a SHA-256, or
            parts of the candidate's name or address, or of a file's name.
        item: An item's key.
        state: A `SubmissionState`; anything else finds nothing, the empty word everything.
    """
    found = Submission.objects.select_related("task__sitting__registration__candidate")
    for word in words.replace("\0", "").split():
        found = found.filter(_fits(word))
    if item:
        found = found.filter(task__item=item)
    if state:
        found = found.filter(state=state) if state in {*SubmissionState} else found.none()
    return found.order_by("-arrived_at", "id")


def _fits(word: str) -> Q:
    try:
        number = UUID(word)
    except ValueError:
        pass
    else:
        return Q(id=number) | Q(task__sitting_id=number)
    candidate = "task__sitting__registration__candidate__"
    fits = (
        Q(**{f"{candidate}email__icontains": word})
        | Q(**{f"{candidate}name__icontains": word})
        | Q(file_name__icontains=word)
    )
    if len(word) >= _SHORTEST_DIGEST:
        fits |= Q(sha256__startswith=word.lower())
    return fits
