"""The JSON API, as a candidate's program uses it."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest

from assay import __version__, wire
from assay.errors import PlatformFault
from assay.grading.refusals import EmptyFile
from assay.server.exams.models import DrawnTask, Sitting
from assay.server.exams.services import sittings
from assay.server.submissions.services import closing, grading

pytestmark = pytest.mark.usefixtures("clock")
HOUR = timedelta(hours=1)


@pytest.fixture
def api(alice, sign_in):
    return sign_in(alice)


@pytest.fixture
def sitting(running_sitting, alice):
    return running_sitting(alice)


def test_health_needs_no_token(db, stranger, now):
    answer = stranger.get("/api/health")

    assert answer.status_code == 200
    assert wire.Health(**answer.json()) == wire.Health(
        status="ok", version=__version__, now=now, graders=0
    )


def test_me_is_who_is_signed_in(api):
    person = wire.Person(**api.get("/api/me").json())

    assert (person.email, person.name, person.language) == (
        "alice@example.org", "Alice Example", "en"
    )  # fmt: skip


def test_registrations_show_the_exam_and_no_obstacle(api, register, alice):
    registration = register(alice)

    (shown,) = [wire.Registration(**r) for r in api.get("/api/registrations").json()]

    assert shown.id == str(registration.id)
    assert shown.obstacle is None
    assert shown.exam.title == "Small exam"
    assert [slot.weight for slot in shown.exam.slots] == [40, 60]
    assert shown.exam.duration == 3600


def test_registrations_show_an_accommodation_in_the_duration(api, register, alice):
    register(alice, time_factor=1.5)

    assert api.get("/api/registrations").json()[0]["exam"]["duration"] == 5400


def test_registrations_show_the_obstacle_and_when_it_ends(api, sitting, register, alice, now):
    sittings.end(sitting.pk, now)
    closing.close_if_due(sitting.pk, now)
    register(alice, at=now + HOUR)

    new, used = [wire.Registration(**r) for r in api.get("/api/registrations").json()]

    assert used.sitting == str(sitting.id)
    assert used.obstacle is not None
    assert used.obstacle.code == "registration_used"
    assert new.obstacle is not None
    assert new.obstacle.code == "retake_wait"
    assert new.eligible_from == now + timedelta(days=14)


def test_opening_a_sitting_returns_it_in_preparation(api, register, alice):
    registration = register(alice)

    answer = api.post(f"/api/registrations/{registration.id}/sitting")

    assert answer.status_code == 200
    sitting = wire.Sitting(**answer.json())
    assert sitting.phase == "preparing"
    assert [task.bundle for task in sitting.tasks] == [None, None]


def test_a_sitting_does_not_tell_its_items_before_the_start(api, ready_sitting, alice):
    sitting = ready_sitting(alice)

    ready = api.get(f"/api/sittings/{sitting.id}").json()
    api.post(f"/api/sittings/{sitting.id}/start")
    running = api.get(f"/api/sittings/{sitting.id}").json()

    assert [task["title"] for task in ready["tasks"]] == ["Lines", "Steps"]
    assert running["tasks"][0]["title"] in {"A line", "A slope"}


def test_a_sitting_tells_the_servers_clock_and_the_deadline(api, sitting, now):
    shown = wire.Sitting(**api.get(f"/api/sittings/{sitting.id}").json())

    assert (shown.now, shown.started_at, shown.deadline) == (now, now, now + HOUR)
    assert shown.ended_at is None


def test_a_sitting_says_when_it_ended(api, sitting, clock, now):
    clock.at = now + 2 * HOUR

    shown = wire.Sitting(**api.get(f"/api/sittings/{sitting.id}").json())

    assert (shown.phase, shown.ended_at) == ("closing", now + HOUR)


def test_a_bundle_is_downloaded_as_it_was_announced(api, ready_sitting, alice, blobs):
    sitting = ready_sitting(alice)
    shown = wire.Sitting(**api.get(f"/api/sittings/{sitting.id}").json())
    bundle = shown.tasks[0].bundle
    assert bundle is not None

    answer = api.get(bundle.url)

    async def body():
        return b"".join([part async for part in answer.streaming_content])

    from asgiref.sync import async_to_sync  # noqa: PLC0415

    content = async_to_sync(body)()
    assert hashlib.sha256(content).hexdigest() == bundle.sha256
    assert len(content) == bundle.size == int(answer["Content-Length"])


def test_a_bundle_that_is_not_drawn_yet_is_a_conflict(api, register, alice, now):
    sitting = sittings.open_sitting(register(alice), now)

    answer = api.get(f"/api/sittings/{sitting.id}/tasks/Category1/bundle")

    assert (answer.status_code, answer.json()["code"]) == (409, "tasks_not_ready")


def test_start_hands_out_the_keys_and_again_while_it_runs(api, ready_sitting, alice):
    sitting = ready_sitting(alice)

    first, again = (
        wire.Start(**api.post(f"/api/sittings/{sitting.id}/start").json()) for _ in range(2)
    )

    assert first.sitting.phase == "running"
    assert first.keys == again.keys
    assert set(first.keys) == {"Category1", "Category2"}


def test_start_before_the_tasks_are_ready_is_a_conflict(api, register, alice, now):
    sitting = sittings.open_sitting(register(alice), now)

    answer = api.post(f"/api/sittings/{sitting.id}/start")

    assert (answer.status_code, answer.json()["code"]) == (409, "tasks_not_ready")


def test_a_sitting_that_cannot_be_prepared_says_that_it_is_our_fault(api, register, alice, now):
    sitting = sittings.open_sitting(register(alice), now)
    DrawnTask.objects.update(faults=5)

    answer = api.get(f"/api/sittings/{sitting.id}")

    assert (answer.status_code, answer.json()["code"]) == (503, "preparation_failed")


def test_a_submission_is_created(api, sitting, upload, blobs, now):
    received = upload(b"a model", name="mymodel.h5")

    answer = api.post(f"/api/sittings/{sitting.id}/tasks/Category1/submissions", received)

    assert answer.status_code == 201
    shown = wire.Submission(**answer.json())
    assert (shown.state, shown.number, shown.file_name) == ("queued", 1, "mymodel.h5")
    assert (shown.sha256, shown.size) == (received.sha256, 7)
    assert shown.arrived_at == now


@pytest.mark.parametrize(
    ("slot", "status", "code"),
    [("Category7", 404, "unknown_category"), ("Category1", 422, "nothing_uploaded")],
)
def test_a_submission_without_category_or_file_is_refused(api, sitting, upload, slot, status, code):
    received = upload() if slot == "Category7" else None

    answer = api.post(f"/api/sittings/{sitting.id}/tasks/{slot}/submissions", received)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_second_submission_at_once_is_a_conflict(api, sitting, submit, upload):
    submit(sitting, "Category1", b"one")

    answer = api.post(f"/api/sittings/{sitting.id}/tasks/Category1/submissions", upload(b"two"))

    assert (answer.status_code, answer.json()["code"]) == (409, "submission_in_progress")


def test_a_submission_after_the_end_is_not_allowed(api, sitting, upload, clock, now):
    clock.at = now + 2 * HOUR

    answer = api.post(
        f"/api/sittings/{sitting.id}/tasks/Category1/submissions",
        upload(arrived_at=now + 2 * HOUR),
    )

    assert (answer.status_code, answer.json()["code"]) == (403, "sitting_over")


def test_a_file_over_the_limit_is_too_large(api, sitting, upload):
    answer = api.post(
        f"/api/sittings/{sitting.id}/tasks/Category1/submissions", upload(b"x" * 200_001)
    )

    assert (answer.status_code, answer.json()["code"]) == (413, "file_too_large")


def test_points_show_with_the_best_and_the_total(api, sitting, mark):
    mark(sitting, "Category1", points=5)
    worse = mark(sitting, "Category1", points=2)

    shown = wire.Submission(**api.get(f"/api/submissions/{worse.id}").json())

    assert (shown.state, shown.points, shown.best, shown.total) == ("graded", 2, 5, 40.0)


def test_no_digit_of_the_metric_is_shown(api, sitting, mark):
    submission = mark(sitting, "Category1", points=2)

    for address in (
        f"/api/submissions/{submission.id}",
        f"/api/sittings/{sitting.id}/submissions",
        f"/api/sittings/{sitting.id}",
    ):
        assert b"0.1" not in api.get(address).content


def test_a_refusal_says_why_and_what_to_do(api, sitting, submit, now):
    submission = submit(sitting, content=b"")
    grading.claim(submission.id, now)
    grading.complete(submission.id, 1, EmptyFile(size=0), now)

    refusal = wire.Submission(**api.get(f"/api/submissions/{submission.id}").json()).refusal

    assert refusal is not None
    assert refusal.code == "empty_file"
    assert "0 bytes" in refusal.message


def test_a_grading_that_is_tried_again_says_so(api, sitting, submit, now):
    submission = submit(sitting)
    grading.claim(submission.id, now)
    grading.fault(submission.id, 1, PlatformFault(), now, reason="secret words")

    answer = api.get(f"/api/submissions/{submission.id}")

    assert answer.json()["notice"]["code"] == "grading_again"
    assert b"secret words" not in answer.content


def test_a_grading_that_has_failed_says_so(api, sitting, submit, now):
    submission = submit(sitting)
    for attempt in (1, 2, 3):
        grading.claim(submission.id, now)
        grading.fault(submission.id, attempt, PlatformFault(), now, reason="")

    shown = api.get(f"/api/submissions/{submission.id}").json()

    assert (shown["state"], shown["notice"]["code"]) == ("failed", "grading_failed")
    assert shown["refusal"] is None


def test_a_submission_is_cancelled(api, sitting, submit):
    submission = submit(sitting)

    answer = api.post(f"/api/submissions/{submission.id}/cancel")

    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")


def test_submissions_are_listed_by_slot_and_number(api, sitting, mark):
    for slot in ("Category2", "Category1", "Category2"):
        mark(sitting, slot, points=1)

    listed = api.get(f"/api/sittings/{sitting.id}/submissions").json()

    assert [(s["slot"], s["number"]) for s in listed] == [
        ("Category1", 1), ("Category2", 1), ("Category2", 2)
    ]  # fmt: skip


def test_end_ends_and_closes_at_once(api, sitting, now):
    answer = api.post(f"/api/sittings/{sitting.id}/end")

    assert (answer.status_code, answer.json()["phase"]) == (200, "closed")


def test_to_start_is_to_promise(api, ready_sitting, alice, now):
    sitting = ready_sitting(alice)

    assert sitting.registration.pledged_at is None

    api.post(f"/api/sittings/{sitting.id}/start")
    sitting.registration.refresh_from_db()

    assert sitting.registration.pledged_at == now


def test_the_result_comes_after_the_end(api, sitting, mark):
    mark(sitting, "Category1", points=5)
    before = api.get(f"/api/sittings/{sitting.id}/result")
    api.post(f"/api/sittings/{sitting.id}/end")

    after = wire.Result(**api.get(f"/api/sittings/{sitting.id}/result").json())

    assert (before.status_code, before.json()["code"]) == (409, "sitting_runs")
    assert (after.final, after.passed, after.total) == (True, False, 40.0)
    assert [slot.points for slot in after.slots] == [5, 0]
    assert after.slots[0].title in {"A line", "A slope"}
    assert after.retake_from is not None


def test_a_final_result_says_how_certain_it_is_and_what_to_study(
    alice, sign_in, sitting, mark, blobs
):
    mark(sitting, "Category1", points=5)
    sign_in(alice).post(f"/api/sittings/{sitting.id}/end")

    english, chinese = [
        wire.Result(**sign_in(alice, language).get(f"/api/sittings/{sitting.id}/result").json())
        for language in ("en", "zh-CN")
    ]

    assert {slot.certainty.rule for slot in english.slots} == {"mean absolute error ≤ 0.1"}
    assert {slot.certainty.rule for slot in chinese.slots} == {"平均绝对误差 ≤ 0.1"}
    assert {slot.certainty.samples for slot in english.slots} == {200}
    assert english.study[0].points < 5
    assert english.study[0].title != chinese.study[0].title


# Somebody else's.


@pytest.fixture
def everything_of_alice(sitting, submit, register, alice):
    """Every address that names something of Alice's, by method."""
    submission = submit(sitting)
    own = f"/api/sittings/{sitting.id}"
    return [
        ("POST", f"/api/registrations/{sitting.registration_id}/sitting"),
        ("GET", own),
        ("GET", f"{own}/tasks/Category1/bundle"),
        ("POST", f"{own}/start"),
        ("POST", f"{own}/tasks/Category1/submissions"),
        ("GET", f"{own}/submissions"),
        ("GET", f"/api/submissions/{submission.id}"),
        ("POST", f"/api/submissions/{submission.id}/cancel"),
        ("POST", f"{own}/end"),
        ("GET", f"{own}/result"),
    ]


