"""`assay result`: the result, the certificate, the date of a retake."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from assay.cli.api import LONG_POLL
from assay.cli.here import here
from assay.cli.options import Json
from assay.cli.standing import stars
from assay.cli.tables import bare_table, table_of_tasks
from assay.cli.talk import Talk, local_time
from assay.messages import N_
from assay.wire import TOP_POINTS, Result

DETAILS = {
    "result": N_(
        "Right after the end, submissions that came in time may still be graded; "
        "--wait waits until the result is final. Exit code 0 says nothing of passing: "
        "with --json, read `passed`."
    )
}


def result(
    *,
    wait: Annotated[
        bool, typer.Option("--wait", help=N_("Wait until everything is graded."))
    ] = False,
    as_json: Json = False,
) -> None:
    """Show the result of the sitting."""
    talk = Talk(as_json=as_json)
    with here(talk) as place:
        sitting = place.sitting()
        outcome = place.api.result(sitting.id)
        if wait and not outcome.final:
            with talk.waiting(N_("Waiting for the last submissions to be graded")):
                while not outcome.final:
                    outcome = place.api.result(sitting.id, wait=LONG_POLL)
        _show(outcome, sitting.exam.title, talk)
        talk.give(outcome)


def _show(outcome: Result, title: str, talk: Talk) -> None:
    words = talk.in_words
    table = table_of_tasks(talk, N_("Points"))
    for slot in outcome.slots:
        table.add_row(
            slot.slot, slot.title, f"{slot.weight} %", stars(slot.points), str(slot.tries)
        )
    total = words(
        N_("Total {total:.1f} of {pass_mark:g} needed"),
        total=outcome.total,
        pass_mark=outcome.pass_mark,
    )
    if not outcome.final:
        verdict = Text(words(N_("Not final yet: what came in time is still being graded.")), "cyan")
    elif outcome.passed:
        verdict = Text(words(N_("Passed.")), "bold green")
    else:
        verdict = Text(words(N_("Not passed.")), "bold red")
    talk.show(Text(title, "bold"), Text(), table, Text(), Text.assemble(total, "  ", verdict))
    _show_certainty(outcome, talk)
    _show_study(outcome, talk)
    if not outcome.final:
        talk.say(N_("→ Wait for the rest with: assay result --wait"))
    if outcome.credential is not None:
        talk.show_plain(words(N_("Your certificate: {url}"), url=outcome.credential.url))
        talk.say(N_("→ Check it as anyone can: assay verify {url}"), url=outcome.credential.url)
    if outcome.retake_from is not None:
        talk.show_plain(
            words(N_("You may sit it again from {time}."), time=local_time(outcome.retake_from))
        )


def _show_certainty(outcome: Result, talk: Talk) -> None:
    known = [(slot.slot, slot.certainty) for slot in outcome.slots if slot.certainty is not None]
    if not known:
        return
    table = bare_table(style="dim")
    table.add_column(talk.in_words(N_("Category")))
    table.add_column(talk.in_words(N_("5/5 take")))
    table.add_column(talk.in_words(N_("Standard error")), justify="right")
    table.add_column(talk.in_words(N_("Samples")), justify="right")
    for slot, certainty in known:
        table.add_row(slot, certainty.rule, certainty.error, f"{certainty.samples}")
    talk.show(Text(), Text(talk.in_words(N_("How certain the marks are")), "bold"), table)


def _show_study(outcome: Result, talk: Talk) -> None:
    if not outcome.study:
        return
    table = Table.grid(padding=(0, 3, 0, 0))
    for skill in outcome.study:
        points = talk.in_words(
            N_("{points:.1f} of {most} points"), points=skill.points, most=TOP_POINTS
        )
        table.add_row(skill.title, Text(skill.group, "dim"), Text(points, "dim"))
    talk.show(Text(), Text(talk.in_words(N_("What to study next")), "bold"), table, Text())
