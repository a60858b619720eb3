"""From models to the JSON shapes of `assay.wire`, in the reader's language."""

from __future__ import annotations

from datetime import datetime

from django.utils import translation

from assay import wire
from assay.errors import AssayError
from assay.grading.refusals import REFUSALS
from assay.grading.sandbox.faults import DeadlineExceeded
from assay.items.blueprint import BlueprintYaml
from assay.messages import Language
from assay.server.accounts.models import User
from assay.server.api.problems import problem
from assay.server.exams.errors import ExamWithdrawn
from assay.server.exams.models import Announcement, DrawnTask, Registration, Sitting
from assay.server.exams.phases import phase
from assay.server.exams.services.registrations import eligibility, plan_of, sitting_of
from assay.server.submissions.errors import GradingAgain, GradingFailed
from assay.server.submissions.feedback import Feedback, feedback_on
from assay.server.submissions.models import Submission
from assay.server.submissions.services.closing import Outcome
from assay.server.submissions.services.grading import TRIES
from assay.server.submissions.services.receiving import max_bytes
from assay.server.submissions.services.standing import SlotStanding, Standing, standing
from assay.wire import Phase, StopKind, SubmissionState

# Nobody sits any more: what staff announce is not for them.
_OVER = {Phase.CLOSED, Phase.LAPSED, Phase.VOID}


def person(user: User) -> wire.Person:
    """Return who is signed in."""
    return wire.Person(email=user.email, name=user.name, language=Language(user.language))


def exam(name: str, plan: BlueprintYaml, duration: float, language: Language) -> wire.Exam:
    """Return an exam; `duration` in seconds, accommodations included."""
    return wire.Exam(
        name=name,
        title=plan.title.in_language(language),
        slots=[
            wire.Slot(name=s.name, title=s.title.in_language(language), weight=s.weight)
            for s in plan.slots
        ],
        duration=round(duration),
        pass_mark=plan.pass_mark,
        environment=plan.environment,
    )


def registration(right: Registration, language: Language, now: datetime) -> wire.Registration:
    """Return a registration and whether its sitting may be opened."""
    try:
        plan = plan_of(right)
    except ExamWithdrawn as gone:
        return _of_nothing(right, problem(gone, language))
    allowed = eligibility(right, now)
    own = sitting_of(right)
    return wire.Registration(
        id=str(right.id),
        exam=exam(right.exam, plan, plan.duration_minutes * 60 * right.time_factor, language),
        valid_until=right.valid_until,
        obstacle=None if allowed.obstacle is None else problem(allowed.obstacle, language),
        eligible_from=allowed.eligible_from,
        sitting=None if own is None else str(own.id),
    )


def _of_nothing(right: Registration, obstacle: wire.Problem) -> wire.Registration:
    """Return an unused registration for an exam that the bank has no more."""
    name = right.exam
    return wire.Registration(
        id=str(right.id),
        exam=wire.Exam(name=name, title=name, slots=[], duration=0, pass_mark=0, environment=[]),
        valid_until=right.valid_until,
        obstacle=obstacle,
        eligible_from=None,
        sitting=None,
    )


def sitting(
    run: Sitting, language: Language, now: datetime, stands: Standing | None = None
) -> wire.Sitting:
    """Return a sitting, its tasks and how it stands, if the caller does not know that already."""
    times = run.times
    current = phase(times, now)
    over_at = times.over_at
    remaining = times.remaining(now)
    stands = stands or standing(run)
    plan = run.plan
    tasks = {task.slot: task for task in run.tasks.all()}
    return wire.Sitting(
        id=str(run.id),
        registration=str(run.registration_id),
        exam=exam(run.registration.exam, plan, run.duration_seconds * run.time_factor, language),
        phase=current,
        now=now,
        started_at=run.started_at,
        deadline=times.deadline,
        ended_at=over_at if current in {Phase.CLOSING, Phase.CLOSED} else None,
        tasks=[
            _task(
                tasks[slot.name],
                slot.weight,
                # Before Start, not even the item's title is told.
                tasks[slot.name].item_yaml.title.in_language(language)
                if run.started_at
                else slot.title.in_language(language),
                stands.slots[slot.name],
            )
            for slot in plan.slots
        ],
        total=stands.total,
        remaining=None if remaining is None else remaining.total_seconds(),
        stops=[
            wire.Stop(
                kind=StopKind(stop.kind),
                began_at=stop.began_at,
                ended_at=stop.ended_at,
                note=stop.note,
            )
            for stop in run.stops.all()
        ],
        pause_left=times.pause_left(now).total_seconds(),
        announcements=[]
        if current in _OVER
        else [
            wire.Announcement(id=str(each.pk), at=each.from_at, text=each.in_language(language))
            for each in Announcement.objects.current(run.registration.exam, now)
        ],
    )


