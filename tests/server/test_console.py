"""The console: the exam in a browser, from the rules to the result."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from assay.items.certainty import standard_error
from assay.items.spec import MetricName
from assay.server.console.markdown import to_html
from assay.server.exams.models import Announcement, ClockStop, Registration, Sitting
from assay.server.exams.services import clock as clocks
from assay.server.exams.services import preparation, sittings
from assay.server.submissions.errors import NothingUploaded
from assay.server.submissions.models import Submission
from assay.server.submissions.services import closing, grading

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _store(blobs, monkeypatch):
    monkeypatch.setattr("assay.server.console.descriptions.store", lambda: blobs)


@pytest.fixture(autouse=True)
def _clock(db, clock):
    """Pages ask what time it is."""


@pytest.fixture(autouse=True)
def _described(blobs, monkeypatch):
    """Have bundles hold what real ones do."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as bundle:
        bundle.writestr("task.en.md", "# Title\n\nDo *this*.\n")
        bundle.writestr("task.zh-CN.md", "# 标题\n\n请完成。\n")
    plain = archive.getvalue()
    real = preparation.finish

    def finish(task_id, drawing, at):
        sealed = preparation.seal(plain, drawing.key)
        described = replace(
            drawing,
            plain_sha256=hashlib.sha256(plain).hexdigest(),
            sealed_sha256=blobs.put(sealed),
            sealed_size=len(sealed),
        )
        return real(task_id, described, at)

    monkeypatch.setattr(preparation, "finish", finish)


def page(answer):
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def to(name, *args):
    return reverse(f"console:{name}", args=args)


# -- whose page it is -------------------------------------------------------------------------------


def addresses(sitting):
    right, sitting_id = sitting.registration_id, sitting.id
    return {
        "GET": [
            to("rules", right),
            to("check", right),
            to("sitting", sitting_id),
            to("end", sitting_id),
            to("live", sitting_id),
            to("result", sitting_id),
            to("task", sitting_id, "Category1"),
            to("task-live", sitting_id, "Category1"),
            to("bundle", sitting_id, "Category1"),
        ],
        "POST": [
            to("rules", right),
            to("echo", right),
            to("prepare", right),
            to("start", sitting_id),
            to("pause", sitting_id),
            to("end", sitting_id),
            to("upload", sitting_id, "Category1"),
            to("cancel", sitting_id, "Category1", right),
        ],
    }


def test_a_stranger_is_sent_to_sign_in(browse, running_sitting, alice):
    for method, each in addresses(running_sitting(alice)).items():
        for address in each:
            answer = getattr(browse(), method.lower())(address)

            assert answer.status_code == 302, address
            assert answer.url.startswith("/accounts/login/"), address


def test_bob_finds_nothing_of_alices(browse, running_sitting, alice, bob):
    sitting = running_sitting(alice)
    client = browse(bob)
    for method, each in addresses(sitting).items():
        for address in each:
            assert getattr(client, method.lower())(address).status_code == 404, address


def test_an_unknown_category_is_not_found(browse, running_sitting, alice):
    sitting = running_sitting(alice)

    assert browse(alice).get(to("task", sitting.id, "Category9")).status_code == 404


def test_a_submission_is_cancelled_only_in_its_own_category(browse, running_sitting, submit, alice):
    sitting = running_sitting(alice)
    submission = submit(sitting, "Category1")

    answer = browse(alice).post(to("cancel", sitting.id, "Category2", submission.id))

    assert answer.status_code == 404


# -- before the exam --------------------------------------------------------------------------------


def test_the_pledge_is_recorded_with_its_time(browse, register, alice, now):
    right = register(alice)

    answer = browse(alice).post(to("rules", right.id), {"pledge": "yes"})

    assert answer.url == to("check", right.id)
    assert Registration.objects.get(pk=right.pk).pledged_at == now


def test_the_first_pledge_counts(browse, register, alice, now, clock):
    right = register(alice)
    client = browse(alice)
    client.post(to("rules", right.id), {"pledge": "yes"})
    clock.at = now + HOUR
    client.post(to("rules", right.id), {"pledge": "yes"})

    assert Registration.objects.get(pk=right.pk).pledged_at == now


