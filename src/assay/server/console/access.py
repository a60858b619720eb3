"""Whose page it is: a stranger is sent to sign in, another candidate finds nothing."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest

from assay.errors import NotFound
from assay.server.accounts.models import User
from assay.server.exams.models import DrawnTask, Registration, Sitting
from assay.server.exams.services import sittings
from assay.server.exams.services.registrations import registration_of
from assay.server.exams.services.sittings import sitting_by_id
from assay.server.submissions.models import Submission
from assay.server.submissions.services import receiving


def candidate_of(request: HttpRequest) -> User:
    """Return who is signed in; for views that ask for it."""
    assert isinstance(request.user, User)
    return request.user


def own_registration(candidate: User, registration_id: UUID) -> Registration:
    """Return a registration of the candidate's, or answer that there is none."""
    try:
        return registration_of(candidate, registration_id)
    except NotFound as error:
        raise Http404 from error


def own_sitting(candidate: User, sitting_id: UUID) -> Sitting:
    """Return a sitting of the candidate's, or answer that there is none."""
    try:
        return sitting_by_id(candidate, sitting_id)
    except NotFound as error:
        raise Http404 from error


def task_in(sitting: Sitting, slot: str) -> DrawnTask:
    """Return the task in a slot, or answer that there is none."""
    try:
        return sittings.task_of(sitting, slot)
    except NotFound as error:
        raise Http404 from error


def own_submission(candidate: User, sitting: Sitting, slot: str, wanted: UUID) -> Submission:
    """Return a submission in a slot of the sitting, or answer that there is none."""
    try:
        found = receiving.submission_by_id(candidate, wanted)
    except NotFound as error:
        raise Http404 from error
    if found.task.sitting_id != sitting.id or found.task.slot != slot:
        raise Http404
    return found