def _task(task: DrawnTask, weight: int, title: str, stands: SlotStanding) -> wire.Task:
    bundle = wire.Bundle(
        url=f"/api/sittings/{task.sitting_id}/tasks/{task.slot}/bundle",
        sha256=task.bundle_sha256,
        plain_sha256=task.bundle_plain_sha256,
        size=task.bundle_size,
    )
    return wire.Task(
        slot=task.slot,
        title=title,
        weight=weight,
        bundle=bundle if task.prepared_at else None,
        best=stands.best,
        tries=stands.tries,
        max_file_bytes=max_bytes(task),
    )


def submission(
    upload: Submission, run: Sitting, stands: Standing, language: Language
) -> wire.Submission:
    """Return a submission of the sitting `run`, which stands at `stands`."""
    return wire.Submission(
        id=str(upload.id),
        sitting=str(run.id),
        slot=upload.task.slot,
        number=upload.number,
        file_name=upload.file_name,
        sha256=upload.sha256,
        size=upload.size,
        arrived_at=upload.arrived_at,
        state=SubmissionState(upload.state),
        attempt=upload.attempt,
        points=upload.points,
        refusal=_refusal(upload, language),
        notice=_notice(upload, language),
        best=stands.slots[upload.task.slot].best,
        total=stands.total,
    )


def _refusal(upload: Submission, language: Language) -> wire.Problem | None:
    if upload.state != SubmissionState.REFUSED:
        return None
    return problem(REFUSALS[upload.refusal_code](**upload.refusal_params), language)


def _notice(upload: Submission, language: Language) -> wire.Problem | None:
    error: AssayError
    if upload.state == SubmissionState.FAILED:
        error = GradingFailed(tries=upload.faults)
    elif upload.faults and not SubmissionState(upload.state).is_final:
        error = GradingAgain(tries=upload.faults, most=TRIES)
    else:
        return None
    if upload.fault_code == DeadlineExceeded.code:  # the one fault that says something useful
        error = DeadlineExceeded(**upload.fault_params)
    return problem(error, language)


def result(outcome: Outcome, language: Language, feedback: Feedback | None = None) -> wire.Result:
    """Return the outcome of a sitting; once it is final, with what to learn from it.

    Args:
        outcome: Of the sitting.
        language: Of its reader.
        feedback: On the outcome, if the caller has it already: it reads the hidden samples.
    """
    plan = outcome.sitting.plan
    tasks = {task.slot: task for task in outcome.sitting.tasks.all()}
    if not outcome.final:
        feedback = None
    elif feedback is None:
        with translation.override(translation.to_language(language.locale)):
            feedback = feedback_on(outcome, language)
    return wire.Result(
        sitting=str(outcome.sitting.id),
        final=outcome.final,
        passed=outcome.standing.passed,
        total=outcome.standing.total,
        pass_mark=plan.pass_mark,
        slots=[
            wire.SlotResult(
                slot=slot.name,
                title=tasks[slot.name].item_yaml.title.in_language(language),
                weight=slot.weight,
                points=outcome.standing.slots[slot.name].best or 0,
                tries=outcome.standing.slots[slot.name].tries,
                certainty=None if feedback is None else _certainty(feedback, slot.name),
            )
            for slot in plan.slots
        ],
        ended_at=outcome.ended_at,
        retake_from=outcome.retake_from,
        credential=outcome.credential,
        study=[]
        if feedback is None
        else [
            wire.SkillResult(title=skill.title, group=skill.group, points=skill.points)
            for skill in feedback.study
        ],
    )


def _certainty(feedback: Feedback, slot: str) -> wire.Certainty | None:
    known = feedback.certainty[slot]
    if known is None:
        return None
    return wire.Certainty(rule=known.rule, error=known.error, samples=known.samples)