def test_without_the_tick_there_is_no_pledge(browse, register, alice):
    right = register(alice)

    assert browse(alice).post(to("rules", right.id)).status_code == 422
    assert Registration.objects.get(pk=right.pk).pledged_at is None


def test_nothing_is_prepared_without_the_pledge(browse, register, alice):
    right = register(alice)

    assert browse(alice).post(to("prepare", right.id)).url == to("rules", right.id)
    assert not Sitting.objects.exists()


def test_the_exam_is_not_started_without_the_pledge(browse, ready_sitting, alice):
    sitting = ready_sitting(alice)
    browse(alice).post(to("start", sitting.id))

    assert Sitting.objects.get().started_at is None


def test_who_is_not_cleared_is_told_why(browse, register, alice):
    right = register(alice, cleared=False)

    assert "identity has not been confirmed" in page(browse(alice).get(to("rules", right.id)))


def test_the_trial_upload_comes_back_with_the_servers_time(browse, register, alice, now):
    answer = browse(alice).post(
        to("echo", register(alice).id), b"x" * 1000, content_type="application/octet-stream"
    )

    assert answer.json() == {"bytes": 1000, "now": now.timestamp() * 1000}


def test_the_way_from_the_pledge_to_the_clock(browse, register, prepare, alice, now):
    right = register(alice)
    client = browse(alice)
    client.post(to("rules", right.id), {"pledge": "yes"})

    opened = client.post(to("prepare", right.id))
    sitting = Sitting.objects.get()
    assert opened.url == to("sitting", sitting.id)
    assert "being prepared" in page(client.get(opened.url))

    prepare(sitting)
    assert "Start exam" in page(client.get(opened.url))

    client.post(to("start", sitting.id))
    assert 'data-left="3600000"' in page(client.get(opened.url))


def test_a_preparation_that_failed_can_be_tried_again(browse, register, alice, now):
    sitting = sittings.open_sitting(register(alice), now)
    sitting.tasks.update(faults=preparation.TRIES)

    assert "Try again" in page(browse(alice).get(to("sitting", sitting.id)))


# -- the clock on the page --------------------------------------------------------------------------


def test_the_page_says_how_much_time_is_left_by_the_servers_clock(
    browse, running_sitting, alice, clock, now
):
    sitting = running_sitting(alice)
    clock.at = now + 20 * MINUTE

    html = page(browse(alice).get(to("sitting", sitting.id)))

    assert 'data-left="2400000"' in html
    assert "0:40:00" in html


def test_an_outage_is_shown_and_the_time_stands(browse, running_sitting, alice, clock, now):
    sitting = running_sitting(alice)
    ClockStop.objects.create(sitting=sitting, kind="outage", began_at=now + MINUTE)
    clock.at = now + 30 * MINUTE

    html = page(browse(alice).get(to("sitting", sitting.id)))

    assert "a part of our service is out" in html
    assert "0:59:00" in html
    assert 'data-runs=""' in html


def test_a_granted_pause_is_taken_and_ended(browse, running_sitting, alice, clock, now):
    sitting = running_sitting(alice, pause_minutes=10)
    client = browse(alice)
    client.post(to("pause", sitting.id), {"action": "pause"})
    assert "You have paused your exam" in page(client.get(to("sitting", sitting.id)))

    clock.at = now + 4 * MINUTE
    client.post(to("pause", sitting.id), {"action": "go-on"})

    assert "6 min left" in page(client.get(to("sitting", sitting.id)))


def test_nobody_is_offered_a_pause_without_a_grant(browse, running_sitting, alice):
    sitting = running_sitting(alice)
    client = browse(alice)

    assert "/pause/" not in page(client.get(to("sitting", sitting.id)))
    client.post(to("pause", sitting.id), {"action": "pause"})
    assert not ClockStop.objects.exists()


