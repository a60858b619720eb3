"""Signing in by the browser: the device authorization grant (RFC 8628)."""

from __future__ import annotations

import contextlib
import os
import platform
import sys
import time
import webbrowser
from collections.abc import Callable

from rich.text import Text

from assay.cli.api import Api
from assay.cli.failures import CodeExpired
from assay.cli.http import PATIENCE
from assay.cli.talk import Talk
from assay.cli.told import ToldUsage
from assay.messages import N_
from assay.wire import DeviceCodes

_PENDING = "authorization_pending"
_SLOW_DOWN = "slow_down"
_SLOWER = 5  # seconds more between two questions, once the server asks for it (RFC 8628, 3.5)


def token_by_browser(
    api: Api,
    talk: Talk,
    *,
    open_it: bool,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> str:
    """Have the person allow this program in a browser; return the token.

    Args:
        api: The line to the server, without a token.
        talk: To the person.
        open_it: Whether to try to open a browser here.
        sleep: For tests.
        clock: For tests; seconds that never go back.

    Raises:
        CodeExpired: Nobody allowed it in time.
        ToldUsage: It was refused.
    """
    codes = api.device_codes(name_of_this_program())
    api.connection.patience = max(api.connection.patience, PATIENCE)  # it may take minutes
    talk.say(N_("Sign in with your browser, on this machine or another one:"))
    talk.tell(Text(f"  {codes.verification_uri}"))
    talk.say(N_("and check that this code is shown, or type it in:"))
    talk.tell(Text(f"  {codes.user_code}", style="bold"))
    if open_it and _has_browser():
        _open(codes.verification_uri_complete)
    with talk.waiting(N_("Waiting for you to allow it …")):
        return _collect(api, codes, sleep, clock)


def name_of_this_program() -> str:
    """Return what the person reads before allowing it."""
    return f"assay @ {platform.node() or '?'}"[:100]


def _collect(
    api: Api, codes: DeviceCodes, sleep: Callable[[float], None], clock: Callable[[], float]
) -> str:
    deadline = clock() + codes.expires_in
    interval = float(codes.interval)
    while clock() < deadline:
        sleep(interval)
        try:
            return api.device_token(codes.device_code).access_token
        except ToldUsage as told:
            if told.problem.code == _SLOW_DOWN:
                interval += _SLOWER
            elif told.problem.code != _PENDING:
                raise
    raise CodeExpired


def _has_browser() -> bool:
    """Return whether a browser with a window can be expected; one in the terminal would not help."""
    if sys.platform in {"darwin", "win32"}:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _open(address: str) -> None:
    # Whether it works or not, the address stands on the screen.
    with contextlib.suppress(webbrowser.Error, OSError):
        webbrowser.open(address)
