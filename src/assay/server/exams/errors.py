"""What the rules of the exam say no to, and what can go wrong before the clock runs.

NotFound
├── RegistrationNotFound, SittingNotFound
├── UnknownExam
├── ExamWithdrawn
└── UnknownSlot
NotAllowed
├── RegistrationExpired, RegistrationUsed, RegistrationVoid, RetakeWait, IdentityNotConfirmed
└── SittingNotStarted, SittingOver, SittingVoid, SittingPaused, NoPauseLeft
Conflict
├── AnotherSittingOpen, TasksNotReady
└── SittingStillRuns, SittingStands
UsageError
└── UnusableAnnouncement
PlatformFault
└── PreparationFailed
"""

from __future__ import annotations

from datetime import datetime

from assay.errors import Conflict, NotAllowed, NotFound, PlatformFault, UsageError
from assay.messages import N_


def stamp(time: datetime) -> str:
    """Return a time as people read it in messages."""
    return f"{time:%Y-%m-%d %H:%M} UTC"


class RegistrationNotFound(NotFound):
    """There is no such registration, or it is somebody else's."""

    message = N_("There is no such registration, or it belongs to somebody else.")


class SittingNotFound(NotFound):
    """There is no such sitting, or it is somebody else's."""

    message = N_("There is no such sitting, or it belongs to somebody else.")


class UnknownExam(NotFound):
    """The bank has no such blueprint."""

    code = "unknown_exam"
    message = N_("There is no exam {exam} in the item bank, which has: {known}.")
    remedy = N_("Name one of these, or add {exam}.yaml to the bank's folder blueprints.")


class ExamWithdrawn(NotFound):
    """Somebody is registered for an exam that the bank has no more."""

    code = "exam_withdrawn"
    message = N_("The exam {exam} is not offered any more.")
    remedy = N_("Ask the certifying body what becomes of your registration.")


class UnknownSlot(NotFound):
    """The sitting has no such slot."""

    code = "unknown_category"
    message = N_("There is no category {slot} in this exam, which has: {known}.")
    remedy = N_("Name one of these, for example: assay submit 1")


class RegistrationExpired(NotAllowed):
    """The registration's date has passed before the clock was started."""

    code = "registration_expired"
    message = N_("This registration was good until {valid_until}.")
    remedy = N_("Register again to sit the exam.")


class RegistrationUsed(NotAllowed):
    """A registration is good for one sitting."""

    code = "registration_used"
    message = N_("This registration is good for one sitting, which ended at {ended_at}.")
    remedy = N_("See its result with: assay result. Register again for another sitting.")


class RegistrationVoid(NotAllowed):
    """Staff have annulled the registration."""

    code = "registration_void"
    message = N_("This registration was annulled by the staff of the certifying body: {reason}")
    remedy = N_("Ask them if anything about it is unclear, and whether you get a new registration.")


class RetakeWait(NotAllowed):
    """A wait after a failed sitting still runs."""

    code = "retake_wait"
    message = N_(
        "The last sitting of this exam was not passed ({failures} in a row); "
        "the next one may be opened from {eligible_from}."
    )
    remedy = N_("Practise until then: assay practice")


class IdentityNotConfirmed(NotAllowed):
    """Staff have not yet compared the candidate's document with their photo."""

    code = "identity_not_confirmed"
    message = N_("Your identity has not been confirmed yet; this exam asks for it.")
    remedy = N_("Send pictures of your document and of yourself, or wait for our mail.")


class AnotherSittingOpen(Conflict):
    """A candidate has one open sitting at a time."""

    code = "another_sitting_open"
    message = N_("Another sitting of yours is open: {sitting}.")
    remedy = N_("Finish it first: assay status, assay end")


class TasksNotReady(Conflict):
    """Start was pressed before the variants were drawn."""

    code = "tasks_not_ready"
    message = N_("The tasks are still being prepared: {ready} of {tasks} are ready.")
    remedy = N_("Wait a moment and start again; your time is not running yet.")


class SittingNotStarted(NotAllowed):
    """The clock does not run yet."""

    code = "not_started"
    message = N_("This sitting has not been started yet.")
    remedy = N_("Start the clock with: assay start")


class SittingOver(NotAllowed):
    """The clock has run out, or the candidate has ended the sitting."""

    code = "sitting_over"
    message = N_("This sitting ended at {ended_at}.")
    remedy = N_("See your result with: assay result")


class SittingPaused(NotAllowed):
    """The candidate has stopped their own clock; nothing is taken in meanwhile."""

    code = "sitting_paused"
    message = N_("You have paused your exam; nothing can be submitted meanwhile.")
    remedy = N_("Go on with the exam on its page, and submit then.")


class NoPauseLeft(NotAllowed):
    """The candidate was granted no pause, or it is used up."""

    code = "no_pause_left"
    message = N_("You have no pause left: {granted} minutes were granted for this exam.")
    remedy = N_("Ask the staff of your certifying body if you need more.")


class SittingStillRuns(Conflict):
    """There is no result before the end."""

    code = "sitting_runs"
    message = N_("This sitting runs until {deadline}; there is no result yet.")
    remedy = N_("See how it stands with: assay status. End it with: assay end")


class SittingStands(Conflict):
    """There is no result while the clock stands."""

    code = "sitting_stands"
    message = N_("The clock of this sitting stands; there is no result yet.")
    remedy = N_("See how it stands with: assay status. End it with: assay end")


class SittingVoid(NotAllowed):
    """Staff have annulled the sitting."""

    code = "sitting_void"
    message = N_("This sitting was annulled by the staff of the certifying body.")
    remedy = N_("Ask them for the reason and for a new registration.")


class UnusableAnnouncement(UsageError):
    """Candidates of one language would read nothing, or a novel."""

    code = "unusable_announcement"
    message = N_(
        "An announcement needs a text in English and one in Chinese, of at most {most} characters."
    )
    remedy = N_("Write both; each candidate reads the one in their language.")


class PreparationFailed(PlatformFault):
    """The variants cannot be drawn."""

    code = "preparation_failed"
    message = N_("The task of {slot} could not be prepared. That is our fault; staff were told.")
    remedy = N_("Your time is not running and nothing is lost. Try again later: assay start")
