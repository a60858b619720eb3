from __future__ import annotations

import json
import os
import sys
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest
from alices_shell import Shell

from assay.cli.accounts import normal_address
from assay.cli.browser import token_by_browser
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


@pytest.fixture
def slept(monkeypatch) -> list[float]:
    """How long it waited between its questions; it does not wait in fact."""
    seconds: list[float] = []
    monkeypatch.setattr(
        "assay.cli.login.token_by_browser", partial(token_by_browser, sleep=seconds.append)
    )
    return seconds


def test_without_a_token_the_browser_is_asked(shell: Shell, server: str, home: Path, slept):
    shell("login", server, "--no-browser")

    assert "http://exam.example/device/" in shell.err
    assert "CDFG-HJKM" in shell.err
    assert "long-and-secret" not in shell.err
    assert stored(home)["tokens"] == {server: ALICE}
    assert slept == [3.0, 3.0]


def test_it_asks_more_slowly_when_told_to(shell: Shell, server: str, exam, slept):
    exam.decisions = ["slow_down", "authorization_pending", "allow"]
    shell("login", server, "--no-browser")

    assert slept == [3.0, 8.0, 8.0]


def test_a_refusal_in_the_browser_stores_nothing(shell: Shell, server: str, exam, home, slept):
    exam.decisions = ["access_denied"]
    shell("login", server, "--no-browser", code=2)

    assert not (home.parent / "config" / "accounts.json").exists()


def test_a_code_that_nobody_types_expires(shell: Shell, server: str, exam, monkeypatch, slept):
    exam.decisions = ["authorization_pending"] * 9
    times = iter(range(0, 9000, 400))
    wait_for_ever = partial(token_by_browser, sleep=slept.append, clock=lambda: next(times))
    monkeypatch.setattr("assay.cli.login.token_by_browser", wait_for_ever)
    shell("login", server, "--no-browser", code=3)

    assert "the code has expired" in shell.err


def test_a_browser_with_a_window_is_opened(shell: Shell, server: str, monkeypatch, slept):
    opened: list[str] = []
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr("assay.cli.browser.webbrowser.open", opened.append)
    shell("login", server)

    assert opened == ["http://exam.example/device/?code=CDFG-HJKM"]


# The keyring ----------------------------------------------------------------------------------


class Keyring(ModuleType):
    """A keyring that works, unless it is told not to."""

    def __init__(self, *, priority: float = 5, locked: bool = False) -> None:
        super().__init__("keyring")
        self.kept: dict[tuple[str, str], str] = {}
        self.priority, self.locked = priority, locked

    def get_keyring(self):
        return self

    def set_password(self, service, name, secret):
        if self.locked:
            raise RuntimeError("locked")
        self.kept[service, name] = secret

    def get_password(self, service, name):
        return self.kept.get((service, name))


@pytest.fixture
def keyring(monkeypatch):
    def act(**how):
        ring = Keyring(**how)
        monkeypatch.setitem(sys.modules, "keyring", ring)
        return ring

    return act


def test_a_keyring_that_works_keeps_the_token(shell: Shell, server: str, home: Path, keyring):
    ring = keyring()
    shell("login", server, "--token", ALICE)

    assert ring.kept == {("assay", server): ALICE}
    assert stored(home)["tokens"] == {}
    assert ALICE not in (home.parent / "config" / "accounts.json").read_text()


def test_the_token_is_found_in_the_keyring_again(shell: Shell, server: str, keyring):
    keyring()
    shell("login", server, "--token", ALICE)
    shell("status")

    assert "not signed in" not in shell.err


@pytest.mark.parametrize("how", [{"priority": 0}, {"locked": True}])
def test_one_that_does_not_work_is_left_alone(shell: Shell, server: str, home, keyring, how):
    keyring(**how)
    shell("login", server, "--token", ALICE)

    assert stored(home)["tokens"] == {server: ALICE}


def test_one_may_be_left_alone_by_wish(shell: Shell, server: str, home, keyring, monkeypatch):
    monkeypatch.setenv("ASSAY_KEYRING", "0")
    keyring()
    shell("login", server, "--token", ALICE)

    assert stored(home)["tokens"] == {server: ALICE}


# Servers and settings -------------------------------------------------------------------------


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
