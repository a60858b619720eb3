"""The steps from a stranger to the holder of a certificate, as anybody takes them."""

from __future__ import annotations

import re
import time
import zipfile
from pathlib import Path

from letters import code_sent_to, letters_to
from playwright.sync_api import Locator, Page, expect
from visitor import PATIENCE, Visitor

from small_bank import EXAM

PASSWORD = "correct horse battery staple"


def sign_up(visitor: Visitor, mail: Path, *, name: str, address: str) -> None:
    """Make an account on the sign-up page, and confirm the address by the letter's code."""
    visitor.write("id_name", name)
    visitor.write("id_email", address)
    visitor.write("id_password1", PASSWORD)
    visitor.write("id_password2", PASSWORD)
    visitor.press(visitor.button("Make an account"))
    visitor.reads("Confirm your address")
    visitor.look("confirm-address")
    visitor.write("id_code", code_sent_to(mail, address))
    visitor.press(visitor.button("Confirm"))


def sign_in(visitor: Visitor, address: str, password: str) -> None:
    """Sign in on the sign-in page, or try to."""
    visitor.go("/accounts/login/")
    visitor.write("id_login", address)
    visitor.write("id_password", password)
    visitor.press(visitor.button("Sign in"))


def register(visitor: Visitor, mail: Path, *, name: str, address: str) -> None:
    """Find the exam, sign up on the way, and register."""
    visitor.go("/")
    visitor.look("home")
    visitor.press(visitor.link("Choose an exam"))
    visitor.sees("/exams/$")
    visitor.look("exams")
    visitor.press(visitor.page.locator(f"main h2 a[href='/exams/{EXAM}/']"))
    visitor.sees(f"/exams/{EXAM}/$")
    visitor.look("exam")
    visitor.press(visitor.link("Register"))
    visitor.sees("/accounts/login/")
    visitor.look("sign-in")
    visitor.press(visitor.link("Make one"))
    visitor.sees("/accounts/signup/")
    visitor.look("sign-up")
    sign_up(visitor, mail, name=name, address=address)
    # The page that one came for is not lost.
    visitor.sees(f"/exams/{EXAM}/register/")
    visitor.look("register")
    visitor.press(visitor.button("Register now"))
    visitor.sees("/enrolment/orders/")
    visitor.look("order")


def prepare(visitor: Visitor) -> None:
    """Read the rules, promise, run the system check, have the tasks drawn."""
    visitor.press(visitor.link("My exams", within="header"))
    visitor.sees("/registrations/$")
    visitor.look("my-exams")
    visitor.press(visitor.link("Rules, system check and Start"))
    visitor.sees("/registrations/[0-9a-f-]+/$")
    visitor.look("rules")
    visitor.press(visitor.page.get_by_role("checkbox"))
    visitor.press(visitor.button("Promise and go on"))
    visitor.sees("/check/$")
    if visitor.has_scripts:
        for part in ("browser", "clock", "upload"):
            line = visitor.page.locator(f"[data-part={part}].good")
            expect(line).to_be_visible()
    visitor.look("system-check")
    visitor.press(visitor.button("Prepare my tasks"))
    until(visitor, visitor.button("Start exam"))
    visitor.look("ready")


def until(visitor: Visitor, shown: Locator) -> None:
    """Wait for something to appear; who has no scripts presses Refresh."""
    deadline = time.monotonic() + PATIENCE
    while not visitor.has_scripts and not shown.is_visible():
        assert time.monotonic() < deadline, f"it never came: {shown}"
        time.sleep(0.5)
        visitor.press(visitor.link("Refresh"))
    expect(shown).to_be_visible()


def start(visitor: Visitor) -> None:
    """Start the clock."""
    visitor.press(visitor.button("Start exam"))
    visitor.sees("/sittings/[0-9a-f-]+/$")
    expect(visitor.page.locator("#time .clock")).to_have_text(re.compile(r"^0:5\d:\d\d$|^1:00:00$"))
    visitor.look("sitting")


