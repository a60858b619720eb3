"""The store of files, and the deployment's secrets."""

from __future__ import annotations

import hashlib
import stat
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from assay.server.deployment import secret
from assay.server.settings import database
from assay.server.storage import FileLost, FolderStore


@pytest.fixture
def store(tmp_path):
    return FolderStore(tmp_path / "files")


def test_a_file_is_named_by_its_digest(store):
    assert store.put(b"content") == hashlib.sha256(b"content").hexdigest()


def test_what_was_put_is_read(store):
    assert store.read(store.put(b"content")) == b"content"


def test_equal_files_are_stored_once(store):
    assert store.put(b"content") == store.put(b"content")
    assert len([path for path in store.folder.rglob("*") if path.is_file()]) == 1


def test_a_file_is_adopted_by_moving_it(store, tmp_path):
    path = tmp_path / "upload"
    path.write_bytes(b"content")
    name = hashlib.sha256(b"content").hexdigest()

    store.adopt(path, name)

    assert not path.exists()
    assert store.read(name) == b"content"


def test_a_file_that_is_known_is_adopted_by_dropping_it(store, tmp_path):
    name = store.put(b"content")
    path = tmp_path / "upload"
    path.write_bytes(b"content")

    store.adopt(path, name)

    assert not path.exists()


def test_a_file_has_a_local_path_while_it_is_used(store):
    with store.local(store.put(b"content")) as path:
        assert path.read_bytes() == b"content"


def test_a_lost_file_is_our_fault(store):
    with pytest.raises(FileLost, match="0" * 64):
        store.read("0" * 64)


def test_a_draft_that_failed_is_no_file(store):
    with pytest.raises(TypeError):
        store.put("text")  # type: ignore[arg-type]

    assert not list(store.folder.rglob("??/*"))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_only_the_owner_reads_a_file(store):
    with store.local(store.put(b"content")) as path:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_secret_is_made_once(tmp_path):
    assert secret(tmp_path, "draw") == secret(tmp_path, "draw")
    assert secret(tmp_path, "draw") != secret(tmp_path, "django")
    assert len(secret(tmp_path, "draw")) >= 50


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_only_the_owner_reads_a_secret(tmp_path):
    secret(tmp_path, "draw")

    assert stat.S_IMODE((tmp_path / "secrets" / "draw").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700


def test_processes_that_start_together_agree_on_a_secret(tmp_path):
    with ThreadPoolExecutor(16) as pool:
        made = set(pool.map(lambda _: secret(tmp_path, "draw"), range(64)))

    assert len(made) == 1
    assert len(list((tmp_path / "secrets").iterdir())) == 1


def test_the_address_of_an_embedded_database_names_a_socket():
    entry = database("postgresql://postgres:@/postgres?host=/tmp/assay")

    assert (entry["HOST"], entry["USER"], entry["NAME"]) == ("/tmp/assay", "postgres", "postgres")


def test_the_address_of_a_database_may_carry_options():
    entry = database("postgresql://a:b%40c@db.example.org:6543/exam?sslmode=require")

    assert (entry["HOST"], entry["PORT"], entry["PASSWORD"]) == ("db.example.org", "6543", "b@c")
    assert entry["OPTIONS"]["sslmode"] == "require"
