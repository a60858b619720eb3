"""A small crowd goes the way of `bench/load.py`, so that the benchmark cannot rot."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
CANDIDATES, SUBMISSIONS = 6, 2


@pytest.fixture(scope="module")
def outcome():
    sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))
    import load  # noqa: PLC0415 - the benchmarks are no package

    plan = {"candidates": CANDIDATES, "submissions": SUBMISSIONS, "seconds": 3.0}
    run = load.measure(**plan, limit=180.0)
    return run, load.summary(run, **plan)


def test_nothing_fails(outcome):
    run, _ = outcome

    assert not run.failures


def test_every_submission_has_its_receipt_and_its_verdict(outcome):
    run, report = outcome

    assert len(run.rows) == len(run.notes.receipts) == CANDIDATES * SUBMISSIONS
    assert report["stretches"]["graders' queue"]["n"] == CANDIDATES * SUBMISSIONS


def test_the_report_has_what_is_asked_of_it(outcome):
    _, report = outcome

    assert report["pages"]["all"]["p95"] > 0
    assert report["calls"]["all"]["p95"] > 0
    assert {"web", "grader", "sandbox", "background", "postgres"} <= report[
        "memory_megabytes"
    ].keys()
    assert report["throughput"]["submissions_per_minute"] > 0