def open_task(visitor: Visitor, slot: str) -> None:
    """Open a task's page."""
    visitor.press(visitor.page.locator(f"main a.button[href$='/{slot}/']"))
    visitor.sees(f"/{slot}/$")


def files_of_task(visitor: Visitor) -> set[str]:
    """Download the task's files; return their names."""
    with visitor.page.expect_download() as download:
        visitor.press(visitor.page.locator("main a[download]"))
    with zipfile.ZipFile(download.value.path()) as archive:
        return set(archive.namelist())


def submit(visitor: Visitor, file: Path) -> None:
    """Choose a model file and send it."""
    visitor.hands.choose(visitor.page.locator("#submit input[type=file]"), file)
    visitor.press(visitor.button("Submit and grade"))


def newest(visitor: Visitor) -> Locator:
    """Find the newest submission on a task's page."""
    return visitor.page.locator("#live ol.timeline > li").first


def verdict(visitor: Visitor, number: int, words: str) -> None:
    """Wait for the verdict of a slot's submission with this number."""
    line = newest(visitor).filter(has_text=re.compile(rf"^\s*{number} ·")).filter(has_text=words)
    until(visitor, line)


def second_window(visitor: Visitor) -> Page:
    """Open the sitting in another window, too, and note in both that they are not loaded again.

    Not in another tab: Chromium without a display draws hidden tabs late, and keys wait for it.
    """
    address = visitor.page.url
    browser = visitor.page.context.browser
    assert browser is not None
    window = browser.new_context(storage_state=visitor.page.context.storage_state())
    other = window.new_page()
    other.goto(re.sub(r"/Category\d+/$", "/", address))
    for page in (visitor.page, other):
        page.evaluate("window.stayed = true")
    return other


def has_followed(visitor: Visitor, console: Page, words: str) -> None:
    """Check that the other window shows it too, both without a reload; close the other."""
    expect(console.locator("tbody tr").first).to_contain_text(words)

    assert [page.evaluate("window.stayed") for page in (visitor.page, console)] == [True, True]

    console.context.close()


def seconds(clock: str) -> int:
    """Return `0:59:58` in seconds."""
    found = re.fullmatch(r"(\d+):(\d\d):(\d\d)", clock)
    assert found, clock
    return int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3])


def left(page: Page) -> int:
    """Return how much time a page says is left, in seconds."""
    return seconds(page.locator("#time .clock").inner_text())


def end(visitor: Visitor) -> None:
    """End the exam for good, and wait for the result."""
    visitor.press(visitor.link("End exam"))
    visitor.sees("/end/$")
    visitor.look("end")
    visitor.press(visitor.button("End exam for good"))
    visitor.sees("/result/$")
    visitor.reads("How certain the marks are")
    visitor.look("result")


def certificate(visitor: Visitor, mail: Path, *, name: str, address: str) -> str:
    """Open the certificate; return its number."""
    visitor.press(visitor.link("See your certificate"))
    visitor.sees("/verify/[0-9a-f-]+$")
    expect(visitor.page.locator("h1")).to_have_text(name)
    visitor.reads("Download the signed certificate (.jwt)")
    visitor.look("certificate")
    number = visitor.page.url.rpartition("/")[2]
    deadline = time.monotonic() + PATIENCE
    while not any(number in letter.as_string() for letter in letters_to(mail, address)):
        assert time.monotonic() < deadline, "no letter tells of the certificate"
        time.sleep(0.2)
    return number


def check_certificate(visitor: Visitor, number: str, *, name: str) -> None:
    """Check a certificate as an employer does."""
    visitor.press(visitor.link("Verify a certificate", within="header"))
    visitor.sees("/verify/$")
    visitor.look("verify")
    visitor.write("certificate", number)
    visitor.press(visitor.button("Check"))
    visitor.sees(f"/verify/{number}$")
    expect(visitor.page.locator("h1")).to_have_text(name)
