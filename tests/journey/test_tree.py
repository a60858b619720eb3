"""The server as one process tree: it starts, runs and stops as a whole."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import httpx
import pytest
from tree import PATIENCE, Tree, environment, eventually, no_process_left

from assay.server.embedded.folder import DataFolder
from assay.server.embedded.postgres import Postgres
from small_bank import write_bank

PARTS = {"serve", "web", "grader", "background", "postgres", "sandbox"}


def health(tree: Tree) -> dict[str, object]:
    answer = httpx.get(f"{tree.url}/api/health", timeout=PATIENCE)
    assert answer.status_code == 200
    content: dict[str, object] = answer.json()
    return content


def is_healthy(tree: Tree) -> bool:
    try:
        return health(tree)["graders"] == 1
    except (AssertionError, httpx.HTTPError):
        return False


def crowding() -> float:
    """How many processes share each processor with us, at least 1."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


@pytest.fixture
def running(house: Tree) -> Tree:
    """The server, started again only if the test before left it down: a start takes long."""
    return house if house.is_up() else house.start()


def test_it_starts_on_an_empty_folder_within_ten_seconds_and_leaves_nothing(home, bank):
    tree = Tree(home / "empty" / "data", environment(ASSAY_BANK=str(bank)))
    tree.data.parent.mkdir()
    with no_process_left(tree):
        begun = time.monotonic()
        tree.start()

        assert time.monotonic() - begun < 10 * crowding()
        eventually(lambda: set(tree.look()) == PARTS)
        assert health(tree)["status"] == "ok"
        # Ctrl-C reaches the whole terminal, and a caller may pass it on besides.
        os.kill(tree.process.pid, signal.SIGINT)
        assert tree.stop(signal.SIGINT) == 0
        assert tree.remaining() == []
        assert not (tree.data / "server.json").exists()
        assert "Stopped." in tree.errors.read_text()


def test_it_can_be_stopped_while_it_starts(tree):
    tree.process = tree.launch()
    eventually(lambda: "up to date" in tree.errors.read_text())

    assert tree.stop() == 0
    assert tree.remaining() == []


def test_it_says_how_it_goes_in_the_readers_language(running):
    told = running.errors.read_text().splitlines()

    assert [line.split()[0] for line in told] == ["Starting", "Bringing", "Starting", "Ready"]
    assert told[-1] == f"Ready at {running.url}"


def test_a_second_start_on_the_same_folder_names_the_first(running):
    second = running.run("serve", "--data", str(running.data), "--port", "0")

    assert second.returncode == 6
    assert str(running.process.pid) in second.stderr
    assert running.url in second.stderr
    assert health(running)["status"] == "ok"


def test_status_finds_it_by_its_folder(running):
    status = json.loads(running.run("status", "--data", str(running.data), "--json").stdout)

    assert status["url"] == running.url
    assert status["pid"] == running.process.pid
    assert "database" not in status


def test_only_its_owner_can_read_what_is_secret(running):
    for name in ("server.json", "secrets", "incoming", "tmp", "log", "postgres"):
        assert (running.data / name).stat().st_mode & 0o077 == 0, name
    assert running.data.stat().st_mode & 0o066 == 0


def test_management_commands_run_on_its_database(running):
    running.manage("register_candidate", "alice@example.org", "--name", "Alice", "--exam", "tiny")
    count = "from assay.server.accounts.models import User as U; print(U.objects.count())"

    assert running.manage("shell", "-c", count).split()[-1] == "1"


def test_parts_that_are_killed_are_started_again(running):
    before = eventually(lambda: (found := running.look()).keys() == PARTS and found)
    for name in ("web", "grader", "background"):
        before[name].kill()
    eventually(lambda: not before["sandbox"].is_running())  # it was the grader's
    eventually(lambda: (found := running.look()).keys() == PARTS and is_healthy(running) and found)
    before["postgres"].kill()
    after = eventually(
        lambda: (
            (found := running.look()).keys() == PARTS
            and all(found[name].pid != before[name].pid for name in PARTS - {"serve"})
            and is_healthy(running)
            and found
        )
    )

    assert after["serve"].pid == before["serve"].pid


def test_sigterm_stops_it_even_while_a_request_does_not_end(running):
    waiting = socket.create_connection(("127.0.0.1", int(running.url.rpartition(":")[2])))
    waiting.sendall(b"GET /api/health HTTP/1.1\r\n")  # the rest never comes
    begun = time.monotonic()

    assert running.stop(signal.SIGTERM) == 0
    assert time.monotonic() - begun < 15
    assert running.remaining() == []
    waiting.close()


