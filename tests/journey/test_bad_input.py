"""Bad input at a real server: a clear answer each time, nothing lost, and the server goes on.

Alice and Bob sit their exams at the same time through the real command line; Dora's
is so brief that its clock runs out; Emil has not started his yet.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import shutil
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from desk import Desk
from tree import PATIENCE, Candidate, Tree, copy_of, environment, eventually, no_process_left

from small_bank import EXAM, INTERCEPT, line_model, misshapen_model, slow_model, write_bank

LIMIT = 1_000_000  # bytes; the item's
SHORT, BRIEF = "short", "brief"  # exams of one category; the clock of the second soon runs out
SECONDS = 6
PLAN = """
format_version: 1
uuid: {uuid}
title: {{en: {name}, zh-CN: 另一场考试}}
slots: [{{name: Category1, title: {{en: One, zh-CN: 一}}, weight: 100, pool: [regression/line]}}]
duration_minutes: {minutes}
pass_mark: 90
upload_grace_seconds: 0
retake_waits: [{{}}]
registration_valid_days: 30
fee: {{amount: 0, currency: USD}}
environment: [numpy]
"""
PEOPLE = {"alice": EXAM, "bob": SHORT, "dora": BRIEF, "emil": SHORT}
ENROL = """
from django.core.management import call_command
for name, exam in {people!r}.items():
    call_command("register_candidate", name + "@example.org", name=name, exam=exam, json=True)
