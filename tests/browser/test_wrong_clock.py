"""The server's clock decides: on a machine whose own is wrong, that sleeps, and in two windows."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import way
from tree import eventually

ELSEWHEN = datetime(2031, 3, 30, 0, 59, 50, tzinfo=UTC)
BEFORE = datetime(2019, 10, 27, tzinfo=UTC)
PERSON = {"name": "Alice Example", "address": "wrong-clock@example.org"}
SLACK = 3  # seconds between two looks


def agree(one, other) -> bool:
    return abs(way.left(one) - way.left(other)) <= SLACK


@pytest.mark.slow
def test_a_wrong_clock_sleep_reload_and_a_second_window_change_nothing(visit, mail):
    with visit("wrong-clock", is_thorough=False) as alice:
        way.register(alice, mail, **PERSON)
        way.prepare(alice)
        page = alice.page
        page.clock.install(time=ELSEWHEN)
        way.start(alice)
        other = way.second_window(alice)  # of a browser whose clock is right

        assert page.evaluate("new Date().getFullYear()") == ELSEWHEN.year
        assert other.evaluate("new Date().getFullYear()") < ELSEWHEN.year
        assert agree(page, other)

        # The lid is closed for twenty minutes, as the machine's clocks believe.
        page.clock.fast_forward("20:00")
        eventually(lambda: agree(page, other))

        # Its clock is set back by years while the page is open.
        page.clock.set_system_time(BEFORE)
        eventually(lambda: agree(page, other))

        assert page.evaluate("window.stayed")

        page.reload()

        assert agree(page, other)

        # Who ends the exam in one window has ended it in the other.
        way.end(alice)
        other.wait_for_url("**/result/")
        other.context.close()
        # To ask again, the page breaks off what it was waiting for; htmx writes that down.
        alice.forgives("htmx:")
