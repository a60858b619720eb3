"""`assay status`: time left, points, what is missing to pass."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import timedelta
from typing import Annotated

import typer
from rich.live import Live
from rich.text import Text

from assay.cli.announcements import note, seen_in
from assay.cli.here import Here, here
from assay.cli.options import Json
from assay.cli.standing import Standing, picture, seconds_left
from assay.cli.tables import bare_table
from assay.cli.talk import Talk, local_time
from assay.messages import N_
from assay.wire import Phase, Registration, Sitting

DETAILS = {
    "status": N_(
        "Inside an exam folder: of that exam. Elsewhere: of your current sitting, "
        "and your registrations. The time left is by the server's clock. What the staff announce "
        "stands there as long as it holds; `assay submit` says it once."
    )
}
_REFRESH = 5.0  # seconds between two looks at the server, with --watch
_TICK = 0.5  # seconds between two pictures


def status(
    *,
    watch: Annotated[
        bool, typer.Option("--watch", help=N_("Keep it on the screen until Ctrl-C."))
    ] = False,
    as_json: Json = False,
) -> None:
    """Show how things stand."""
    talk = Talk(as_json=as_json)
    with here(talk) as place:
        if place.workspace is not None:
            registrations: list[Registration] = []
            sitting: Sitting | None = place.sitting()
        else:
            registrations = place.api.registrations()
            sitting = next(iter(place.sittings(registrations)), None)
        if sitting is not None and watch and talk.has_terminal and not as_json:
            _watch(place, sitting, talk)
            return
        if sitting is not None:
            seen = seen_in(place.workspace)
            talk.show(picture(sitting, talk, seconds_left=seconds_left(sitting), seen=seen))
            note(sitting, place.workspace, talk)
        if place.workspace is None:
            _show_registrations(registrations, talk, place)
        workspace = place.workspace
        talk.give(
            {
                "server": place.api.server,
                "workspace": None if workspace is None else str(workspace.root),
                "registrations": [r.model_dump(mode="json") for r in registrations],
                "sitting": None if sitting is None else sitting.model_dump(mode="json"),
                "seconds_left": None if sitting is None else seconds_left(sitting),
                "standing": None if sitting is None else Standing.of(sitting).to_json(),
            }
        )


def _watch(place: Here, sitting: Sitting, talk: Talk) -> None:
    """Keep the picture up to date until the sitting is over or Ctrl-C is pressed."""
    seen = seen_in(place.workspace)
    with suppress(KeyboardInterrupt), Live(auto_refresh=False) as live:
        while True:
            asked = time.monotonic()
            while (age := time.monotonic() - asked) < _REFRESH:
                left = seconds_left(sitting, age=timedelta(seconds=age))
                live.update(picture(sitting, talk, seconds_left=left, seen=seen), refresh=True)
                note(sitting, place.workspace, talk)
                time.sleep(_TICK)
            sitting = place.api.sitting(sitting.id)
            if sitting.phase not in {
                Phase.PREPARING,
                Phase.READY,
                Phase.RUNNING,
                Phase.PAUSED,
                Phase.CLOSING,
            }:
                live.update(picture(sitting, talk, seconds_left=None), refresh=True)
                return


def _show_registrations(registrations: list[Registration], talk: Talk, place: Here) -> None:
    words = talk.in_words
    if not registrations:
        person = place.api.me()
        talk.say(
            N_("{name} ({email}) is not registered for any exam on {server}."),
            name=person.name,
            email=person.email,
            server=place.api.server,
        )
        return
    table = bare_table()
    table.add_column(words(N_("Exam")))
    table.add_column(words(N_("For --exam")))
    table.add_column(words(N_("Valid until")))
    table.add_column(words(N_("What now")))
    for registration in registrations:
        table.add_row(
            registration.exam.title,
            registration.exam.name,
            local_time(registration.valid_until),
            _what_now(registration, talk),
        )
    talk.show(Text(), table)


def _what_now(registration: Registration, talk: Talk) -> str:
    if registration.obstacle is not None:
        return registration.obstacle.message
    if registration.sitting is not None:
        return talk.in_words(N_("its sitting is open"))
    return talk.in_words(N_("may be sat: assay start"))
