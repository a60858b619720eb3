"""Our part is out for longer than the clock tolerates: it stops, and the time is given back."""

from __future__ import annotations

import re
import signal
import time

import pytest
import way
from playwright.sync_api import expect
from tree import Tree

LONGEST = 40.0  # seconds, of which an outage of fifteen must have been noticed
PERSON = {"name": "Alice Example", "address": "outage@example.org"}


def stood(page) -> int:
    """Return for how many seconds the page says that the clock stood."""
    found = re.search(r"stood for (\d+:\d\d:\d\d)", page.locator("#time").inner_text())
    return way.seconds(found[1]) if found else 0


def again(server: Tree) -> None:
    """Start the server on its port, where pages expect it."""
    server.start("--port", server.environment["PORT"])


@pytest.mark.slow
def test_the_clock_stands_while_a_part_of_ours_is_out_and_the_time_is_given_back(
    visit, mail, server
):
    with visit("outage", is_thorough=False) as alice:
        way.register(alice, mail, **PERSON)
        way.prepare(alice)
        way.start(alice)
        page = alice.page
        notice = page.locator("#offline")
        expect(notice).to_be_hidden()

        # The grader is silent: everything else is there, and the clock is seen to stand.
        frozen = server.look()["grader"]
        frozen.suspend()
        try:
            stands = page.get_by_text("Your clock stands: a part of our service is out")
            expect(stands).to_be_visible(timeout=1000 * LONGEST)
            alice.is_thorough = True
            alice.look("clock-stands")
            before = way.left(page)
            time.sleep(2)

            assert way.left(page) == before
        finally:
            frozen.resume()
        expect(stands).to_be_hidden(timeout=1000 * LONGEST)
        in_the_first = stood(page)

        assert in_the_first >= 15
        # All of the server goes away: the page says so, until it is back.
        server.stop(signal.SIGTERM)
        gone_at = time.monotonic()
        expect(notice).to_be_visible(timeout=1000 * LONGEST)
        alice.look("no-connection")
        shown = way.left(page)
        while time.monotonic() < gone_at + 16:
            time.sleep(0.1)
        again(server)
        expect(notice).to_be_hidden(timeout=1000 * LONGEST)
        expect(page.locator("#time .clock:not(.stands)")).to_be_visible(timeout=1000 * LONGEST)
        alice.look("after-the-outage")

        assert stood(page) >= in_the_first + 15
        assert way.left(page) >= shown - 15  # what has passed since it came back
        # That there was no connection is what this test is about.
        alice.forgives("ERR_", "htmx:")