def test_announcements_are_shown_while_they_hold(browse, running_sitting, alice, clock, now):
    sitting = running_sitting(alice)
    words = {"text_en": "Lunch is at noon", "text_zh": "中午开饭"}
    Announcement.objects.create(**words, exam="small", from_at=now, until_at=now + MINUTE)
    Announcement.objects.create(text_en="Other exam", text_zh="x", exam="other", from_at=now)

    html = page(browse(alice).get(to("sitting", sitting.id)))
    assert "Lunch is at noon" in html
    assert "Other exam" not in html

    clock.at = now + MINUTE
    assert "Lunch" not in page(browse(alice).get(to("sitting", sitting.id)))


def test_announcements_are_in_the_readers_language(browse, running_sitting, bob, now):
    sitting = running_sitting(bob)
    Announcement.objects.create(text_en="Lunch", text_zh="中午开饭", from_at=now)

    assert "中午开饭" in page(browse(bob, "zh-CN").get(to("sitting", sitting.id)))


def test_the_page_notes_that_the_candidate_is_there(browse, running_sitting, alice, clock, now):
    sitting = running_sitting(alice)
    clock.at = now + 5 * MINUTE
    browse(alice).get(to("sitting", sitting.id))

    assert Sitting.objects.get().seen_at == clock.at


# -- a task -----------------------------------------------------------------------------------------


def test_a_task_shows_its_description_in_either_language(browse, running_sitting, alice):
    sitting = running_sitting(alice)
    address = to("task", sitting.id, "Category1")

    assert "Do <em>this</em>." in page(browse(alice).get(address))
    assert "请完成。" in page(browse(alice).get(address + "?text=zh-CN"))


def test_a_task_is_not_shown_before_start(browse, ready_sitting, alice):
    sitting = ready_sitting(alice)
    client = browse(alice)

    assert client.get(to("task", sitting.id, "Category1")).url == to("sitting", sitting.id)
    assert client.get(to("bundle", sitting.id, "Category1")).status_code == 302


def test_the_bundle_is_the_plain_zip(browse, running_sitting, alice):
    sitting = running_sitting(alice)

    answer = browse(alice).get(to("bundle", sitting.id, "Category1"))

    with zipfile.ZipFile(io.BytesIO(answer.content)) as bundle:
        assert "task.en.md" in bundle.namelist()


@pytest.fixture
def hand_in(browse, upload, rf, monkeypatch):
    """Call the upload view as the gate does: `hand_in(alice, sitting, b"model")`."""
    from django.contrib.messages.storage.fallback import FallbackStorage  # noqa: PLC0415

    from assay.server.console.views import task  # noqa: PLC0415

    def act(candidate, sitting, content=b"a model", *, script=False, error=None, at=None):
        headers = {"X-Requested-With": "XMLHttpRequest"} if script else {}
        request = rf.post(to("upload", sitting.id, "Category1"), headers=headers)
        request.user = candidate
        request.session = {}
        request._messages = FallbackStorage(request)
        options = {} if at is None else {"arrived_at": at}
        request.scope = (
            {"assay.upload": upload(content, **options)}
            if error is None
            else {"assay.upload.error": error}
        )
        answer = task.upload(request, sitting.id, "Category1")
        answer.said = [str(message) for message in request._messages]
        return answer

    return act


def test_a_script_gets_the_submissions_number(hand_in, running_sitting, blobs, alice):
    answer = hand_in(alice, running_sitting(alice), script=True)

    assert answer.status_code == 201
    assert Submission.objects.get().number == 1


def test_a_form_leads_back_to_the_task(hand_in, running_sitting, blobs, alice):
    sitting = running_sitting(alice)

    answer = hand_in(alice, sitting)

    assert answer.url == to("task", sitting.id, "Category1")
    assert answer.said == ["mymodel.h5 has arrived: submission 1."]


def test_what_comes_too_late_is_refused_in_words(hand_in, running_sitting, alice, clock, now):
    sitting = running_sitting(alice)
    clock.at = now + 2 * HOUR

    answer = hand_in(alice, sitting, at=clock.at)

    assert "This sitting ended" in answer.said[0]
    assert not Submission.objects.exists()


