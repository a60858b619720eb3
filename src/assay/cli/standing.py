"""What is missing to pass, and how a sitting stands, as a table."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from assay.cli.announcements import posted
from assay.cli.tables import table_of_tasks
from assay.cli.talk import Talk, length_of, local_time
from assay.messages import N_
from assay.wire import TOP_POINTS, Phase, Sitting, StopKind, Task

_PHASES = {
    Phase.PREPARING: N_("The server is preparing your tasks; the clock stands still."),
    Phase.READY: N_("Ready. The clock starts when you press Start: assay start"),
    Phase.RUNNING: N_("Running."),
    Phase.PAUSED: N_("The clock stands."),
    Phase.CLOSING: N_("The exam is over. What came in time is still being graded."),
    Phase.CLOSED: N_("The exam is over. See your result with: assay result"),
    Phase.LAPSED: N_("This sitting was never started, and the registration is no longer valid."),
    Phase.VOID: N_("This sitting was annulled. Ask the certifying body."),
}
_LITTLE_TIME = 900  # seconds; from here on the time left is shown as a warning


@dataclass(frozen=True, kw_only=True)
class Gain:
    """What a slot can still add."""

    slot: str
    most: float  # per cent of the total, with all points
    enough: int | None  # points in this slot alone that close the gap; None if none do


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How far a sitting is from passing."""

    total: float  # per cent
    pass_mark: float  # per cent
    gains: tuple[Gain, ...]  # slots that are not full, the most valuable first

    @classmethod
    def of(cls, sitting: Sitting, *, total: float | None = None) -> Standing:
        """Return how `sitting` stands; `total` overrides its own, if a newer one is known."""
        total = sitting.total if total is None else total
        missing = sitting.exam.pass_mark - total
        gains = [
            Gain(slot=task.slot, most=most, enough=_enough(task, missing))
            for task in sitting.tasks
            if (most := task.weight * (TOP_POINTS - (task.best or 0)) / TOP_POINTS) > 0
        ]
        return cls(
            total=total,
            pass_mark=sitting.exam.pass_mark,
            gains=tuple(sorted(gains, key=lambda gain: -gain.most)),
        )

    @property
    def missing(self) -> float:
        """Per cent of the total that are missing to pass; zero if nothing is."""
        return max(0.0, round(self.pass_mark - self.total, 6))

    def to_json(self) -> dict[str, Any]:
        """Return the standing for programs."""
        return {
            "total": self.total,
            "pass_mark": self.pass_mark,
            "missing": self.missing,
            "gains": [
                {"slot": gain.slot, "most": gain.most, "enough": gain.enough} for gain in self.gains
            ],
        }


def _enough(task: Task, missing: float) -> int | None:
    """The points in this slot alone that make up for what is missing."""
    if missing <= 0:
        return None
    needed = (task.best or 0) + math.ceil(missing * TOP_POINTS / task.weight - 1e-9)
    return needed if needed <= TOP_POINTS else None


def stars(points: int | None) -> Text:
    """Return points as stars."""
    if points is None:
        return Text("–", style="dim")
    style = "green" if points == TOP_POINTS else "yellow" if points else "red"
    return Text(
        "★" * points + "☆" * (TOP_POINTS - points) + f"  {points}/{TOP_POINTS}", style=style
    )


def what_is_missing(standing: Standing, talk: Talk) -> Text:
    """Return a sentence about what is missing to pass."""
    if not standing.missing:
        words = talk.in_words(
            N_("Total {total:.1f} of {pass_mark:g} needed: you pass."),
            total=standing.total,
            pass_mark=standing.pass_mark,
        )
        return Text(words, style="green")
    shown = talk.in_words(
        N_("Total {total:.1f} of {pass_mark:g} needed: {missing:.1f} missing."),
        total=standing.total,
        pass_mark=standing.pass_mark,
        missing=standing.missing,
    )
    alone = [
        talk.in_words(N_("{slot} with {points}/5"), slot=gain.slot, points=gain.enough)
        for gain in standing.gains
        if gain.enough is not None
    ]
    if alone:
        more = talk.in_words(N_("Any of these is enough: {ways}."), ways=talk.listed(alone))
    else:
        open_slots = [f"{gain.slot} +{gain.most:g}" for gain in standing.gains]
        more = talk.in_words(N_("Still to be won: {gains}."), gains=talk.listed(open_slots))
    return Text(talk.sentences(shown, more))


