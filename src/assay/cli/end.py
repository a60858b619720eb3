"""`assay end`: end the exam before its time."""

from __future__ import annotations

from assay.cli.announcements import note, seen_in
from assay.cli.here import here
from assay.cli.options import Json, Yes
from assay.cli.standing import picture, seconds_left
from assay.cli.talk import Talk, length_of
from assay.messages import N_

DETAILS = {
    "end": N_(
        "Shows the time left and what is still open, and asks. Afterwards nothing more can be "
        "submitted; what was submitted is still graded."
    )
}


def end(*, yes: Yes = False, as_json: Json = False) -> None:
    """End the sitting, after asking."""
    talk = Talk(as_json=as_json)
    with here(talk) as place:
        sitting = place.sitting()
        left = seconds_left(sitting)
        if left is not None:
            seen = seen_in(place.workspace)
            talk.tell(picture(sitting, talk, seconds_left=left, seen=seen))
            note(sitting, place.workspace, talk)
            empty = [task.slot for task in sitting.tasks if task.best is None]
            if empty:
                talk.warn(N_("Nothing was graded yet in: {slots}."), slots=talk.listed(empty))
            talk.confirm(
                N_("You have {time} left. End the exam now, for good?"),
                yes=yes,
                command="assay end",
                time=length_of(left),
            )
        ended = place.api.end(sitting.id)
        talk.say(N_("The exam has ended."), style="bold")
        talk.say(N_("→ See your result with: assay result"))
        talk.give(ended)