def test_a_form_without_a_file_is_told_so(hand_in, running_sitting, alice):
    answer = hand_in(alice, running_sitting(alice), error=NothingUploaded())

    assert answer.said == ["Choose a model file first."]


def test_a_script_is_told_in_json(hand_in, running_sitting, alice):
    answer = hand_in(alice, running_sitting(alice), error=NothingUploaded(), script=True)

    assert answer.status_code == 422


def test_a_forged_form_is_refused(running_sitting, alice, db):
    sitting = running_sitting(alice)
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice, backend="allauth.account.auth_backends.AuthenticationBackend")

    assert client.post(to("upload", sitting.id, "Category1")).status_code == 403
    assert client.post(to("end", sitting.id), {"confirm": "yes"}).status_code == 403


def test_a_refusal_is_explained(browse, running_sitting, submit, alice, now):
    from assay.grading.refusals import EmptyFile  # noqa: PLC0415

    sitting = running_sitting(alice)
    submission = submit(sitting)
    claimed = grading.claim(submission.id, now)
    grading.complete(submission.id, claimed.attempt, EmptyFile(), now)

    html = page(browse(alice).get(to("task", sitting.id, "Category1")))

    assert "Refused" in html
    assert EmptyFile().render().remedy.split(".")[0] in html


def test_an_open_submission_can_be_cancelled(browse, running_sitting, submit, alice):
    sitting = running_sitting(alice)
    submission = submit(sitting)

    browse(alice).post(to("cancel", sitting.id, "Category1", submission.id))

    assert Submission.objects.get().state == "cancelled"


# -- live -------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_the_live_part_answers_at_once_when_the_page_is_out_of_date(
    browse, running_sitting, mark, alice
):
    sitting = running_sitting(alice)
    mark(sitting, "Category1", points=4)

    html = page(browse(alice).get(to("live", sitting.id) + "?seen=old"))

    assert "4/5" in html
    assert 'hx-swap-oob="outerHTML"' in html


@pytest.mark.django_db(transaction=True)
def test_the_live_part_sends_the_page_to_the_result(browse, running_sitting, alice, clock, now):
    sitting = running_sitting(alice)
    clock.at = now + HOUR

    answer = browse(alice).get(to("live", sitting.id))

    assert answer.headers["HX-Redirect"] == to("sitting", sitting.id)


# -- the end and the result -------------------------------------------------------------------------


def test_end_asks_first_and_names_what_is_open(browse, running_sitting, mark, alice):
    sitting = running_sitting(alice)
    mark(sitting, "Category1", points=5)

    html = page(browse(alice).get(to("end", sitting.id)))

    assert "Nothing submitted" in html
    assert Sitting.objects.get().ended_at is None


def test_end_ends_only_when_it_is_confirmed(browse, running_sitting, alice, now):
    sitting = running_sitting(alice)
    client = browse(alice)
    client.post(to("end", sitting.id))
    assert Sitting.objects.get().ended_at is None

    answer = client.post(to("end", sitting.id), {"confirm": "yes"})

    assert answer.url == to("result", sitting.id)
    assert Sitting.objects.get().ended_at == now


def test_ending_twice_leads_to_the_result_twice(browse, running_sitting, alice):
    sitting = running_sitting(alice)
    client = browse(alice)
    for _ in range(2):
        answer = client.post(to("end", sitting.id), {"confirm": "yes"})

        assert answer.url == to("result", sitting.id)


@pytest.fixture
def failed(running_sitting, mark, alice, now):
    sitting = running_sitting(alice)
    mark(sitting, "Category1", points=3)
    sittings.end(sitting.pk, now)
    closing.close_if_due(sitting.pk, now)
    return Sitting.objects.get()


def test_a_fail_says_points_what_to_study_and_when_to_come_back(browse, failed, alice):
    html = page(browse(alice).get(to("result", failed.id)))

    assert "Not passed this time" in html
    assert "3/5" in html
    assert "You may sit this exam again from" in html
    assert "What to study next" in html


