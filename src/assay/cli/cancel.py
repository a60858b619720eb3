"""`assay cancel`: give up a submission that takes too long."""

from __future__ import annotations

from rich.text import Text

from assay.cli.api import LONG_POLL
from assay.cli.failures import NothingToCancel
from assay.cli.here import here
from assay.cli.options import Category, Json
from assay.cli.talk import Talk
from assay.messages import N_
from assay.wire import SubmissionState


def cancel(number: Category = None, *, as_json: Json = False) -> None:
    """Cancel the unfinished submission of a category."""
    talk = Talk(as_json=as_json)
    with here(talk) as place:
        sitting = place.sitting()
        slot = place.slot(number, sitting, command="cancel")
        unfinished = [
            submission
            for submission in place.api.submissions(sitting.id)
            if submission.slot == slot and not submission.state.is_final
        ]
        if not unfinished:
            raise NothingToCancel(slot=slot)
        cancelled = place.api.cancel(unfinished[-1].id)
        while not cancelled.state.is_final:
            cancelled = place.api.submission(cancelled.id, wait=LONG_POLL)
        if cancelled.state is SubmissionState.CANCELLED:
            said = talk.in_words(
                N_("Cancelled: {slot}, {file}. It costs you nothing."),
                slot=slot,
                file=cancelled.file_name,
            )
        else:
            said = talk.in_words(
                N_("Too late to cancel: {slot} has its verdict already. See: assay status"),
                slot=slot,
            )
        talk.show(Text(said))
        talk.give(cancelled)
