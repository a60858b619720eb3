"""The statistics of an exam: from closed sittings to figures, pages and CSV."""

from __future__ import annotations

import csv
import io
import uuid

import pytest

from assay.items.spec import MetricYaml
from assay.server.exams.services import sittings, voiding
from assay.server.staff.roles import Role
from assay.server.staff.statistics.plots import points
from assay.server.staff.statistics.report import chance, report
from assay.server.staff.statistics.runs import Run, SlotRun, runs_of
from assay.server.submissions.models import Submission
from assay.server.submissions.services import closing

pytestmark = pytest.mark.django_db
ACCURACY = MetricYaml(name="accuracy", cuts=[0.5, 0.6, 0.7, 0.8, 0.9])


def slot(name="Category1", item="text/a", points=5, value=0.95, sealed=None, **more):
    fields = {
        "weight": 50,
        "tries": 3,
        "refused": 1,
        "metric": ACCURACY,
        "samples": 5000,
        "seconds_to_top": 600.0 if points == 5 else None,
        "tries_to_top": 2 if points == 5 else None,
    }
    return SlotRun(
        slot=name, item=item, points=points, value=value, sealed=sealed, **(fields | more)
    )


def run(*slots):
    total = sum(each.weight * each.points / 5 for each in slots)
    return Run(
        id=uuid.uuid4(),
        total=total,
        passed=total >= 90,
        pass_mark=90,
        seconds=7200.0,
        slots=slots,
    )


def pair(strong, hard_item="text/hard"):
    """One of those who reach everything, or one of those who reach little."""
    good = slot(points=5 if strong else 2, value=0.95 if strong else 0.62)
    other = slot("Category2", hard_item, 5 if strong else 1, 0.95 if strong else 0.55)
    return run(good, other)


# Figures ---------------------------------------------------------------------------------------


def test_a_few_sittings_have_no_figures():
    found = report([pair(strong=True)] * 3)

    assert found.sittings == 3
    assert found.passed.value is None
    assert found.items[0].full.value is None
    assert not any((found.items[0].hard, found.items[0].weak, found.items[0].probed))


def test_no_sittings_have_none_either():
    assert report([]).items == ()


def test_an_exam_is_described_by_its_sittings():
    found = report([pair(strong=True)] * 30 + [pair(strong=False)] * 30)

    assert found.passed.value == 0.5
    assert found.total.value == pytest.approx((100 + 30) / 2)
    assert found.minutes.value == 120
    assert found.reliability.value == pytest.approx(2 * (1 - 25 / 49))  # deviations 3 and 4
    assert found.unsure == 0
    assert found.consistent.value == pytest.approx(1, abs=1e-6)


def test_an_item_that_tells_the_strong_from_the_weak_discriminates():
    found = report([pair(strong=True)] * 30 + [pair(strong=False)] * 30)
    (item, _) = found.items

    assert item.points == (0, 0, 30, 0, 0, 30)
    assert item.discrimination.value == pytest.approx(1.0)
    assert (item.tries.value, item.tries_to_full.value) == (3, 2)
    assert item.minutes_to_full.value == 10
    assert item.refused.value == pytest.approx(1 / 3)
    assert not item.weak


def test_an_item_that_the_strong_fail_is_flagged():
    runs = [run(slot(points=5), slot("Category2", "text/odd", 1, 0.55)) for _ in range(60)] + [
        run(slot(points=1, value=0.55), slot("Category2", "text/odd", 5)) for _ in range(60)
    ]

    odd = report(runs).items[1]

    assert odd.discrimination.value == pytest.approx(-1)
    assert odd.weak


def test_an_item_is_compared_with_the_others_of_its_slot():
    easy = [run(slot(), slot("Category2", "text/easy")) for _ in range(40)]
    hard = [run(slot(), slot("Category2", "text/hard", 2, 0.65)) for _ in range(40)]

    items = {item.item: item for item in report(easy + hard).items}

    assert (items["text/easy"].easy, items["text/hard"].hard) == (True, True)
    assert not items["text/a"].hard  # its slot has no other