def test_a_result_says_how_certain_the_marks_are(browse, failed, alice):
    html = page(browse(alice).get(to("result", failed.id)))

    assert "How certain the marks are" in html
    assert re.search(r'data-label="Samples:">200<', html)


def test_no_digit_of_what_was_measured_is_shown(browse, failed, alice):
    Submission.objects.update(metric_value=0.123456)

    assert "0.123" not in page(browse(alice).get(to("result", failed.id)))


def test_a_pass_leads_to_the_certificate(browse, running_sitting, mark, alice, now):
    sitting = running_sitting(alice)
    for slot in ("Category1", "Category2"):
        mark(sitting, slot, points=5)
    sittings.end(sitting.pk, now)
    closing.close_if_due(sitting.pk, now)

    html = page(browse(alice).get(to("result", sitting.id)))

    assert "Congratulations" in html
    assert "/verify/" in html


def test_there_is_no_result_page_before_the_end(browse, running_sitting, alice):
    sitting = running_sitting(alice)

    assert browse(alice).get(to("result", sitting.id)).url == to("sitting", sitting.id)


def test_the_result_waits_for_what_is_still_graded(browse, running_sitting, submit, alice, now):
    sitting = running_sitting(alice)
    submit(sitting)
    sittings.end(sitting.pk, now)

    assert "being graded" in page(browse(alice).get(to("result", sitting.id)))


def test_an_annulled_sitting_says_so(browse, running_sitting, alice, now):
    sitting = running_sitting(alice)
    Sitting.objects.update(voided_at=now)

    assert "annulled" in page(browse(alice).get(to("sitting", sitting.id)))


def test_home_leads_to_the_exam_that_runs(browse, running_sitting, alice):
    sitting = running_sitting(alice)

    assert to("sitting", sitting.id) in page(browse(alice).get("/"))


# -- descriptions -----------------------------------------------------------------------------------


def test_html_in_a_description_is_text():
    assert "<script" not in to_html("<script>alert(1)</script>\n\nx <b onclick=y>z</b>")


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "//x.example"])
def test_links_lead_only_to_the_web(address):
    assert "href" not in to_html(f"[x]({address})")


def test_pictures_are_left_out():
    assert "<img" not in to_html("![x](https://example.org/x.png)")


def test_a_table_carries_no_inline_style():
    html = to_html("| a | b |\n|---|--:|\n| 1 | 2 |")

    assert "style" not in html
    assert 'class="number"' in html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**重要。**下文", "<strong>重要。</strong>下文"),
        ("前文**“引用”**后文", "前文<strong>“引用”</strong>后文"),
        ("a ** b ** c", "a ** b ** c"),
        ("**bold** and *this*", "<strong>bold</strong> and <em>this</em>"),
        ("见 `a*b*c` 与 2 * 3", "见 <code>a*b*c</code> 与 2 * 3"),
    ],
)
def test_chinese_needs_no_spaces_around_emphasis(text, html):
    assert to_html(text) == f"<p>{html}</p>\n"


def test_the_page_has_the_one_first_heading():
    assert to_html("# One\n\n## Two", skip_title=True) == "<h3>Two</h3>\n"


# -- certainty --------------------------------------------------------------------------------------


def test_the_standard_error_of_an_accuracy_is_the_binomial_one():
    assert standard_error(MetricName.ACCURACY, 0.9, 5000) == pytest.approx(0.00424, abs=1e-5)


@pytest.mark.parametrize("metric", MetricName)
def test_more_samples_are_more_certain(metric):
    assert standard_error(metric, 0.9, 5000) < standard_error(metric, 0.9, 2000)


def test_staff_stops_are_shown_with_their_reason(browse, running_sitting, alice, bob, now):
    sitting = running_sitting(alice)
    clocks.stop_clock([sitting], bob, now, "Fire alarm")

    assert "Fire alarm" in page(browse(alice).get(to("sitting", sitting.id)))
