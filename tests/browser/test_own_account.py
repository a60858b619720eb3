"""What somebody does with an account: take its data along, delete it; and who guesses is stopped."""

from __future__ import annotations

import json
import zipfile

import pytest
import way
from visitor import CHINESE, ENGLISH, PHONE

READERS = {
    "english-desk": {"locale": ENGLISH},
    "chinese-phone-dark": {"locale": CHINESE, "size": PHONE, "is_dark": True},
}
DESK_FIRST = ["english-desk", pytest.param("chinese-phone-dark", marks=pytest.mark.slow)]


def sign_in(visitor, address, password):
    visitor.go("/accounts/login/")
    visitor.write("id_login", address)
    visitor.write("id_password", password)
    visitor.press(visitor.button("Sign in"))


@pytest.mark.parametrize("reader", DESK_FIRST)
def test_somebody_takes_their_data_along_and_deletes_the_account(visit, mail, reader):
    person = {"name": "Alice Example", "address": f"leaving-{reader}@example.org"}
    with visit(f"leaving-{reader}", **READERS[reader]) as alice:
        way.register(alice, mail, **person)
        alice.go("/me/")
        with alice.page.expect_download() as download:
            alice.press(alice.link("Download my data"))
        with zipfile.ZipFile(download.value.path()) as archive:
            told = {name: json.loads(archive.read(name)) for name in archive.namelist()}

        assert person["address"] in json.dumps(told)
        assert "Tiny" in json.dumps(told) or "tiny" in json.dumps(told)  # the exam

        alice.press(alice.link("Delete my account"))
        alice.sees("/me/delete/$")
        alice.look("delete")
        alice.write("id_password", "not this one")
        alice.press(alice.button("Delete for ever"))
        alice.sees("/me/delete/$")
        alice.look("wrong-password")
        alice.write("id_password", way.PASSWORD)
        alice.press(alice.button("Delete for ever"))
        alice.reads("Your account is deleted")
        alice.look("deleted")

        # There is no way back in.
        sign_in(alice, person["address"], way.PASSWORD)
        alice.sees("/accounts/login/$")
        alice.go("/me/")
        alice.sees("/accounts/login/")
        alice.forgives("the server responded with a status of 4")


@pytest.mark.parametrize("reader", DESK_FIRST)
def test_who_guesses_a_password_is_stopped_and_told_how_long(visit, mail, reader):
    person = {"name": "Alice Example", "address": f"guessed-{reader}@example.org"}
    with visit(f"guessed-{reader}", **READERS[reader]) as alice:
        alice.go("/accounts/signup/")
        way.sign_up(alice, mail, **person)
        alice.sees("/me/$")
        alice.go("/accounts/logout/")
        alice.press(alice.button("Sign out"))
        for number in range(6):
            sign_in(alice, person["address"], f"a guess, number {number}")
        alice.reads("Too many tries. Wait five minutes, then try again.")
        alice.look("too-many-tries")

        # Nor does the right one help now.
        sign_in(alice, person["address"], way.PASSWORD)
        alice.reads("Too many tries. Wait five minutes, then try again.")
        alice.forgives("the server responded with a status of 4")
