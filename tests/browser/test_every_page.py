"""Every page of the server: axe finds nothing, it fits its window, and nothing is amiss.

The pages are those of `page_table.py`, held against all addresses that the server has.
Each is looked at with real data (`world.py`): by turns in English on a desk and in
Chinese on a phone in the dark. The slow test lets each take the other's pages.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
import way
from page_table import NOT_THERE, PAGES, Look
from playwright.sync_api import Error as PlaywrightError
from visitor import CHINESE, ENGLISH, PHONE, Visitor

from addresses import fill

_TESTS = Path(__file__).parents[1]
_FOLDERS = [str(_TESTS), str(_TESTS / "journey"), str(_TESTS / "browser")]
_SEED = f"import sys; sys.path[:0] = {_FOLDERS!r}; import world; world.main()"
READERS: tuple[dict[str, Any], ...] = (
    {"locale": ENGLISH},
    {"locale": CHINESE, "size": PHONE, "is_dark": True},
)
PHRASES = ("用真正管用的", "模型", "证明", "你的能力")
# Which pieces of text between <wbr>s are on more than one line.
_BROKEN = """headline => [...headline.childNodes].filter(node => {
  const range = document.createRange();
  range.selectNode(node);
  return node.nodeType === Node.TEXT_NODE && range.getClientRects().length > 1;
}).map(node => node.data)"""
HOW = "Say in tests/browser/page_table.py what is to be looked at there"


@pytest.fixture(scope="module")
def world(server) -> dict[str, Any]:
    """What there is at the server; see `world.py`."""
    known: dict[str, Any] = json.loads(server.manage("shell", "-c", _SEED).splitlines()[-1])
    return known


@pytest.fixture
def eyes(visit, world):
    """Sit down at the browser of one of the people, as one of the readers."""

    @contextmanager
    def act(who: str, reader: int) -> Iterator[Visitor]:
        with visit(f"every-page/{who}-{reader}", **READERS[reader]) as visitor:
            if who in world["sessions"]:
                value = world["sessions"][who]
                cookie = {"name": world["cookie"], "value": value, "url": visitor.server}
                visitor.page.context.add_cookies([cookie])
            yield visitor

    return act


def go(visitor: Visitor, address: str, one: Look) -> None:
    """Open a page; press what is to be pressed."""
    answer = visitor.page.goto(visitor.server + address)

    assert answer.status == one.status
    assert re.search(one.lands or f"{re.escape(address)}$", visitor.page.url), visitor.page.url

    if one.press:
        for field, text in one.fields:
            visitor.write(field, text)
        button = visitor.page.locator(one.press).first
        # The server's answer is wanted, not the browser's.
        button.evaluate("button => { button.form.noValidate = true; }")
        with visitor.page.expect_navigation():
            button.click()


def looks(world: dict[str, Any]) -> Iterator[tuple[str, str, Look]]:
    """Yield route, address and look for all that is to be looked at."""
    for route, row in PAGES.items():
        for one in row if isinstance(row, list) else ():
            place = world["places"][one.of]
            yield route, fill(route, place) + one.query.format(**place), one


def test_every_address_has_a_row(world):
    # Programs read what is under api/; the pages about it have rows.
    found = {each for each in world["routes"] if not each.startswith("api/") or each in PAGES}
    known = set(PAGES) - NOT_THERE

    assert found - known == set(), f"{HOW}: {sorted(found - known)}"
    assert known - found == set(), f"These are gone: {sorted(known - found)}"


@pytest.mark.timeout(600)
@pytest.mark.parametrize("begins", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_every_page_can_be_used_by_everybody(world, eyes, begins):
    turns: dict[tuple[str, int], list[tuple[str, str, Look]]] = {}
    for number, each in enumerate(looks(world)):
        turns.setdefault((each[2].who, (number + begins) % 2), []).append(each)
    amiss = []
    for (who, reader), pages in turns.items():
        with eyes(who, reader) as visitor:
            for route, address, one in pages:
                try:
                    go(visitor, address, one)
                    visitor.look(one.name(route))
                except (AssertionError, PlaywrightError) as error:
                    visitor.complaints.append(f"{address}: {error}")
            # That is what some of them are about; the browser says so, too.
            visitor.forgives("the server responded with a status of 4")
            amiss += [f"{who}: {each}" for each in visitor.complaints]
            visitor.complaints.clear()

    assert amiss == [], "\n".join(amiss)


@pytest.mark.parametrize("reader", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_steps_of_signing_in(eyes, mail, reader):
    with eyes("stranger", reader) as visitor:
        visitor.go("/accounts/signup/")
        person = {"name": "Erin Example", "address": f"steps-{reader}@example.org"}
        way.sign_up(visitor, mail, **person)  # it looks at the page that asks for the code
    with eyes("stranger", reader) as visitor:
        visitor.go("/accounts/login/")
        visitor.write("id_login", "protected@seeded.example.org")
        visitor.write("id_password", way.PASSWORD)
        visitor.press(visitor.button("Sign in"))
        visitor.sees("/accounts/2fa/authenticate/")
        visitor.look("second-factor")


@pytest.mark.parametrize("status", [HTTPStatus.BAD_REQUEST, HTTPStatus.TOO_MANY_REQUESTS, 500])
@pytest.mark.parametrize("reader", [0, 1])
def test_pages_of_errors_that_nobody_sees_in_a_test(world, eyes, reader, status):
    """They are what the handlers of a server in need say, shown at an address of its own."""
    with eyes("stranger", reader) as visitor:
        page = world["errors"][("en", "zh-hans")[reader]][str(int(status))]
        visitor.page.route(
            "**/in-need/",
            lambda route: route.fulfill(status=200, content_type="text/html", body=page),
        )
        visitor.go("/in-need/")
        visitor.look(f"error-{int(status)}")


def test_a_chinese_headline_breaks_between_its_phrases(world, eyes):
    with eyes("stranger", 1) as visitor:
        visitor.go("/")
        headline = visitor.page.locator("h1.phrases")
        headline.evaluate("(h, text) => { h.innerHTML = text; }", "<wbr>".join(PHRASES))
        broken = {}
        for width in range(320, 1280, 20):
            visitor.page.set_viewport_size({"width": width, "height": 800})
            broken[width] = headline.evaluate(_BROKEN)

        assert {width: words for width, words in broken.items() if words} == {}
        # One that knows no phrases yet is no wider than the window all the same.
        headline.evaluate("(h, text) => { h.textContent = text; }", "".join(PHRASES))
        visitor.page.set_viewport_size({"width": 320, "height": 800})
        visitor.look("headline")