def test_bob_gets_a_404_for_everything_of_alices(everything_of_alice, bob, sign_in, upload):
    bobs = sign_in(bob)

    answers = {
        (method, address): bobs.get(address) if method == "GET" else bobs.post(address, upload())
        for method, address in everything_of_alice
    }

    assert {a: r.status_code for a, r in answers.items()} == dict.fromkeys(answers, 404)
    assert {r.json()["code"] for r in answers.values()} == {"not_found"}
    assert Sitting.objects.get().ended_at is None


def test_bob_gets_nothing_more_by_waiting(everything_of_alice, bob, sign_in):
    bobs = sign_in(bob)

    for method, address in everything_of_alice:
        if method == "GET":
            assert bobs.get(f"{address}?wait=20").status_code == 404


def test_bobs_registrations_are_his_own(register, alice, bob, sign_in):
    register(alice)

    assert sign_in(bob).get("/api/registrations").json() == []


def test_a_stranger_gets_a_401_for_everything(everything_of_alice, stranger, upload):
    addresses = [*everything_of_alice, ("GET", "/api/me"), ("GET", "/api/registrations")]

    answers = [
        stranger.get(address) if method == "GET" else stranger.post(address, upload())
        for method, address in addresses
    ]

    assert {answer.status_code for answer in answers} == {401}
    assert {answer.json()["code"] for answer in answers} == {"unauthenticated"}


def test_every_route_is_tested_for_strangers_and_for_bob(everything_of_alice, stranger):
    """A new route that names something of a candidate's must be added above."""
    paths = stranger.get("/api/openapi.json").json()["paths"]
    routes = {(method.upper(), path) for path, item in paths.items() for method in item}

    private = {(method, path) for method, path in routes if "{" in path}

    assert len(private) == len(everything_of_alice)