def seconds_left(sitting: Sitting, *, age: timedelta = timedelta()) -> float | None:
    """Return the seconds that are left on the clock; None before Start and after the end.

    Args:
        sitting: As the server sent it, with the server's own clock in it: a wrong
            clock on this machine does not matter.
        age: How long ago it was sent.
    """
    if sitting.phase is Phase.PAUSED:
        return sitting.remaining  # none of it passes
    if sitting.phase is not Phase.RUNNING or sitting.deadline is None:
        return None
    return max(0.0, (sitting.deadline - sitting.now - age).total_seconds())


# Why the clock stands, and why it stood.
_STANDS = {
    StopKind.OUTAGE: N_("The clock stands: a part of our service is out. It goes on by itself."),
    StopKind.STAFF: N_("The clock stands: the staff of the certifying body have stopped it."),
    StopKind.PAUSE: N_("The clock stands: you have paused the exam on its page in the browser."),
}


def _stops(sitting: Sitting, talk: Talk) -> list[Text]:
    """Return a line for the stop that holds now, and one for what stops have given back."""
    if sitting.phase not in {Phase.RUNNING, Phase.PAUSED}:
        return []
    holding = [
        stop
        for stop in sitting.stops
        if stop.began_at <= sitting.now and (stop.ended_at is None or sitting.now < stop.ended_at)
    ]
    lines = [Text(talk.in_words(_STANDS[stop.kind]), style="yellow") for stop in holding]
    lines += [Text(stop.note, style="yellow") for stop in holding if stop.note]
    past = [stop for stop in sitting.stops if stop.ended_at and stop.ended_at <= sitting.now]
    if past:
        stood = sum((s.ended_at - s.began_at).total_seconds() for s in past if s.ended_at)
        words = talk.in_words(
            N_("The clock stood for {time}; your time is longer by as much."), time=length_of(stood)
        )
        lines.append(Text(words, style="dim"))
    return lines


def picture(
    sitting: Sitting, talk: Talk, *, seconds_left: float | None, seen: Collection[str] = ()
) -> RenderableType:
    """Return how a sitting stands: phase, time left, announcements, a table, what is missing.

    Args:
        sitting: As the server sent it.
        talk: For the language.
        seconds_left: By the server's clock; None before Start and after the end.
        seen: Announcements that were read before; they are shown dimmed.
    """
    words = talk.in_words
    head = Text(sitting.exam.title, style="bold")
    head.append("  ")
    if sitting.phase is Phase.RUNNING and seconds_left is not None and sitting.deadline:
        style = "bold red" if seconds_left < _LITTLE_TIME else "bold cyan"
        head.append(words(N_("{time} left"), time=length_of(seconds_left)), style=style)
        head.append(f"  ({words(N_('until {time}'), time=local_time(sitting.deadline))})", "dim")
    elif sitting.phase is Phase.PAUSED and seconds_left is not None:
        head.append(words(N_("{time} left"), time=length_of(seconds_left)), style="bold yellow")
    else:
        head.append(words(_PHASES[sitting.phase]), style="cyan")
    table = table_of_tasks(talk, N_("Best"))
    for task in sitting.tasks:
        table.add_row(task.slot, task.title, f"{task.weight} %", stars(task.best), str(task.tries))
    parts: list[RenderableType] = [head, *_stops(sitting, talk)]
    parts += [*posted(sitting, talk, seen=seen), Text(), table, Text()]
    if sitting.phase in {Phase.RUNNING, Phase.PAUSED, Phase.CLOSING, Phase.CLOSED}:
        parts.append(what_is_missing(Standing.of(sitting), talk))
    return Group(*parts)
