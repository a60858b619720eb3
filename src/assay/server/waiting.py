"""Long polls: an answer as soon as there is news, without asking again and again.

A view is a plain function that answers with what is now. One that knows what its reader
waits for says so with `wait_for_news`, and `asgi.Handler` keeps the answer back, waits for
the announcement without a thread or a connection, and asks the view again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from django.http import HttpRequest

MOST_SECONDS = 25.0  # below the idle timeouts of common proxies
_ATTRIBUTE = "_assay_long_poll"

_ValueT = TypeVar("_ValueT")
_NOTHING = object()


@dataclass
class LongPoll:
    """One client's question, which its view may be asked several times."""

    began: float = field(default_factory=time.monotonic)
    key: str | None = None  # whose announcement may bring news; None: the answer is due
    seconds: float = 0.0  # to wait at the most, from the beginning
    ask_at_the_end: bool = False
    _first: object = _NOTHING

    @property
    def remaining(self) -> float:
        """Seconds until the answer is due in any case."""
        return self.began + self.seconds - time.monotonic()

    def on(self, request: HttpRequest) -> None:
        """Let the view of `request` take part; forgets what it said last."""
        self.key = None
        setattr(request, _ATTRIBUTE, self)

    def first(self, newest: _ValueT) -> _ValueT:
        """Return the value that the view was given when it was asked first."""
        if self._first is _NOTHING:
            self._first = newest
        return self._first  # type: ignore[return-value]  # what the same view put in


def wait_for_news(
    request: HttpRequest,
    key: str,
    value: _ValueT,
    is_news: Callable[[_ValueT, _ValueT], bool],
    seconds: float,
    *,
    ask_at_the_end: bool = False,
) -> _ValueT:
    """Keep the answer to `request` back until there is news, if `value` is none.

    Args:
        request: The one that is being answered.
        key: Of `exams.announcing`: the view is asked again when it is announced.
        value: What the answer is made of.
        is_news: Whether a value is worth an answer, given the one of the first time and
            the newest one.
        seconds: To wait at the most. 0: the answer is given now.
        ask_at_the_end: Ask the view once more when the time is up, since time alone may
            have changed what it answers.

    Returns:
        The value of the first time.
    """
    poll: LongPoll | None = getattr(request, _ATTRIBUTE, None)
    if poll is None:
        return value
    first = poll.first(value)
    if seconds > 0 and not is_news(first, value):
        poll.key = key
        poll.seconds = min(seconds, MOST_SECONDS)
        poll.ask_at_the_end = ask_at_the_end
    return first