"""
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Person:
    """Somebody who sits an exam: at the command line, and as a program that uses the API."""

    desk: Desk
    api: Candidate

    def start(self) -> None:
        """Start the clock; the exam folder becomes the current one."""
        self.desk("start", "exam", "--no-env", "--yes")
        self.desk.place /= "exam"

    def post(self, content: bytes | Iterator[bytes], slot: str = "Category1") -> httpx.Response:
        """Upload a file as a program does."""
        address = f"/api/sittings/{self.api.sitting}/tasks/{slot}/submissions"
        return self.api.client.post(address, params={"name": "mymodel.h5"}, content=content)


@dataclass(frozen=True)
class House:
    """A server, and who sits exams at it."""

    tree: Tree
    people: dict[str, Person]


@pytest.fixture(scope="module")
def house(home: Path, fresh: Path) -> Iterator[House]:
    bank = write_bank(home / "bank-of-three-exams")
    for name, minutes in ((SHORT, 60), (BRIEF, SECONDS / 60)):
        plan = PLAN.format(uuid=uuid.uuid4(), name=name, minutes=minutes)
        (bank / "blueprints" / f"{name}.yaml").write_text(plan, encoding="utf-8")
    tree = Tree(copy_of(fresh, home), environment(ASSAY_BANK=str(bank)))
    with no_process_left(tree):
        tree.start()
        printed = tree.manage("shell", "-c", ENROL.format(people=PEOPLE))
        records = [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
        people = {record["name"]: arrive(tree, record, home) for record in records}
        for person in people.values():
            person.api.open()
        yield House(tree, people)
    shutil.rmtree(tree.data.parent)


def arrive(tree: Tree, record: dict[str, Any], home: Path) -> Person:
    """Give somebody who was registered a desk, and sign in."""
    place = home / f"desk-of-{record['name']}"
    place.mkdir()
    config = str(place / "config")
    desk = Desk(place, {"ASSAY_CONFIG": config, "ASSAY_LANGUAGE": "en", "ASSAY_PATIENCE": "30"})
    desk("login", tree.url, "--token", record["token"])
    authorization = {"Authorization": f"Bearer {record['token']}"}
    client = httpx.Client(base_url=tree.url, headers=authorization, timeout=PATIENCE)
    tree.clients.append(client)
    return Person(desk, Candidate(client, record["registration"]))


@pytest.fixture(scope="module")
def dora(house: House) -> Person:
    """Dora, whose clock is running out while others are looked at."""
    dora = house.people["dora"]
    dora.start()

    assert dora.api.verdict(dora.api.submit(line_model())["id"])["points"] == 5

    return dora


@pytest.fixture(scope="module")
def alice(house: House, dora: Person) -> Person:
    """Alice in her exam folder; she has 2/5 in Category1."""
    alice = house.people["alice"]
    alice.start()
    alice.desk.save(line_model(1.0))

    assert alice.desk.json("submit", "1")["points"] == 2

    return alice


@pytest.fixture(scope="module")
def bob(house: House) -> Person:
    """Bob in his exam folder."""
    bob = house.people["bob"]
    bob.start()
    return bob


def another_good_model() -> bytes:
    """Return a model that earns 5/5 and has never been graded before."""
    return line_model(intercept=INTERCEPT + next(_numbers) * 1e-5)


def all_is_well(person: Person, slot: str = "Category2") -> None:
    """Check that the server grades a good file right."""
    submission = person.api.submit(another_good_model(), slot)

    assert person.api.verdict(submission["id"])["points"] == 5


def is_chinese(text: str) -> bool:
    return any("一" <= character <= "鿿" for character in text)


# Files that are no model, or not the one that is asked for.

WEAK = line_model(1.0)
FILES = {
    "an empty file": (b"", "empty_file", ["0 bytes", "model.save"]),
    "a text file": (
        Path(__file__).read_bytes(),
        "text_file",
        ["plain text", "model.save"],
    ),
    "a truncated file": (WEAK[: len(WEAK) // 2], "damaged_file", ["incomplete", "Save"]),
    "a wrong input": (
        misshapen_model(2, 1),
        "wrong_input_shape",
        ["(1,)", "(2,)", "Input(shape=(1,))"],
    ),
    "a wrong output": (misshapen_model(1, 3), "wrong_output_shape", ["(1,)", "(3,)", "`dense`"]),
    "predictions that are no numbers": (line_model(math.nan), "not_a_number", ["NaN"]),
}


@pytest.mark.parametrize(("content", "code", "told"), FILES.values(), ids=FILES)
def test_it_is_refused_with_its_reason_and_costs_nothing(alice, content, code, told):
    desk = alice.desk
    before = desk.standing()
    file = desk.save(content)
    refused = desk.json("submit", "1", code=7)
    refusal = refused["refusal"]
    english = desk("submit", "1", code=7)
    chinese = desk("submit", "1", "--language", "zh-CN", code=7)
    in_chinese = desk.json("submit", "1", "--language", "zh-CN", code=7)["refusal"]
    after = desk.standing()

    assert (refused["state"], refused["points"], refusal["code"]) == ("refused", None, code)
    assert refused["sha256"] == hashlib.sha256(content).hexdigest()
    for words in told:
        assert words in f"{refusal['message']} {refusal['remedy']}"
    # What programs read is what people read, in their language.
    for shown, problem in ((english, refusal), (chinese, in_chinese)):
        unwrapped = "".join(shown.split())
        assert "".join(problem["message"].split()) in unwrapped
        assert "".join(f"→ {problem['remedy']}".split()) in unwrapped
    assert is_chinese(in_chinese["message"])
    assert is_chinese(in_chinese["remedy"])
    assert in_chinese["params"] == refusal["params"]
    assert file.read_bytes() == content
    best, tries = before["Category1"]
    assert after == before | {"Category1": (best, tries + 4)}
    all_is_well(alice)


def in_pieces(content: bytes) -> Iterator[bytes]:
    """Yield content so that its length is not known beforehand."""
    for start in range(0, len(content), 65536):
        yield content[start : start + 65536]


def test_a_file_over_the_limit_is_not_sent_and_not_taken(house, alice):
    large = bytes(LIMIT + 1)
    before = alice.desk.standing()
    file = alice.desk.save(large)
    problem = alice.desk.problem("submit", "1", code=2)
    alice.desk("submit", "1", "--language", "zh-CN", code=2)

    assert is_chinese(alice.desk.err)
    assert problem["code"] == "file_too_large"
    for words in (str(file), "1000001", "1000000", "Nothing was sent"):
        assert words in problem["message"]
    declared, pieces = alice.post(large), alice.post(in_pieces(large))
    assert "Content-Length" in declared.request.headers
    assert "Content-Length" not in pieces.request.headers
    for answer in (declared, pieces):
        assert (answer.status_code, answer.json()["code"]) == (413, "file_too_large")
        assert "at most 1000000" in answer.json()["message"]
        assert "include_optimizer=False" in answer.json()["remedy"]
    eventually(lambda: not list((house.tree.data / "incoming").iterdir()))
    assert alice.desk.standing() == before
    all_is_well(alice)


def test_an_upload_that_was_damaged_on_its_way_is_refused(alice):
    before = alice.desk.standing()
    answer = alice.api.client.post(
        f"/api/sittings/{alice.api.sitting}/tasks/Category1/submissions",
        headers={"X-Content-SHA256": hashlib.sha256(b"what was sent").hexdigest()},
        content=b"what arrived",
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "damaged_upload")
    assert hashlib.sha256(b"what arrived").hexdigest() in answer.json()["message"]
    assert alice.desk.standing() == before


def test_an_unknown_category_is_named_with_those_that_there_are(alice):
    before = alice.desk.standing()
    alice.desk.save(line_model(), "Category1")
    problem = alice.desk.problem("submit", "9", code=2)
    answer = alice.post(line_model(), "Category9")

    assert problem["code"] == "no_such_slot"
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_category")
    for message in (problem["message"], answer.json()["message"]):
        assert "9" in message
        assert "Category1, Category2" in message
    assert "assay submit 1" in answer.json()["remedy"]
    assert alice.desk.standing() == before
    all_is_well(alice)


# At the wrong time.


def test_before_the_start_and_after_the_end_nothing_is_taken(house):
    emil = house.people["emil"]
    desk = emil.desk
    desk("start", "exam", "--no-env", code=12)  # everything is ready; the clock stands still
    desk.place /= "exam"
    model = desk.place / "model.h5"
    model.write_bytes(line_model())
    too_early = desk.problem("submit", "1", str(model), code=4)
    raw = emil.post(line_model())

    assert too_early["code"] == raw.json()["code"] == "not_started"
    assert raw.status_code == 403
    assert "assay start" in too_early["remedy"]
    desk("submit", "1", str(model), "--language", "zh-CN", code=4)
    assert is_chinese(desk.err)
    assert desk.standing() == {"total": 0, "Category1": (None, 0)}

    desk("start", "--yes")
    assert desk.json("submit", "1", str(model))["points"] == 5
    desk("end", "--yes")
    result = desk.json("result", "--wait")
    too_late = desk.problem("submit", "1", str(model), code=4)
    raw = emil.post(another_good_model())

    assert too_late["code"] == raw.json()["code"] == "sitting_over"
    assert raw.status_code == 403
    assert "ended at 20" in too_late["message"]
    assert "assay result" in too_late["remedy"]
    assert model.read_bytes() == line_model()
    assert desk.json("result") == result
    assert (result["total"], result["slots"][0]["tries"]) == (100, 1)


# Twice at once.


def test_the_same_bytes_twice_at_once_are_one_submission_and_other_bytes_have_to_wait(alice):
    before = alice.desk.standing()
    slow = slow_model(20_000)
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(alice.post, [slow, slow])
    file = alice.desk.save(another_good_model())
    problem = alice.desk.problem("submit", "1", code=6)
    alice.desk("submit", "1", "--language", "zh-CN", code=6)

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] == second.json()["id"]
    assert problem["code"] == "submission_in_progress"
    assert f"number {first.json()['number']}, mymodel.h5" in problem["message"]
    assert "assay cancel Category1" in problem["remedy"]
    assert is_chinese(alice.desk.err)
    assert file.exists()

    all_is_well(alice)  # the other category does not have to wait
    assert alice.desk.json("cancel", "1")["state"] == "cancelled"
    best, tries = before["Category1"]
    assert alice.desk.standing()["Category1"] == (best, tries + 1)
    assert alice.desk.standing()["Category2"][0] == 5


def test_of_two_files_in_the_same_moment_one_is_taken_and_the_other_told(bob):
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(bob.post, [slow_model(20_000), slow_model(20_001)]))
    taken, told = sorted(answers, key=lambda answer: answer.status_code)

    assert (taken.status_code, told.status_code) == (201, 409)
    assert told.json()["code"] == "submission_in_progress"
    bob.api.cancel(taken.json()["id"])
    assert bob.api.verdict(taken.json()["id"])["state"] == "cancelled"
    assert bob.desk.standing()["Category1"] == (None, 1)
    all_is_well(bob, "Category1")


def test_two_candidates_at_once_get_their_own_points(alice, bob):
    def hand_in(person: Person, models: list[bytes]) -> list[dict[str, Any]]:
        return [person.api.verdict(person.api.submit(model)["id"]) for model in models]

    weak = [line_model(1.0, INTERCEPT + number * 1e-5) for number in range(5)]
    good = [another_good_model() for _ in weak]
    with ThreadPoolExecutor(2) as pool:
        alices, bobs = pool.map(hand_in, [alice, bob], [weak, good])

    assert [verdict["points"] for verdict in alices] == [2] * 5
    assert [verdict["points"] for verdict in bobs] == [5] * 5
    ids = {verdict["id"] for verdict in alices}
    listed = bob.api.client.get(f"/api/sittings/{bob.api.sitting}/submissions").json()
    assert ids.isdisjoint(submission["id"] for submission in listed)


def test_ten_times_the_same_file_is_ten_times_the_same_mark(bob):
    file = bob.desk.save(line_model(1.5))
    verdicts = [bob.desk.json("submit", "1") for _ in range(10)]

    assert [verdict["points"] for verdict in verdicts] == [3] * 10
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert {verdict["sha256"] for verdict in verdicts} == {digest}
    assert len({verdict["number"] for verdict in verdicts}) == 10


# With another's token, or in another's folder.


def everything(tree: Tree) -> list[tuple[str, str]]:
    """Return every address of the API that names something of a candidate's, by method."""
    paths = httpx.get(f"{tree.url}/api/openapi.json", timeout=PATIENCE).json()["paths"]
    return [
        (method.upper(), path) for path, item in paths.items() for method in item if "{" in path
    ]


