"""What the console's pages show of a sitting, in the reader's language."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from assay import wire
from assay.server.api import shapes
from assay.server.exams.models import ClockStop, Sitting
from assay.server.exams.phases import phase
from assay.server.language import active_language
from assay.server.submissions.models import Submission
from assay.server.submissions.services.standing import standing_of, submissions_of
from assay.wire import TOP_POINTS, Phase, StopKind, SubmissionState

SOON = timedelta(minutes=10)  # so much time left is shown as little


@dataclass(frozen=True, kw_only=True)
class ShownStop:
    """Why the clock stands now."""

    kind: StopKind
    heading: str
    explanation: str
    note: str
    until: datetime | None


@dataclass(frozen=True, kw_only=True)
class ShownSubmission:
    """One line of a slot's history."""

    row: wire.Submission
    state: str  # in words
    tone: str  # good, bad, warn or info
    pips: tuple[bool, ...]  # one for each point that could be earned
    is_open: bool

    @property
    def points(self) -> int | None:
        """The points of the submission."""
        return self.row.points


@dataclass(frozen=True, kw_only=True)
class ShownTask:
    """One slot of the sitting."""

    slot: str
    category: str  # the slot's title
    title: str  # the item's
    weight: int
    best: int | None
    tries: int
    earned: float  # per cent of the total
    pips: tuple[bool, ...]
    latest: ShownSubmission | None  # its last submission, if it is not final yet
    max_bytes: int


