"""Jobs of the submissions app."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from assay.server.accounts.tasks import MAIL_RETRIES
from assay.server.submissions import mail
from assay.server.submissions.grader import get_runner


@app.task(name="submissions.grade_submission", pass_context=True)
def grade_submission(context: JobContext, submission_id: str) -> None:
    from assay.server.submissions import judging  # noqa: PLC0415 - brings NumPy; graders only

    judging.judge(UUID(submission_id), get_runner(), stopping=context.should_abort)


@app.task(name="submissions.score_sealed", retry=RetryStrategy(max_attempts=3, wait=30))
def score_sealed(submission_id: str) -> None:
    from assay.server.submissions import judging  # noqa: PLC0415 - brings NumPy; graders only

    judging.judge_sealed(UUID(submission_id), get_runner())


@app.task(name="submissions.grade_again")
def grade_again(regrade_id: str) -> None:
    from assay.server.submissions import judging  # noqa: PLC0415 - brings NumPy; graders only

    judging.judge_again(UUID(regrade_id), get_runner())


@app.task(name="submissions.send_result", retry=MAIL_RETRIES)
def send_result(sitting_id: str) -> None:
    mail.send_result(UUID(sitting_id), timezone.now())
