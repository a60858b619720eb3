"""The signing key: made once, kept from others' eyes."""

from __future__ import annotations

import os
import stat
import threading

import pytest

from assay.badges import KeyFileExposed, SigningKey, UnusableKey, load_or_create_key


@pytest.fixture
def create(key: SigningKey):
    return lambda: key


def test_it_is_made_at_the_first_call_and_read_at_the_next(tmp_path, create):
    path = tmp_path / "data" / "signing-key.pem"
    made = load_or_create_key(path, create)
    read = load_or_create_key(path, lambda: pytest.fail("a second key was made"))

    assert made.public == read.public


def test_only_its_owner_can_read_it(tmp_path, create):
    path = tmp_path / "signing-key.pem"
    before = os.umask(0)
    try:
        load_or_create_key(path, create)
    finally:
        os.umask(before)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["signing-key.pem"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_key_that_others_could_read_is_not_used(tmp_path, create, mode):
    path = tmp_path / "signing-key.pem"
    load_or_create_key(path, create)
    path.chmod(mode)

    with pytest.raises(KeyFileExposed, match="chmod 600"):
        load_or_create_key(path, create)


def test_processes_that_start_together_get_one_key(tmp_path):
    path = tmp_path / "signing-key.pem"
    barrier = threading.Barrier(3)
    found = []

    def slowly() -> SigningKey:
        made = SigningKey.create(bits=2048)
        barrier.wait(timeout=60)  # all of them have seen that there is no key
        return made

    threads = [
        threading.Thread(target=lambda: found.append(load_or_create_key(path, slowly).public.kid))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 3
    assert len(set(found)) == 1


def test_a_failed_start_leaves_nothing_behind(tmp_path):
    def fail() -> SigningKey:
        raise MemoryError

    with pytest.raises(MemoryError):
        load_or_create_key(tmp_path / "signing-key.pem", fail)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"not a key", b"-----BEGIN PRIVATE KEY-----\n"])
def test_a_file_that_is_no_key_is_refused(tmp_path, content):
    path = tmp_path / "signing-key.pem"
    path.touch(mode=0o600)
    path.write_bytes(content)

    with pytest.raises(UnusableKey):
        load_or_create_key(path)


def test_a_public_key_cannot_sign(key):
    with pytest.raises(UnusableKey):
        SigningKey.from_pem(key.native.as_pem(private=False))


def test_a_new_key_is_long_enough_for_the_years_of_a_certificate():
    assert SigningKey.create().native.raw_value.key_size == 3072


def test_it_does_not_show_itself_by_accident(key):
    shown = repr(key)

    assert shown == f"SigningKey({key.public.kid})"
