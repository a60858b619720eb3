from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from alices_shell import Shell

from assay.cli.accounts import normal_address
from assay.cli.failures import BadServer
from fake_exam import ALICE


def stored(home: Path) -> dict:
    return json.loads((home.parent / "config" / "accounts.json").read_text())


def test_it_checks_the_token_and_remembers_it(shell: Shell, server: str, home: Path):
    shell("login", server, "--token", ALICE)

    assert stored(home)["tokens"] == {server: ALICE}
    assert "Alice Example" in shell.err


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps a user's folder to the user")
def test_only_its_owner_can_read_the_token(shell: Shell, server: str, home: Path):
    shell("login", server, "--token", ALICE)

    assert (home.parent / "config" / "accounts.json").stat().st_mode & 0o777 == 0o600


def test_a_wrong_token_is_not_stored(shell: Shell, server: str, home: Path):
    shell("login", server, "--token", "wrong", code=3)

    assert not (home.parent / "config" / "accounts.json").exists()


def test_without_a_token_and_a_terminal_it_says_what_is_missing(shell: Shell, server: str):
    shell("login", server, code=2)

    assert "--token TOKEN" in shell.err


def test_a_second_server_does_not_sign_out_of_the_first(shell: Shell, server: str, home: Path):
    shell("login", server, "--token", ALICE)
    shell("login", server.replace("127.0.0.1", "localhost"), "--token", ALICE)

    assert len(stored(home)["tokens"]) == 2


def test_a_chosen_language_is_remembered(shell: Shell, server: str, home: Path, monkeypatch):
    shell("login", server, "--token", ALICE, "--language", "zh-CN")

    assert stored(home)["language"] == "zh-CN"


def test_else_the_language_of_the_registration_is_used(shell: Shell, server: str, home: Path):
    shell("login", server, "--token", ALICE)

    assert stored(home)["language"] == "en"


def test_no_listener_at_the_address_is_said(shell: Shell, monkeypatch):
    monkeypatch.setenv("ASSAY_PATIENCE", "0.1")
    shell("login", "http://127.0.0.1:9", "--token", ALICE, code=8)

    assert "Nothing answers at http://127.0.0.1:9." in shell.err


def test_something_else_that_answers_is_no_exam_server(shell: Shell, server: str):
    shell("login", f"{server}/intranet", "--token", ALICE, code=5)


def test_settings_of_a_newer_assay_are_left_alone(shell: Shell, server: str, home: Path):
    folder = home.parent / "config"
    folder.mkdir()
    (folder / "accounts.json").write_text('{"format_version": 9}')
    shell("login", server, "--token", ALICE, code=2)

    assert "Upgrade first" in shell.err
    assert stored(home) == {"format_version": 9}


def test_damaged_settings_are_named(shell: Shell, server: str, home: Path):
    folder = home.parent / "config"
    folder.mkdir()
    (folder / "accounts.json").write_text("{")
    shell("status", code=2)

    assert "accounts.json cannot be read" in shell.err


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        ("exam.example.org", "https://exam.example.org"),
        ("HTTPS://Exam.Example.org/", "https://exam.example.org"),
        ("https://exam.example.org:443", "https://exam.example.org"),
        ("https://exam.example.org:8443/api/", "https://exam.example.org:8443"),
        ("https://example.org/exam/", "https://example.org/exam"),
        ("localhost:8765", "http://localhost:8765"),
        ("127.0.0.1:8765", "http://127.0.0.1:8765"),
        ("http://[::1]:8765", "http://[::1]:8765"),
    ],
)
def test_addresses_have_one_normal_form(given: str, normal: str):
    assert normal_address(given) == normal


@pytest.mark.parametrize(
    "given",
    ["", "ftp://example.org", "https://", "http://a b", "https://me@example.org", "http://x:y"],
)
def test_what_is_no_address_is_refused(given: str):
    with pytest.raises(BadServer):
        normal_address(given)
