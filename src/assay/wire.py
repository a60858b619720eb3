"""The JSON shapes that the command line and the server share.

Times are aware datetimes in UTC; durations are seconds; sizes are bytes. Every
text in these shapes is already in the reader's language (`Accept-Language`).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from assay.messages import Language

TOP_POINTS = 5  # the points that a task can earn at the most


class Shape(BaseModel):
    """Base of all shapes: immutable; a newer server's extra fields are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Phase(StrEnum):
    """Where a sitting is; a pure function of its times and of now."""

    PREPARING = "preparing"  # the variants are being drawn; the clock stands still
    READY = "ready"  # sealed bundles can be downloaded; Start starts the clock
    RUNNING = "running"  # the clock runs; submissions are taken
    PAUSED = "paused"  # the clock stands: an outage of ours, staff, or a granted pause
    CLOSING = "closing"  # over; submissions that came in time are still graded
    CLOSED = "closed"  # the result is final
    LAPSED = "lapsed"  # never started, and the registration is no longer valid
    VOID = "void"  # annulled by staff


class SubmissionState(StrEnum):
    """Where a submission is."""

    QUEUED = "queued"
    GRADING = "grading"
    GRADED = "graded"  # has points
    REFUSED = "refused"  # has a refusal that the candidate can mend
    CANCELLED = "cancelled"  # by the candidate
    FAILED = "failed"  # by our fault, after all tries; staff are told

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen to the submission."""
        return self not in {SubmissionState.QUEUED, SubmissionState.GRADING}


class StopKind(StrEnum):
    """Why a clock stands."""

    OUTAGE = "outage"  # ours; it stops and goes on by itself
    STAFF = "staff"  # staff of the certifying body have stopped it
    PAUSE = "pause"  # the candidate has, as their accommodation allows


class Problem(Shape):
    """An error as a person reads it; the body of every 4xx and 5xx answer."""

    code: str  # stable, for programs
    message: str  # what was expected and what was received
    remedy: str  # what to do next
    params: dict[str, str | int | float | None] = {}


Points = Annotated[int, Field(ge=0, le=TOP_POINTS)]


class Verdict(Shape):
    """What grading says: points, or a refusal; never both."""

    points: Points | None = None
    refusal: Problem | None = None


class Person(Shape):
    """Who is signed in."""

    email: str
    name: str  # as on the identity document
    language: Language


class Slot(Shape):
    """One place of an exam's blueprint."""

    name: str  # Category1 … Category5
    title: str
    weight: int  # per cent of the total


class Exam(Shape):
    """An exam as its blueprint describes it."""

    name: str
    title: str
    slots: list[Slot]
    duration: int  # seconds
    pass_mark: float  # per cent of the weighted total
    environment: list[str]  # pinned requirements of the candidate's environment


class DeviceCodes(Shape):
    """What a program needs to be signed in by its user in a browser (RFC 8628, 3.2)."""

    device_code: str  # the program keeps it to itself
    user_code: str  # the user types it
    verification_uri: str  # there
    verification_uri_complete: str  # the same with the code in it
    expires_in: int  # seconds
    interval: int  # seconds between two questions for the token


class DeviceToken(Shape):
    """The token that a program has waited for (RFC 6749, 5.1). It does not expire."""

    access_token: str
    token_type: str  # "Bearer"


class DeviceProblem(Problem):
    """Why there is no token: a problem, and in the words of RFC 8628, 3.5."""

    error: str  # authorization_pending, slow_down, access_denied, expired_token, …
    error_description: str


class Registration(Shape):
    """A candidate's right to sit one exam until a date."""

    id: str
    exam: Exam
    valid_until: AwareDatetime
    obstacle: Problem | None  # why a sitting cannot be opened now; None if it can
    eligible_from: AwareDatetime | None  # the end of a retake wait that still runs
    sitting: str | None  # its sitting, once opened


