"""What can be wrong around a submission.

NotFound
├── SubmissionNotFound
└── NotRegraded
Conflict
├── SubmissionInProgress
├── NothingToRegrade
└── RegradeOutdated
UsageError
├── NothingUploaded
└── NoReasonGiven
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


class NothingToRegrade(Conflict):
    """Only a verdict can be looked at again, and only once at a time."""

    code = "nothing_to_regrade"
    message = N_("There is nothing to grade again here.")
    remedy = N_(
        "Only submissions that were graded or refused can be, and only while no earlier "
        "re-grade of them is open."
    )


class NotRegraded(NotFound):
    """The sitting has no such proposal."""

    code = "not_regraded"
    message = N_("There is no open proposal of this kind.")
    remedy = N_("Look at the page again: somebody else may have decided on it.")


class RegradeOutdated(Conflict):
    """The verdict has changed since the re-grade was asked for."""

    code = "regrade_outdated"
    message = N_("The verdict of submission {number} in {slot} has changed since.")
    remedy = N_("Set the proposal aside and grade it again.")


class NoReasonGiven(UsageError):
    """A decision about marks needs a reason."""

    code = "no_reason_given"
    message = N_("A decision about marks needs a reason, but none was given.")
    remedy = N_("Write it in the candidate's language: they read it.")


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
