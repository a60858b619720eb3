"""Taking in a submission: the row and its grading job commit together."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta
from pathlib import PurePosixPath, PureWindowsPath
from uuid import UUID

from django.db import transaction

from assay.grading.refusals import FileTooLarge
from assay.server.accounts.models import User
from assay.server.exams.announcing import announce, sitting_key, submission_key
from assay.server.exams.models import DrawnTask, Sitting
from assay.server.exams.phases import in_time, phase
from assay.server.exams.services.sittings import locked, not_running, reopen, task_of
from assay.server.storage import BlobStore, store
from assay.server.submissions import grader
from assay.server.submissions.errors import SubmissionInProgress, SubmissionNotFound
from assay.server.submissions.models import UNFINISHED, Submission
from assay.server.submissions.services.grading import order
from assay.server.submissions.uploads import ReceivedUpload
from assay.wire import SubmissionState

_NAME_LENGTH = 255


def admitted_bytes(sitting: Sitting, slot: str, now: datetime) -> int:
    """Return how many bytes an upload may have that begins at `now`.

    Raises:
        UnknownSlot: The exam has no such slot.
        NotAllowed: The sitting does not run, and its grace is over too.
    """
    task = task_of(sitting, slot)
    _check_in_time(sitting, now, now)
    return max_bytes(task)


def submission_by_id(candidate: User, submission_id: UUID) -> Submission:
    """Return one submission of a candidate.

    Raises:
        SubmissionNotFound: There is none, or it is somebody else's.
    """
    found = (
        Submission.objects.select_related("task")
        .filter(id=submission_id, task__sitting__registration__candidate=candidate)
        .first()
    )
    if found is None:
        raise SubmissionNotFound
    return found


def max_bytes(task: DrawnTask) -> int:
    """Return how large a model file the task takes."""
    return task.item_yaml.to_limits().file_bytes


def receive(
    sitting_id: UUID,
    slot: str,
    upload: ReceivedUpload,
    now: datetime,
    blobs: BlobStore | None = None,
) -> Submission:
    """Take in a model file that has arrived.

    Equal bytes for the same task get an equal verdict: the same submission while
    it is unfinished, and afterwards a new one with the verdict that is known.

    Args:
        sitting_id: The sitting, whose candidate is asking.
        slot: The slot's name.
        upload: What arrived, and when its last byte did.
        now: The current time.
        blobs: Where the file is kept; the deployment's store by default.

    Returns:
        The submission, queued for grading or final already.

    Raises:
        UnknownSlot: The exam has no such slot.
        NotAllowed: The sitting did not run when the last byte arrived.
        SubmissionInProgress: The slot has an unfinished submission of other bytes.
        FileTooLarge: The file is over the task's limit.
    """
    sitting = Sitting.objects.select_related("registration").get(id=sitting_id)
    task = task_of(sitting, slot)
    if upload.size > max_bytes(task):
        raise FileTooLarge(size=upload.size, limit=max_bytes(task))
    _check_in_time(sitting, upload.arrived_at, now)
    # The file first: a row without its file would be a lost submission, while a file
    # without a row is only a file.
    (blobs or store()).adopt(upload.path, upload.sha256)
    with transaction.atomic():
        sitting = locked(sitting_id)
        _check_in_time(sitting, upload.arrived_at, now)
        if sitting.closed_at is not None:
            reopen(sitting)  # it came in time and was slow to be stored, which is our affair
        return _add(task, upload, now)


def _check_in_time(sitting: Sitting, arrived_at: datetime, now: datetime) -> None:
    grace = timedelta(seconds=sitting.plan.upload_grace_seconds)
    if not in_time(sitting.times, arrived_at, grace):
        raise not_running(sitting, phase(sitting.times, now))


def _add(task: DrawnTask, upload: ReceivedUpload, now: datetime) -> Submission:
    earlier = Submission.objects.filter(task=task)
    unfinished = earlier.filter(state__in=UNFINISHED).first()
    if unfinished is not None:
        if unfinished.sha256 == upload.sha256:
            return unfinished
        raise SubmissionInProgress(
            slot=task.slot, number=unfinished.number, file_name=unfinished.file_name
        )
    submission = Submission(
        task=task,
        number=earlier.count() + 1,
        file_name=_tidy(upload.file_name),
        sha256=upload.sha256,
        size=upload.size,
        began_at=upload.began_at,
        arrived_at=upload.arrived_at,
        queued_at=now,
    )
    known = earlier.filter(
        sha256=upload.sha256,
        grader_version=grader.version(),
        state__in=[SubmissionState.GRADED, SubmissionState.REFUSED],
    ).first()
    if known is not None:
        for field in (
            "state", "grader_version", "points", "metric_value", "refusal_code", "refusal_params"
        ):  # fmt: skip
            setattr(submission, field, getattr(known, field))
        submission.finished_at = now
    submission.save(force_insert=True)
    if known is None:
        order(submission)
    announce(submission_key(submission.id), sitting_key(task.sitting_id))
    return submission


def _tidy(name: str) -> str:
    """Return a file's own name, without folders and without what would upset a terminal."""
    base = PureWindowsPath(PurePosixPath(name).name).name
    shown = "".join(c for c in base if unicodedata.category(c)[0] != "C")
    return shown[-_NAME_LENGTH:] or "model"