def test_with_anothers_token_nothing_is_seen_and_nothing_changes(house, alice, bob):
    before = alice.api.client.get(f"/api/sittings/{alice.api.sitting}/submissions").json()
    names = {
        "registration_id": alice.api.registration,
        "sitting_id": alice.api.sitting,
        "submission_id": before[0]["id"],
        "slot": "Category1",
    }
    routes = everything(house.tree)
    stranger = httpx.Client(base_url=house.tree.url, timeout=PATIENCE)
    forger = {"Authorization": "Bearer alice"}

    assert len(routes) >= 10
    with stranger:
        for method, route in routes:
            address = route.format(**names)
            content = line_model() if method == "POST" else None
            bobs = bob.api.client.request(method, address, content=content)
            assert (bobs.status_code, bobs.json()["code"]) == (404, "not_found"), address
            for headers in ({}, forger):
                answer = stranger.request(method, address, content=content, headers=headers)
                found = (answer.status_code, answer.json()["code"])
                assert found == (401, "unauthenticated"), address
                assert "assay login" in answer.json()["remedy"]
    after = alice.api.client.get(f"/api/sittings/{alice.api.sitting}/submissions").json()
    assert after == before
    assert alice.api.look_at_sitting()["phase"] == "running"


def test_in_anothers_folder_the_command_line_says_whose_it_may_be(alice, bob):
    file = alice.desk.save(line_model())
    before = alice.desk.standing()
    own_place, bob.desk.place = bob.desk.place, alice.desk.place
    try:
        problem = bob.desk.problem("submit", "1", code=5)
        bob.desk("submit", "1", "--language", "zh-CN", code=5)
    finally:
        bob.desk.place = own_place

    assert problem["code"] == "not_found"
    assert "somebody else" in problem["message"]
    assert "assay status" in problem["remedy"]
    assert is_chinese(bob.desk.err)
    assert file.read_bytes() == line_model()
    assert alice.desk.standing() == before