@dataclass(frozen=True, kw_only=True)
class Console:
    """A sitting as its pages show it."""

    sitting: Sitting
    shape: wire.Sitting
    tasks: tuple[ShownTask, ...]
    history: dict[str, list[ShownSubmission]]  # by slot, the newest first
    stop: ShownStop | None
    stood: timedelta  # for how long the clock stood so far
    announcements: list[str]
    state: str  # changes whenever something on the page does, but for the time

    @property
    def runs(self) -> bool:
        """Whether time passes."""
        return self.shape.phase is Phase.RUNNING

    @property
    def stands(self) -> bool:
        """Whether the clock was started and stands."""
        return self.shape.phase is Phase.PAUSED

    @property
    def is_over(self) -> bool:
        """Whether there is a result, or soon will be."""
        return self.shape.phase in {Phase.CLOSING, Phase.CLOSED}

    @property
    def own_pause(self) -> bool:
        """Whether the candidate has stopped the clock."""
        return self.stop is not None and self.stop.kind is StopKind.PAUSE

    @property
    def takes_files(self) -> bool:
        """Whether something can be submitted now."""
        return (self.runs or self.stands) and not self.own_pause

    @property
    def milliseconds(self) -> int:
        """Time left on the clock."""
        return round(1000 * (self.shape.remaining or 0))

    @property
    def clock(self) -> str:
        """Time left on the clock, in figures."""
        return in_figures(self.shape.remaining or 0)

    @property
    def stood_words(self) -> str:
        """For how long the clock stood so far, in figures."""
        return in_figures(self.stood.total_seconds())

    @property
    def soon(self) -> bool:
        """Whether little time is left."""
        return (self.shape.remaining or 0) < SOON.total_seconds()

    @property
    def pause_minutes(self) -> int:
        """Minutes for which the candidate may still stop the clock."""
        return int(self.shape.pause_left // 60)

    @property
    def passes(self) -> bool:
        """Whether the total so far reaches the pass mark."""
        return self.shape.total >= self.shape.exam.pass_mark

    @property
    def open_tasks(self) -> list[ShownTask]:
        """Tasks that have not earned all their points."""
        return [task for task in self.tasks if (task.best or 0) < TOP_POINTS]

    @property
    def next_change(self) -> float | None:
        """Seconds until time alone changes the page; None if it does not."""
        if self.runs:
            return self.shape.remaining
        if self.stop is not None and self.stop.until is not None:
            return (self.stop.until - self.shape.now).total_seconds()
        return None


def in_figures(seconds: float) -> str:
    """Return a duration as `4:59:58`."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"


def pips(points: int | None) -> tuple[bool, ...]:
    """Return points as marks, on or off."""
    return tuple(place < (points or 0) for place in range(TOP_POINTS))


def console(sitting: Sitting, now: datetime) -> Console:
    """Return a sitting as its pages show it at `now`."""
    language = active_language()
    uploads = submissions_of(sitting)
    stands = standing_of(sitting.plan, uploads)
    shape = shapes.sitting(sitting, language, now, stands)
    history: dict[str, list[ShownSubmission]] = {task.slot: [] for task in shape.tasks}
    for upload in reversed(uploads):
        row = shapes.submission(upload, sitting, stands, language)
        history[row.slot].append(_submission(row))
    categories = {slot.name: slot.title for slot in shape.exam.slots}
    stop = _stop(list(sitting.stops.all()), now) if shape.phase is Phase.PAUSED else None
    left = (shape.remaining or 0) if shape.started_at else 0
    stood = timedelta()
    if shape.started_at is not None and shape.phase in {Phase.RUNNING, Phase.PAUSED}:
        stood = now - shape.started_at - (sitting.times.length - timedelta(seconds=left))
    return Console(
        sitting=sitting,
        shape=shape,
        tasks=tuple(_task(task, categories[task.slot], history[task.slot]) for task in shape.tasks),
        history=history,
        stop=stop,
        stood=stood if stood >= timedelta(seconds=1) else timedelta(),
        announcements=[each.text for each in shape.announcements],
        state=_state(shape, uploads),
    )


def _task(task: wire.Task, category: str, history: list[ShownSubmission]) -> ShownTask:
    latest = history[0] if history and history[0].is_open else None
    return ShownTask(
        slot=task.slot,
        category=category,
        title=task.title,
        weight=task.weight,
        best=task.best,
        tries=task.tries,
        earned=task.weight * (task.best or 0) / TOP_POINTS,
        pips=pips(task.best),
        latest=latest,
        max_bytes=task.max_file_bytes,
    )


def _submission(row: wire.Submission) -> ShownSubmission:
    words = {
        SubmissionState.QUEUED: (_("Waiting to be graded"), "info"),
        SubmissionState.GRADING: (_("Being graded"), "info"),
        SubmissionState.GRADED: (_("Graded"), "good" if row.points == TOP_POINTS else "gold"),
        SubmissionState.REFUSED: (_("Refused"), "bad"),
        SubmissionState.CANCELLED: (_("Cancelled"), ""),
        SubmissionState.FAILED: (_("Not graded, by our fault"), "warn"),
    }
    state, tone = words[row.state]
    return ShownSubmission(
        row=row,
        state=state,
        tone=tone,
        pips=pips(row.points) if row.points is not None else (),
        is_open=not row.state.is_final,
    )


def _stop(stops: list[ClockStop], now: datetime) -> ShownStop | None:
    holding = [stop for stop in stops if stop.times.holds(now)]
    stop = min(holding, key=lambda s: s.kind == StopKind.PAUSE, default=None)
    if stop is None:
        return None
    words = {
        StopKind.OUTAGE: (
            _("Your clock stands: a part of our service is out"),
            _(
                "It goes on by itself when all is back, and you lose no time. You may go on "
                "working; what you submit is kept and graded."
            ),
        ),
        StopKind.STAFF: (
            _("Your clock stands: staff have stopped it"),
            _("You lose no time. It goes on when they let it, and this page shows it at once."),
        ),
        StopKind.PAUSE: (
            _("You have paused your exam"),
            _("Nothing can be submitted meanwhile. Go on whenever you are ready."),
        ),
    }
    heading, explanation = words[StopKind(stop.kind)]
    return ShownStop(
        kind=StopKind(stop.kind),
        heading=heading,
        explanation=explanation,
        note=stop.note,
        until=stop.ended_at,
    )


def _state(shape: wire.Sitting, uploads: list[Submission]) -> str:
    seen = [
        shape.phase,
        shape.deadline,
        [task.bundle is not None for task in shape.tasks],
        [(stop.kind, stop.began_at, stop.ended_at, stop.note) for stop in shape.stops],
        [(upload.id, upload.state, upload.attempt, upload.points) for upload in uploads],
        [(each.id, each.text) for each in shape.announcements],
    ]
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:16]


def is_over(sitting: Sitting, now: datetime) -> bool:
    """Return whether a sitting has a result, or soon will."""
    return phase(sitting.times, now) in {Phase.CLOSING, Phase.CLOSED}
