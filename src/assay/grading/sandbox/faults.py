"""What can go wrong in the sandbox without being the candidate's fault.

    PlatformFault
    └── GradingFault          something failed while a model ran; try again
        ├── DeadlineExceeded  the model took longer than the task allows
        ├── ChildCrashed      the child died: a crash, a forbidden call, a silent exit
        ├── BrokenFrame       what came out of the child is not an answer
        ├── ReaderFailed      our reader stumbled over the file instead of refusing it
        ├── ParentLost        the warm parent died or did not start
        └── NoKeras           the second path is asked for where it cannot be

    AssayError
    └── Cancelled             by whoever asked

`detail` is for the staff's log. Nothing of it is ever shown to a candidate: it
may hold words that a hostile file chose.
"""

from __future__ import annotations

from assay.errors import AssayError, PlatformFault
from assay.messages import N_


class GradingFault(PlatformFault):
    """Something failed while a model was graded; another try may succeed.

    Args:
        detail: What happened, for the staff's log; never shown to a candidate.
        params: Fill in the fields of `message` and `remedy`.
    """

    code = "grading_fault"

    def __init__(self, detail: str = "", **params: str | float | None) -> None:
        self.detail = detail
        super().__init__(**params)


class DeadlineExceeded(GradingFault):
    """The model took longer than the task allows."""

    code = "deadline_exceeded"
    message = N_("The model did not finish within {seconds} seconds.")
    remedy = N_(
        "Nothing is lost, and it is tried again by itself. "
        "If it happens again, submit a smaller model."
    )


class ChildCrashed(GradingFault):
    """The child died before it answered."""

    code = "grading_child_crashed"


class BrokenFrame(GradingFault):
    """What came out of the child is not an answer."""

    code = "grading_broken_frame"


class ReaderFailed(GradingFault):
    """The reader or the engine stumbled over the file instead of refusing it."""

    code = "grading_reader_failed"


class ParentLost(GradingFault):
    """The warm parent died or did not start."""

    code = "grading_parent_lost"


class NoKeras(GradingFault):
    """The second path is asked for where it cannot be."""

    code = "no_keras"
    message = N_("What the reader does not cover cannot be given to Keras here.")
    remedy = N_('It needs Linux and the extra "keras": pip install "assay[keras]"')


class Cancelled(AssayError):
    """Grading was cancelled by whoever asked for it."""

    code = "grading_cancelled"
    message = N_("Grading was cancelled.")
    remedy = N_("Submit the file again whenever you like.")
