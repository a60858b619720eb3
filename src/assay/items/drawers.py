"""Processes of their own in which items' code runs: warm ones where the system can fork."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

_WARM = sys.platform == "linux"  # macOS forks too, but its libraries do not stand it
_ERRORS = "errors.txt"  # in the folder that is drawn into
_SHOWN = 2000  # characters of an error
_GRACE_SECONDS = 10.0  # for the warm process to enforce the time itself
_IDLE_SECONDS = 60.0  # a warm process that has nothing to do for so long ends


class DrawEnded(Exception):
    """The item's code did not draw its variant; the text says why, for staff."""


class _Gone(Exception):
    """The warm process has ended before it took the job."""


class _Warm:
    """One warm process; used by one thread at a time.

    Args:
        bank: The bank's folder; None for the open one.
        environment: Of the process.
    """

    def __init__(self, bank: Path | None, environment: Mapping[str, str]) -> None:
        self.key = (bank, dict(environment))
        command = [sys.executable, "-m", "assay.items.warm_draw", "--idle", f"{_IDLE_SECONDS}"]
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [*command, *_bank_words(bank)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # it is stopped with the draw that it has forked
        )

    def draw(self, item: str, seed: int, out: Path, seconds: float) -> None:
        errors = out / _ERRORS
        job = {"item": item, "seed": seed, "out": str(out), "errors": str(errors)}
        line = json.dumps(job | {"seconds": seconds}) + "\n"
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line.encode())
            self._process.stdin.flush()
        except BrokenPipeError:
            raise _Gone from None
        answer = self._answer(time.monotonic() + seconds + _GRACE_SECONDS)
        code = json.loads(answer)["code"]
        if code is None:
            raise DrawEnded(f"took more than {seconds:g} seconds")
        if code != 0:
            raise DrawEnded(_said(errors) or f"exit code {code}")

    def _answer(self, until: float) -> bytes:
        assert self._process.stdout is not None
        descriptor = self._process.stdout.fileno()
        answer = b""
        while not answer.endswith(b"\n"):
            left = until - time.monotonic()
            if left <= 0 or not select.select([descriptor], [], [], left)[0]:
                raise DrawEnded("the process that draws does not answer")
            received = os.read(descriptor, 4096)
            if not received:
                raise _Gone
            answer += received
        return answer

    def close(self) -> None:
        """End the process and what it has forked."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(BrokenPipeError):
                assert pipe is not None
                pipe.close()
        self._process.wait()


_lock = threading.Lock()
_idle: list[_Warm] = []


def draw(
    item: str,
    seed: int,
    out: Path,
    *,
    bank: Path | None,
    environment: Mapping[str, str],
    seconds: float,
) -> None:
    """Draw a variant into a folder, as `assay.items.draw` does.

    Args:
        item: The item's key.
        seed: Of the variant.
        out: An empty folder.
        bank: The bank's folder; None for the open one.
        environment: All that the item's code sees of the environment.
        seconds: It may take.

    Raises:
        DrawEnded: The code failed or took too long.
    """
    if not _WARM:
        draw_cold(item, seed, out, bank=bank, environment=environment, seconds=seconds)
        return
    while True:
        warm, is_new = _take(bank, environment)
        try:
            warm.draw(item, seed, out, seconds)
        except _Gone:
            warm.close()
            if is_new:  # it cannot even start, and only a fresh process says why
                draw_cold(item, seed, out, bank=bank, environment=environment, seconds=seconds)
                return
        except BaseException:
            warm.close()
            raise
        else:
            with _lock:
                _idle.append(warm)
            return


def _take(bank: Path | None, environment: Mapping[str, str]) -> tuple[_Warm, bool]:
    """Return a warm process and whether it has just been started."""
    with _lock:
        while _idle:
            warm = _idle.pop()
            if warm.key == (bank, dict(environment)):
                return warm, False
            warm.close()
    return _Warm(bank, environment), True


@atexit.register
def close() -> None:
    """End the warm processes that have nothing to do."""
    with _lock:
        while _idle:
            _idle.pop().close()


def draw_cold(
    item: str,
    seed: int,
    out: Path,
    *,
    bank: Path | None,
    environment: Mapping[str, str],
    seconds: float,
) -> None:
    """Do the same as `draw`, in a process that begins with this draw and ends with it."""
    command = [sys.executable, "-m", "assay.items.draw", item, "--seed", str(seed)]
    try:
        subprocess.run(  # noqa: S603 - our own program, and the item's key is the bank's
            [*command, "--out", str(out), *_bank_words(bank)],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=True,
        )
    except subprocess.TimeoutExpired:
        raise DrawEnded(f"took more than {seconds:g} seconds") from None
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode("utf-8", "replace").strip()[-_SHOWN:]
        raise DrawEnded(said or f"exit code {error.returncode}") from None


def _bank_words(bank: Path | None) -> list[str]:
    return [] if bank is None else ["--bank", str(bank)]


def _said(errors: Path) -> str:
    with contextlib.suppress(FileNotFoundError):
        return errors.read_text("utf-8", "replace").strip()[-_SHOWN:]
    return ""