def test_a_sealed_set_that_is_worse_is_flagged_only_beyond_chance():
    probed = [run(slot(value=0.95, sealed=0.93 - i % 3 / 1000)) for i in range(30)]
    honest = [run(slot(value=0.95, sealed=0.95 + (i % 2 - 0.5) / 100)) for i in range(30)]

    assert report(probed).items[0].probed
    assert not report(honest).items[0].probed
    assert report(probed).items[0].same_points.value == 1.0


def test_who_is_at_the_cut_could_have_failed():
    at_the_cut = run(slot(weight=100, points=5, value=0.9, samples=5000))

    assert chance(at_the_cut) == pytest.approx(0.5)
    assert report([at_the_cut] * 12).unsure == 12
    assert chance(run(slot(weight=100, points=0, value=None))) == 0.0


# Rows ------------------------------------------------------------------------------------------


def test_closed_sittings_that_are_not_void_count(finished, running_sitting, alice, bob, now):
    kept, void = finished(alice, 4), finished(bob, 5)
    voiding.void(void.registration_id, reason="Cheated.", now=now)

    (only,) = runs_of("small")

    assert (only.id, only.total, only.passed) == (kept.pk, 80.0, False)
    assert [(each.slot, each.points, each.tries) for each in only.slots] == [
        ("Category1", 4, 1),
        ("Category2", 4, 1),
    ]
    assert runs_of("rehearsal") == []


def test_the_first_full_points_are_timed_from_start(running_sitting, mark, alice, now):
    from datetime import timedelta  # noqa: PLC0415

    sitting = running_sitting(alice)
    mark(sitting, "Category1", points=3, at=now + timedelta(minutes=5))
    mark(sitting, "Category1", points=5, at=now + timedelta(minutes=9))
    Submission.objects.filter(points=5).update(sealed_value=0.2)
    sittings.end(sitting.pk, now + timedelta(minutes=10))
    closing.close_if_due(sitting.pk, now + timedelta(minutes=10))

    slots = {each.slot: each for each in runs_of("small")[0].slots}

    assert (slots["Category1"].seconds_to_top, slots["Category1"].tries_to_top) == (540.0, 2)
    assert (slots["Category1"].value, slots["Category1"].sealed) == (0.1, 0.2)
    assert (slots["Category2"].tries, slots["Category2"].value) == (0, None)


# Pages -----------------------------------------------------------------------------------------


def test_small_numbers_say_so(browse, staff, finished, alice, clock):
    finished(alice, 5)
    browser = browse(staff(Role.AUDITOR))

    assert "Small exam" in browser.get("/staff/statistics/").content.decode()
    page = browser.get("/staff/statistics/small/").content.decode()

    assert "Too few sittings" in page
    assert "too few (1)" in page
    assert "<svg" in page
    assert "style=" not in page


def test_the_figures_are_exported(browse, staff, finished, alice, clock):
    finished(alice, 5)
    browser = browse(staff(Role.EXAMINER))

    items = browser.get("/staff/statistics/small/items.csv")
    rows = list(csv.DictReader(io.StringIO(items.content.decode())))
    (exam,) = csv.DictReader(
        io.StringIO(browser.get("/staff/statistics/small/exam.csv").content.decode())
    )

    assert items["Content-Type"].startswith("text/csv")
    assert 'filename="small-items.csv"' in items["Content-Disposition"]
    assert len(rows) == 2
    assert (rows[0]["drawn"], rows[0]["at_5"], rows[0]["full"], rows[0]["full_n"]) == (
        "1",
        "1",
        "",
        "1",
    )
    assert (exam["sittings"], exam["passed_n"]) == ("1", "1")


def test_an_exam_without_sittings_has_no_page(browse, staff, small_bank):
    browser = browse(staff(Role.AUDITOR))

    assert "No sitting is closed yet" in browser.get("/staff/statistics/").content.decode()
    assert browser.get("/staff/statistics/small/").status_code == 404
    assert browser.get("/staff/statistics/small/items.csv").status_code == 404


def test_a_plot_says_in_words_what_it_shows():
    drawn = points((1, 0, 0, 0, 2, 4), "4/5: 2 & more")

    assert "<title>4/5: 2 &amp; more</title>" in drawn
    assert drawn.count("<rect") == 7
