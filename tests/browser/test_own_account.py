"""What somebody does with an account in the end: take its data along, and delete it."""

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
        way.sign_in(alice, person["address"], way.PASSWORD)
        alice.sees("/accounts/login/$")
        alice.go("/me/")
        alice.sees("/accounts/login/")
        alice.forgives("the server responded with a status of 4")