class Bundle(Shape):
    """A task's sealed public bundle.

    The bytes are `nonce (12) ‖ AES-256-GCM(zip)`, with the SHA-256 of the plain
    zip (32 bytes) as associated data; the key is handed out at Start.
    """

    url: str  # path on the server
    sha256: str  # of the sealed bytes
    plain_sha256: str  # of the zip inside
    size: int  # bytes, sealed


class Task(Shape):
    """One slot of a sitting and how it stands."""

    slot: str
    title: str  # of the item; the slot's title until Start
    weight: int  # per cent
    bundle: Bundle | None  # None while the variant is being prepared
    best: Points | None  # best points so far; None before the first graded submission
    tries: int  # submissions so far
    max_file_bytes: int


class Stop(Shape):
    """A while in which a sitting's clock stands."""

    kind: StopKind
    began_at: AwareDatetime
    ended_at: AwareDatetime | None  # None while nobody knows; of a pause, the latest end
    note: str = ""  # of staff


class Announcement(Shape):
    """What staff tell all who sit an exam, while they sit it."""

    id: str
    at: AwareDatetime  # when it was written
    text: str  # plain, may have several lines


class Sitting(Shape):
    """One run of an exam by one candidate."""

    id: str
    registration: str
    exam: Exam
    phase: Phase
    now: AwareDatetime  # the server's clock, for counting down on a wrong local one
    started_at: AwareDatetime | None
    deadline: AwareDatetime | None  # None before Start, and while nobody knows how long it stands
    ended_at: AwareDatetime | None
    tasks: list[Task]
    total: float  # weighted total so far, per cent
    remaining: float | None = None  # seconds left on the clock; None before Start
    stops: list[Stop] = []
    pause_left: float = 0  # seconds for which the candidate may still stop the clock
    announcements: list[Announcement] = []  # that hold now, the newest first; none once it is over


class Start(Shape):
    """The answer to Start: the clock runs, and these open the sealed bundles."""

    sitting: Sitting
    keys: dict[str, str]  # slot → base64 of the 32-byte key


class Submission(Shape):
    """One uploaded model file for one slot of a sitting."""

    id: str
    sitting: str
    slot: str
    number: int  # 1, 2, … within the slot
    file_name: str
    sha256: str  # the receipt
    size: int  # bytes
    arrived_at: AwareDatetime  # when the last byte arrived; decides whether it was in time
    state: SubmissionState
    attempt: int  # grading attempts so far; more than one only by our fault
    points: Points | None
    refusal: Problem | None  # with state refused
    notice: Problem | None  # with state failed or a grading that is tried again
    best: Points | None  # best points of the slot, this submission included
    total: float  # weighted total, per cent, this submission included


class Certainty(Shape):
    """How certain a slot's marks are: hidden data are a sample of all there could be."""

    rule: str  # what full points take, such as `accuracy ≥ 0.95`
    error: str  # one standard error of the measure at that cut, such as `± 0.003`
    samples: int  # of the hidden set


class SkillResult(Shape):
    """A skill of the checklist, and how the tasks that asked for it went."""

    title: str
    group: str  # the part of the checklist
    points: float  # mean over the slots that asked for it


class SlotResult(Shape):
    """A slot's line of the result."""

    slot: str
    title: str  # of the item
    weight: int
    points: Points  # best; 0 if nothing was graded
    tries: int
    certainty: Certainty | None = None  # None until the result is final, or if it is not known


class CredentialRef(Shape):
    """Where a certificate is."""

    id: str
    url: str  # the page that shows and checks it; JSON and JWT by `Accept`


class Result(Shape):
    """The outcome of a sitting."""

    sitting: str
    final: bool  # False while submissions that came in time are still graded
    passed: bool
    total: float  # per cent
    pass_mark: float  # per cent
    slots: list[SlotResult]
    ended_at: AwareDatetime
    retake_from: AwareDatetime | None  # when failed
    credential: CredentialRef | None  # when passed
    study: list[SkillResult] = []  # what to study next, the weakest first; once it is final


class Health(Shape):
    """Whether the server's parts work."""

    status: str  # "ok"
    version: str
    now: AwareDatetime
    graders: int  # grader processes with a fresh heartbeat
