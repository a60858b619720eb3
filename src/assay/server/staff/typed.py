"""What staff typed into a form, and telling them how it went."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, date, datetime, time

from django.contrib import messages
from django.http import HttpRequest

from assay.errors import AssayError, UsageError
from assay.messages import N_
from assay.server.enrolment.errors import OutOfRange
from assay.server.language import active_language

_SHOWN = 40  # characters of what was typed


class NoDay(UsageError):
    """What was typed is no day."""

    code = "no_day"
    message = N_("“{received}” is not a day.")
    remedy = N_("Write year, month and day, such as 2027-01-31.")


def number(typed: str, low: float, high: float) -> float:
    """Return a number in a range.

    Raises:
        OutOfRange: It is no number, or out of the range.
    """
    try:
        value = float(typed)
    except ValueError:
        value = math.nan
    if not low <= value <= high:
        raise OutOfRange(received=typed[:_SHOWN], low=f"{low:g}", high=f"{high:g}")
    return value


def whole(typed: str, low: int, high: int) -> int:
    """Return a whole number in a range.

    Raises:
        OutOfRange: It is no whole number, or out of the range.
    """
    value = number(typed, low, high)
    if not value.is_integer():
        raise OutOfRange(received=typed[:_SHOWN], low=low, high=high)
    return int(value)


def day(typed: str) -> date:
    """Return a day that was typed as `2027-01-31`.

    Raises:
        NoDay: It is none.
    """
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise NoDay(received=typed[:_SHOWN]) from None


def end_of(last: date) -> datetime:
    """Return the end of a day, in UTC."""
    return datetime.combine(last, time.max, UTC)


def tell(request: HttpRequest, error: AssayError) -> None:
    """Show an error on the next page."""
    told = error.render(active_language())
    messages.error(request, f"{told.message} {told.remedy}")


def attempt(request: HttpRequest, act: Callable[[], object], done: str) -> None:
    """Do something, and tell on the next page how it went.

    Args:
        request: Of whom to tell.
        act: What to do; all or nothing.
        done: What to say when it is done.
    """
    try:
        act()
    except AssayError as error:
        tell(request, error)
    else:
        messages.success(request, done)