def test_stop_ends_it_by_its_folder(running):
    folder = ["--data", str(running.data)]

    assert running.run("stop", *folder).returncode == 0
    assert running.gone() == 0
    assert running.run("stop", *folder).returncode == 2
    assert running.run("status", *folder).returncode == 2


def test_when_the_supervisor_is_killed_all_end_and_the_next_start_recovers(running):
    leftovers = [running.data / "incoming" / "upload-half", running.data / "tmp" / "draw-half"]
    for leftover in leftovers:
        leftover.write_bytes(b"half")
    running.look()["serve"].kill()
    running.gone()

    eventually(lambda: not running.remaining(), seconds=15)
    assert health(running.start())["status"] == "ok"
    assert not any(leftover.exists() for leftover in leftovers)


def test_when_all_are_killed_the_next_start_recovers_and_leaves_strangers_alone(running):
    running.kill_all()
    # As in a container that starts again: another process now has the old number.
    stranger = subprocess.Popen(["sleep", "600"])
    note = running.data / "postgres" / "postmaster.pid"
    note.write_text("\n".join([str(stranger.pid), *note.read_text().splitlines()[1:]]))
    try:
        assert health(running.start())["status"] == "ok"
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_long_path_does_not_hinder_the_database(tree):
    deep = tree.data.parent / ("deep" * 30)
    deep.mkdir()
    tree.data.rename(deep / "data")
    tree.data = deep / "data"
    before = set(Path(tempfile.gettempdir()).glob("assay-postgres-*"))

    assert health(tree.start())["status"] == "ok"
    tree.stop()
    assert set(Path(tempfile.gettempdir()).glob("assay-postgres-*")) <= before


def test_a_port_that_is_taken_is_said_at_once(tree):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        run = tree.run("serve", "--data", str(tree.data), "--port", port)

    assert run.returncode == 2
    assert port in run.stderr
    assert "--port" in run.stderr
    assert "Traceback" not in run.stderr


def test_a_folder_that_cannot_be_used_is_said_at_once(tree):
    file = tree.data.parent / "file"
    file.write_text("no folder")
    run = tree.run("serve", "--data", str(file))

    assert run.returncode == 2
    assert str(file) in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("blueprints/tiny.yaml", "format_version: 1\n", "blueprints/tiny.yaml lacks the field"),
        ("regression/line/item.yaml", "title: [\n", "regression/line/item.yaml cannot be read"),
    ],
)
def test_a_bank_that_cannot_be_read_is_said_before_anybody_sits_an_exam(
    tree, tmp_path, name, content, words
):
    bank = write_bank(tmp_path / "bank")
    (bank / name).write_text(content)
    tree.environment = {**tree.environment, "ASSAY_BANK": str(bank)}
    run = tree.run("serve", "--data", str(tree.data), "--port", "0")

    assert run.returncode == 10
    assert words in run.stderr
    assert "Traceback" not in run.stderr


def test_it_runs_on_a_database_server_of_ones_own(tree, home):
    own = DataFolder(home / "own")
    server = Postgres(own)
    with own.locked():
        try:
            tree.environment = {**tree.environment, "ASSAY_DATABASE_URL": server.prepare()}
            server.start()
            tree.start()
            status = health(tree)
            parts = eventually(lambda: (found := tree.look()).keys() >= {"background"} and found)
            tree.stop()
        finally:
            server.stop()

    assert (status["status"], status["graders"]) == ("ok", 1)
    assert parts.keys() == PARTS - {"postgres"}


def test_a_wrong_database_url_is_explained_without_its_password(tree):
    url = "postgresql://alice:hunter2@127.0.0.1:1/assay"
    tree.environment = {**tree.environment, "ASSAY_DATABASE_URL": url}
    run = tree.run("serve", "--data", str(tree.data), "--port", "0")

    assert run.returncode == 2
    assert "ASSAY_DATABASE_URL" in run.stderr
    assert "hunter2" not in run.stderr
    assert "Traceback" not in run.stderr


def test_a_database_of_a_newer_version_is_left_alone(tree):
    write = (
        "from django.db import connection as c; c.cursor().execute('INSERT INTO django_migrations"
        " (app, name, applied) VALUES (%s, %s, now())', ['submissions', '9999_of_tomorrow'])"
    )
    tree.manage("shell", "-c", write)
    run = tree.run("serve", "--data", str(tree.data), "--port", "0")

    assert run.returncode == 2
    assert "9999_of_tomorrow" in run.stderr
    assert "newer" in run.stderr
    assert not (tree.data / "postgres" / "postmaster.pid").exists()
