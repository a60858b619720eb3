"""What the statistics are made from: closed sittings of one exam that were not annulled."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from assay.items.spec import MetricYaml
from assay.server.exams.models import DrawnTask, Sitting
from assay.server.submissions.models import Submission
from assay.wire import TOP_POINTS, SubmissionState


@dataclass(frozen=True, kw_only=True)
class SlotRun:
    """One slot of a sitting, as it ended."""

    slot: str
    item: str
    weight: int  # per cent
    points: int  # the best; 0 without any
    tries: int
    refused: int  # of the tries
    metric: MetricYaml
    samples: int  # of the hidden set
    value: float | None  # of what earned the best points, on the hidden set
    sealed: float | None  # and on the sealed set
    seconds_to_top: float | None  # from Start to the arrival of the first file with full points
    tries_to_top: int | None  # its number


@dataclass(frozen=True, kw_only=True)
class Run:
    """A closed sitting."""

    id: UUID
    total: float  # per cent
    passed: bool
    pass_mark: float  # per cent
    seconds: float  # from Start to the end, stops of the clock and all
    slots: tuple[SlotRun, ...]


def runs_of(exam: str) -> list[Run]:
    """Return the closed sittings of an exam, in the order in which they were closed."""
    sittings = (
        Sitting.objects.filter(
            registration__exam=exam, closed_at__isnull=False, voided_at__isnull=True
        )
        .select_related("registration")
        .prefetch_related("stops")
        .order_by("closed_at", "id")
    )
    tasks: dict[UUID, list[dict[str, object]]] = defaultdict(list)
    fields = ("id", "sitting_id", "slot", "item", "spec__metric", "spec__hidden_size")
    for task in DrawnTask.objects.filter(sitting__in=sittings).values(*fields):
        tasks[task["sitting_id"]].append(task)
    submissions: dict[int, list[Submission]] = defaultdict(list)
    rows = Submission.objects.filter(task__sitting__in=sittings).order_by("task_id", "number")
    for row in rows:
        submissions[row.task_id].append(row)
    return [_run(each, tasks[each.id], submissions) for each in sittings]


def _run(
    sitting: Sitting, tasks: list[dict[str, object]], submissions: dict[int, list[Submission]]
) -> Run:
    plan = sitting.plan
    weights = {slot.name: slot.weight for slot in plan.slots}
    over_at = sitting.times.over_at or sitting.closed_at
    assert sitting.started_at is not None  # what was never started is never closed
    assert over_at is not None
    slots = []
    for task in sorted(tasks, key=lambda each: str(each["slot"])):
        own = submissions[int(str(task["id"]))]
        best = max((s for s in own if s.points is not None), key=_rank, default=None)
        top = next((s for s in own if s.points == TOP_POINTS), None)
        slots.append(
            SlotRun(
                slot=str(task["slot"]),
                item=str(task["item"]),
                weight=weights[str(task["slot"])],
                points=0 if best is None or best.points is None else best.points,
                tries=len(own),
                refused=sum(s.state == SubmissionState.REFUSED for s in own),
                metric=MetricYaml.model_validate(task["spec__metric"]),
                samples=int(str(task["spec__hidden_size"])),
                value=None if best is None else best.metric_value,
                sealed=None if best is None else best.sealed_value,
                seconds_to_top=None
                if top is None
                else (top.arrived_at - sitting.started_at).total_seconds(),
                tries_to_top=None if top is None else top.number,
            )
        )
    return Run(
        id=sitting.id,
        total=sitting.total or 0.0,
        passed=bool(sitting.passed),
        pass_mark=plan.pass_mark,
        seconds=(over_at - sitting.started_at).total_seconds(),
        slots=tuple(slots),
    )


def _rank(submission: Submission) -> tuple[int, int]:
    """Order by points; of equal ones the first counts."""
    return submission.points or 0, -submission.number
