"""What the READMEs show of `assay submit` is what it prints."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pages import ROOT

from assay.cli import submit
from assay.cli.talk import Talk
from assay.items import load_bank
from assay.messages import Language
from assay.wire import Exam, Phase, Sitting, Slot, Submission, SubmissionState, Task

NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)


def sitting(language: Language) -> Sitting:
    """Return a sitting of the exam that the READMEs speak of; nothing was submitted yet."""
    bank = load_bank()
    plan = bank.blueprints["developer"].spec
    slots = [
        Slot(name=slot.name, title=slot.title.in_language(language), weight=slot.weight)
        for slot in plan.slots
    ]
    tasks = [
        Task(
            slot=slot.name,
            title=bank.items[slot.pool[0]].spec.title.in_language(language),
            weight=slot.weight,
            bundle=None,
            best=None,
            tries=0,
            max_file_bytes=1,
        )
        for slot in plan.slots
    ]
    return Sitting(
        id="s",
        registration="r",
        exam=Exam(
            name="developer",
            title=plan.title.in_language(language),
            slots=slots,
            duration=int(plan.duration_minutes * 60),
            pass_mark=plan.pass_mark,
            environment=plan.environment,
        ),
        phase=Phase.RUNNING,
        now=NOW,
        started_at=NOW,
        deadline=NOW + timedelta(hours=5),
        ended_at=None,
        tasks=tasks,
        total=0,
    )


def first_submission(run: Sitting) -> Submission:
    """Return a submission that earned all points in the first category."""
    return Submission(
        id="u",
        sitting=run.id,
        slot=run.tasks[0].slot,
        number=1,
        file_name="mymodel.h5",
        sha256="0" * 64,
        size=1,
        arrived_at=NOW,
        state=SubmissionState.GRADED,
        attempt=1,
        points=5,
        refusal=None,
        notice=None,
        best=5,
        total=run.tasks[0].weight,
    )


@pytest.mark.parametrize(
    ("name", "language"),
    [("README.md", Language.ENGLISH), ("README.zh-CN.md", Language.CHINESE)],
)
def test_the_readme_shows_what_submit_prints(name, language, capsys):
    run = sitting(language)
    submit._show(first_submission(run), run, Talk(language=language))
    printed = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    shown = (ROOT / name).read_text(encoding="utf-8").splitlines()
    place = shown.index("$ assay submit 1")

    assert shown[place + 1 : place + 1 + len(printed)] == printed