# In a folder of another exam, sitting or server.


@pytest.fixture
def altered(alice: Person) -> Iterator[Callable[[str, str], None]]:
    """Make Alice's folder another's, as if she had mixed up two of them."""
    record = alice.desk.place / ".assay" / "workspace.json"
    original = record.read_text(encoding="utf-8")

    def alter(name: str, value: str) -> None:
        record.write_text(json.dumps(json.loads(original) | {name: value}), encoding="utf-8")

    yield alter
    record.write_text(original, encoding="utf-8")


def test_a_folder_of_another_exam_is_not_taken_for_this_one(alice):
    problem = alice.desk.problem("start", "--exam", BRIEF, code=2)

    assert problem["code"] == "other_sitting"
    assert alice.api.sitting in problem["message"]
    assert "assay start NEW_FOLDER" in problem["remedy"]


def test_a_folder_of_a_sitting_that_is_not_there_is_said_to_be_so(alice, altered):
    before = alice.desk.standing()
    altered("sitting", str(uuid.uuid4()))
    problem = alice.desk.problem("submit", "2", "Category1/mymodel.h5", code=5)
    altered("sitting", alice.api.sitting)

    assert problem["code"] == "not_found"
    assert "sitting" in problem["message"]
    assert alice.desk.standing() == before


