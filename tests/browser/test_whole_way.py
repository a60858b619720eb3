"""From a stranger to the holder of a certificate, in a browser, against the real server."""

from __future__ import annotations

from pathlib import Path

import pytest
import way
from playwright.sync_api import expect
from visitor import CHINESE, DESK, ENGLISH, PHONE, Keyboard

from small_bank import line_model

GOOD, WEAK, NO_MODEL = "good.h5", "weak.h5", "notes.h5"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Model files on the candidate's disk."""
    folder = tmp_path_factory.mktemp("models")
    (folder / GOOD).write_bytes(line_model())
    (folder / WEAK).write_bytes(line_model(1.0))
    (folder / NO_MODEL).write_text("no model at all\n")
    return folder


CIRCUMSTANCES = {
    "english-desk": {"locale": ENGLISH, "size": DESK},
    "chinese-phone-dark": {"locale": CHINESE, "size": PHONE, "is_dark": True},
    "without-scripts": {"size": DESK, "has_scripts": False, "is_thorough": False},
    "keyboard": {"size": DESK, "hands": Keyboard(), "is_thorough": False},
}


@pytest.mark.parametrize("circumstance", CIRCUMSTANCES)
def test_anybody_gets_from_signing_up_to_a_certificate(visit, mail, models, circumstance):
    chinese = "chinese" in circumstance
    person = {
        "name": "张爱丽" if chinese else "Alice Example",
        "address": f"{circumstance}@example.org",
    }
    with visit(circumstance, **CIRCUMSTANCES[circumstance]) as alice:
        way.register(alice, mail, **person)
        way.prepare(alice)
        way.start(alice)

        way.open_task(alice, "Category1")
        alice.look("task")

        assert way.files_of_task(alice) >= {"starter.py", "train.npz", "task.en.md"}
        console = way.second_window(alice) if alice.has_scripts else None
        way.submit(alice, models / NO_MODEL)
        way.verdict(alice, 1, alice.say("Refused"))
        way.submit(alice, models / WEAK)
        way.verdict(alice, 2, "2/5")
        way.submit(alice, models / GOOD)
        way.verdict(alice, 3, "5/5")
        alice.look("task-verdicts")
        if console is not None:
            way.has_followed(alice, console, "5/5")

        alice.press(alice.page.locator(".crumbs a[href^='/sittings/']"))
        way.open_task(alice, "Category2")
        way.submit(alice, models / GOOD)
        way.verdict(alice, 1, "5/5")
        alice.press(alice.page.locator(".crumbs a[href^='/sittings/']"))
        expect(alice.page.locator("tfoot")).to_contain_text("100 %")
        alice.reads("enough to pass")
        alice.look("sitting-at-the-end")
        way.end(alice)
        number = way.certificate(alice, mail, **person)
        way.check_certificate(alice, number, name=person["name"])
        alice.press(alice.link("My exams", within="header"))
        expect(alice.page.locator("h1")).to_have_text(alice.say("My exams"))
        alice.look("past-exams")
