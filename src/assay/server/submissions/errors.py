"""What can be wrong around a submission.

NotFound
└── SubmissionNotFound
Conflict
└── SubmissionInProgress
UsageError
└── NothingUploaded
PlatformFault
├── GradingAgain
└── GradingFailed
"""

from __future__ import annotations

from assay.errors import Conflict, NotFound, PlatformFault, UsageError
from assay.messages import N_


class SubmissionNotFound(NotFound):
    """There is no such submission, or it is somebody else's."""

    message = N_("There is no such submission, or it belongs to somebody else.")


class SubmissionInProgress(Conflict):
    """A slot has one unfinished submission at a time."""

    code = "submission_in_progress"
    message = N_("{slot} already has a submission in progress: number {number}, {file_name}.")
    remedy = N_("Wait for its points, or cancel it: assay cancel {slot}")


class NothingUploaded(UsageError):
    """The request has no file in it."""

    code = "nothing_uploaded"
    message = N_("A model file was expected as the body of the request, but nothing came.")
    remedy = N_("Submit with: assay submit 1")


class GradingAgain(PlatformFault):
    """A grading attempt failed by our fault and is repeated."""

    code = "grading_again"
    message = N_("Grading failed on our side, not because of your file (try {tries} of {most}).")
    remedy = N_("Nothing is lost: it is tried again by itself.")


class GradingFailed(PlatformFault):
    """All grading attempts failed by our fault."""

    code = "grading_failed"
    message = N_("Your file could not be graded after {tries} tries. That is our fault.")
    remedy = N_(
        "Staff have been told and will have it graded; its time of arrival counts. "
        "You may go on and submit again."
    )
