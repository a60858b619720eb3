"""Signing in by a provider of OpenID Connect, and signing the command line in, at a browser."""

from __future__ import annotations

import json
import re
import shutil
import socket
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import pytest
import way
from desk import Desk, Running
from playwright.sync_api import Browser, expect
from tree import Tree, environment, eventually, no_process_left
from visitor import CHINESE, ENGLISH, PHONE, Visitor, visiting

from oidc_provider import CLIENT_ID, CLIENT_SECRET, Provider, serving
from small_bank import write_bank

CAMPUS = "Example Campus"
READERS = {
    "english-desk": {"locale": ENGLISH},
    "chinese-phone-dark": {"locale": CHINESE, "size": PHONE, "is_dark": True},
}


@dataclass(frozen=True)
class House:
    """A server, and the provider that it trusts."""

    tree: Tree
    campus: Provider
    address: str


@pytest.fixture(scope="module")
def house(chromium_path: str) -> Iterator[House]:
    home = Path(tempfile.mkdtemp(prefix="assay-oidc-"))
    home.chmod(0o711)  # for the user that runs PostgreSQL when the tests are run by root
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    # Another site than the provider's 127.0.0.1, as anywhere else.
    address = f"http://localhost:{port}"
    callback = f"{address}/accounts/oidc/campus/login/callback/"
    with serving(Provider(redirect_uris=(callback,), asks=True)) as campus:
        entry = {"id": "campus", "name": CAMPUS, "issuer": campus.issuer}
        entry |= {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        settings = {"ASSAY_BANK": str(write_bank(home / "bank")), "ASSAY_URL": address}
        tree = Tree(home / "data", environment(ASSAY_OIDC=json.dumps([entry]), **settings))
        with no_process_left(tree):
            tree.start("--port", port)
            yield House(tree, campus, address)
    shutil.rmtree(home)


@pytest.fixture
def dana(house: House, chromium: Browser, albums: Path, reader: str) -> Iterator[Visitor]:
    """Dana, whom the provider knows by another number and address in each language."""
    house.campus.claims |= {"sub": reader, "email": f"{reader}@campus.example"}
    album = albums / f"signing-in-{reader}"
    with visiting(chromium, house.address, album, **READERS[reader]) as visitor:
        yield visitor


def by_campus(dana: Visitor, answer: str) -> None:
    """Press the provider's button on the sign-in page, and answer what the provider asks."""
    words = dana.say("Sign in with %(name)s", name=CAMPUS)
    dana.press(dana.page.locator("main").get_by_role("button", name=words, exact=True))
    expect(dana.page.locator("h1")).to_have_text(CAMPUS)
    dana.press(dana.page.get_by_role("link", name=answer, exact=True))


@pytest.mark.parametrize("reader", READERS)
def test_a_person_signs_in_by_a_provider(house, dana, reader):
    dana.go("/accounts/login/")
    dana.look("sign-in")

    # The page that leads on shows itself only while the provider takes its time.
    there = f"{house.campus.issuer}/**"
    dana.page.route(there, lambda route: route.fulfill(status=HTTPStatus.NO_CONTENT))
    words = dana.say("Sign in with %(name)s", name=CAMPUS)
    dana.press(dana.page.locator("main").get_by_role("button", name=words, exact=True))
    dana.reads("To the other site")
    dana.look("to-the-other-site")
    dana.page.unroute(there)
    dana.go("/accounts/login/")

    # Who says no there is not signed in.
    by_campus(dana, "No")
    dana.sees("/accounts/3rdparty/login/cancelled/$")
    dana.look("said-no")
    house.campus.refuses = False
    dana.press(dana.link("Back to signing in"))

    # The first time, the name is checked: the certificate will carry it.
    by_campus(dana, "Yes")
    dana.sees("/accounts/3rdparty/signup/$")
    expect(dana.page.locator("#id_name")).to_have_value("Dana Example")
    dana.look("one-more-step")
    dana.write("id_name", f"Dana {reader}")
    dana.press(dana.button("Make an account"))
    dana.sees("/me/$")
    expect(dana.page.locator("#id_name")).to_have_value(f"Dana {reader}")
    dana.look("me")

    # Ever after, one press is enough; the page that one came for is not lost.
    dana.go("/accounts/logout/")
    dana.press(dana.button("Sign out"))
    dana.sees("/$")
    dana.go("/registrations/")
    dana.sees("/accounts/login/")
    by_campus(dana, "Yes")
    dana.sees("/registrations/$")


@pytest.mark.parametrize("reader", READERS)
def test_a_person_signs_the_command_line_in(house, dana, reader, tmp_path):
    desk = desk_in(tmp_path, reader)
    with desk.launch("login", house.address) as command:
        code = code_on_screen(command)
        assert f"{house.address}/device/" in command.said()

        # The browser belongs to somebody who is not signed in yet.
        dana.go("/device/")
        dana.sees("/accounts/login/")
        by_campus(dana, "Yes")
        if "signup" in dana.page.url:
            dana.press(dana.button("Make an account"))
        dana.sees("/device/$")
        dana.look("type-the-code")
        dana.write("user_code", code)
        dana.press(dana.button("Continue"))
        expect(dana.page.locator(".bigcode")).to_have_text(code)
        dana.reads("Let this program act for you?")
        dana.look("let-this-program")
        dana.press(dana.button("Allow"))
        dana.reads("Your program is signed in")
        dana.look("program-is-signed-in")
        command.out(code=0)

    assert f"{reader}@campus.example" in command.said()

    kept = tmp_path / "config" / "accounts.json"
    (token,) = json.loads(kept.read_text())["tokens"].values()

    assert token not in command.said()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert desk.json("status")["registrations"] == []  # the token is good

    # Whoever revokes it on the account's page signs the command line out.
    dana.go("/me/")
    dana.press(dana.page.locator("#programs").get_by_role("button").first)
    desk("status", code=3)


@pytest.mark.parametrize("reader", ["english-desk"])
def test_a_program_that_is_refused_gets_no_token(house, dana, reader, tmp_path):
    desk = desk_in(tmp_path, reader)
    with desk.launch("login", house.address, "--no-browser") as command:
        dana.go(f"/device/?code={code_on_screen(command)}")
        by_campus(dana, "Yes")
        if "signup" in dana.page.url:
            dana.press(dana.button("Make an account"))
        # A link alone decides nothing: the code is only filled in.
        dana.press(dana.button("Continue"))
        dana.press(dana.button("Refuse"))
        dana.reads("The program gets no access to your account.")
        dana.look("program-is-refused")
        command.out(code=2)

    assert not (tmp_path / "config" / "accounts.json").exists()


@pytest.mark.parametrize("reader", READERS)
def test_who_guesses_a_password_is_stopped_and_told_for_how_long(house, dana, reader):
    # Tries are counted by address of the network, too: at a server that no other test uses.
    address = f"guessed-{reader}@example.org"
    dana.go("/accounts/signup/")
    way.sign_up(dana, house.tree.data / "mail", name="Dana Example", address=address)
    dana.sees("/me/$")
    dana.go("/accounts/logout/")
    dana.press(dana.button("Sign out"))
    for number in range(6):
        way.sign_in(dana, address, f"a guess, number {number}")
    dana.reads("Too many tries. Wait five minutes, then try again.")
    dana.look("too-many-tries")

    # Nor does the right one help now.
    way.sign_in(dana, address, way.PASSWORD)
    dana.reads("Too many tries. Wait five minutes, then try again.")


def desk_in(home: Path, reader: str) -> Desk:
    """Make a desk that has neither a browser with a window nor a keyring."""
    place = home / "desk"
    place.mkdir()
    settings = {
        "ASSAY_CONFIG": str(home / "config"),
        "ASSAY_LANGUAGE": "zh-CN" if "chinese" in reader else "en",
        "ASSAY_KEYRING": "0",
        "DISPLAY": "",
        "WAYLAND_DISPLAY": "",
    }
    return Desk(place, settings)


def code_on_screen(command: Running) -> str:
    """Wait for the code that the command shows; return it."""
    found = eventually(
        lambda: re.search(r"^ +([A-Z0-9]{4}-[A-Z0-9]{4})$", command.said(), re.MULTILINE)
    )
    return found[1]