def test_a_folder_of_another_server_is_never_sent_to_this_one(house, alice, altered):
    before = alice.desk.standing()
    other = "https://exam.example.org"
    altered("server", other)
    stranger = alice.desk.problem("submit", "1", code=3)
    named = alice.desk.problem("submit", "1", code=2, ASSAY_SERVER=house.tree.url)
    alice.desk("submit", "1", "--language", "zh-CN", code=2, ASSAY_SERVER=house.tree.url)

    assert is_chinese(alice.desk.err)
    assert stranger["code"] == "not_signed_in"
    assert other in stranger["message"]
    assert f"assay login {other}" in stranger["remedy"]
    assert named["code"] == "other_server"
    assert other in named["message"]
    assert house.tree.url in named["message"]
    altered("server", house.tree.url)
    assert alice.desk.standing() == before


# When the server is away.


def test_a_server_that_is_away_is_waited_for_and_nothing_is_lost(house, alice):
    tree, desk = house.tree, alice.desk
    before = desk.standing()
    model = another_good_model()
    file = desk.save(model, "Category1")
    desk.save(slow_model(6_000), "Category2")
    port = urlsplit(tree.url).port
    with desk.launch("submit", "2", "--json") as grading:
        eventually(lambda: desk.standing() != before)
        tree.stop()
        problem = desk.problem("submit", "1", code=8, ASSAY_PATIENCE="1")

        assert problem["code"] == "connection_refused"
        assert tree.url in problem["message"]
        assert "Nothing is lost" in problem["remedy"]
        assert "Trying again in 0.5 s" in desk.err
        desk("submit", "1", "--language", "zh-CN", code=8, ASSAY_PATIENCE="0")
        assert is_chinese(desk.err)
        assert file.read_bytes() == model

        with desk.launch("submit", "1", "--json") as sending:
            eventually(lambda: "Trying again" in sending.said())
            tree.start("--port", str(port))
            sent = json.loads(sending.out(code=0))
        graded = json.loads(grading.out(code=0))

    assert "Trying again" in grading.said()
    assert (sent["state"], sent["points"], sent["attempt"]) == ("graded", 5, 1)
    assert (graded["state"], graded["points"]) == ("graded", 0)
    (_, tries), (best, others) = before["Category1"], before["Category2"]
    assert desk.standing()["Category1"] == (5, tries + 1)
    assert desk.standing()["Category2"] == (best, others + 1)
    all_is_well(alice)


# When the time is up.


def test_when_the_clock_has_run_out_nothing_more_is_taken_and_what_was_there_counts(dora):
    """The server was away when it ran out, unless this test runs alone."""
    eventually(lambda: dora.desk.json("status")["sitting"]["phase"] != "running")
    dora.desk.save(another_good_model())
    problem = dora.desk.problem("submit", "1", code=4)
    raw = dora.post(another_good_model())
    result = dora.desk.json("result", "--wait")

    assert problem["code"] == raw.json()["code"] == "sitting_over"
    assert raw.status_code == 403
    assert (result["total"], result["passed"]) == (100, True)
    assert result["slots"][0]["tries"] == 1
    # Its folder is not taken for a further sitting either.
    assert dora.desk.json("start", "--yes")["workspace"] is None
