"""Where recipes are trained: in a new Python each, or in forks of a warm one."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from assay.items.errors import NoFramework, TrainerGone
from assay.messages import N_, Words

PACKAGES = ("tensorflow", "keras", "numpy", "pandas")  # what recipes import
OUTPUT = "output.txt"  # what the program printed, in its folder
_LOOK_EVERY = 0.02  # seconds
_WARM = Path(__file__).with_name("warm.py")


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a program ended."""

    code: int | None  # exit code; None: it was stopped after its time
    seconds: float  # wall clock
    processor_seconds: float | None  # of all its threads; None: not known on this system
    output: str  # what it printed, on both channels


class Trainer(ABC):
    """Runs programs of candidates' kind."""

    versions: Mapping[str, str]  # of Python and of what recipes import; may be empty

    @abstractmethod
    def run(self, folder: Path, script: str, seconds: float) -> Ended:
        """Run `script`, a file in `folder`, there, for at most `seconds`."""

    @abstractmethod
    def close(self) -> None:
        """End what the trainer keeps running."""

    def __enter__(self) -> Self:
        """Use the trainer."""
        return self

    def __exit__(self, *_: object) -> None:
        """End what the trainer keeps running."""
        self.close()


class ColdTrainer(Trainer):
    """A new Python for each program."""

    def __init__(self, python: str, threads: int | None = None) -> None:
        """Use the Python at `python`, with so many threads, or as many as TensorFlow likes."""
        self._python = python
        self._environment = _environment(threads)
        self.versions = {}

    def run(self, folder: Path, script: str, seconds: float) -> Ended:
        """See `Trainer.run`.

        Raises:
            NoFramework: The Python is not there, or is no program.
        """
        begun = time.monotonic()
        with _Output(folder) as output:
            with output.path.open("wb") as file, _told_if_missing(self._python):
                process = subprocess.Popen(  # noqa: S603 - the bank is ours
                    [self._python, script],
                    cwd=folder,
                    stdin=subprocess.DEVNULL,
                    stdout=file,
                    stderr=subprocess.STDOUT,
                    env=self._environment,
                )
            code, processor_seconds = _end_of(process, seconds)
            return Ended(
                code=code,
                seconds=time.monotonic() - begun,
                processor_seconds=processor_seconds,
                output=output.text,
            )

    def close(self) -> None:
        """Nothing is kept running."""


class WarmTrainer(Trainer):
    """Forks of one Python that has imported TensorFlow: five seconds less for each program.

    Linux only: elsewhere TensorFlow does not bear a fork.
    """

    def __init__(self, python: str, threads: int | None = None) -> None:
        """Start the Python at `python`, with so many threads, or as many as TensorFlow likes.

        Raises:
            NoFramework: It cannot import what recipes import, or is no Python.
        """
        with _told_if_missing(python):
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [python, str(_WARM), *PACKAGES],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=_environment(threads),
                text=True,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,  # a Ctrl-C is ours to handle
            )
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        first = self._process.stdout.readline()
        if not first:
            said = self._process.stderr.read().strip().splitlines()
            self.close()
            raise NoFramework(file=python, received=said[-1] if said else Words(N_("no answer")))
        self.versions = json.loads(first)["versions"]

    def run(self, folder: Path, script: str, seconds: float) -> Ended:
        """See `Trainer.run`."""
        with _Output(folder) as output:
            job = {
                "folder": str(folder),
                "script": script,
                "output": str(output.path),
                "seconds": seconds,
            }
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            try:
                self._process.stdin.write(json.dumps(job) + "\n")
                self._process.stdin.flush()
            except BrokenPipeError:
                raise TrainerGone from None
            answer = self._process.stdout.readline()
            if not answer:
                raise TrainerGone
            return Ended(**json.loads(answer), output=output.text)

    def close(self) -> None:
        """End the Python, and what it runs."""
        for channel in (self._process.stdin, self._process.stdout, self._process.stderr):
            if channel is not None:
                with contextlib.suppress(BrokenPipeError):  # it has ended before
                    channel.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def warm_or_cold(python: str, threads: int | None = None) -> Trainer:
    """Return the fastest trainer that this system allows.

    Args:
        python: A Python with TensorFlow.
        threads: That TensorFlow may use; None: as many as it likes.

    Raises:
        NoFramework: The Python cannot import what recipes import.
    """
    if sys.platform == "linux":
        return WarmTrainer(python, threads)
    return ColdTrainer(python, threads)


@contextlib.contextmanager
def _told_if_missing(python: str) -> Iterator[None]:
    """Say it in our words if the file `python` cannot be run."""
    try:
        yield
    except OSError as error:
        raise NoFramework(file=python, received=error.strerror or str(error)) from None


def _end_of(process: subprocess.Popen[bytes], seconds: float) -> tuple[int | None, float | None]:
    """Wait for a process as long as it may take; stop it then, or if the waiting is cut short.

    Returns:
        The exit code, None if it was stopped, and the processor's seconds that it took.
    """
    until = time.monotonic() + seconds
    used = None
    try:
        while process.returncode is None and time.monotonic() < until:
            time.sleep(_LOOK_EVERY)
            if sys.platform == "win32":
                process.poll()
                continue
            # Of this child alone: others may be running beside it.
            ended, status, usage = os.wait4(process.pid, os.WNOHANG)
            if ended:
                process.returncode = os.waitstatus_to_exitcode(status)
                used = usage.ru_utime + usage.ru_stime
        return process.returncode, used
    finally:
        if process.returncode is None:
            process.kill()
            process.wait()


def _environment(threads: int | None) -> dict[str, str]:
    environment = {
        **os.environ,
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "PYTHONIOENCODING": "utf-8",
        "PYTHONUNBUFFERED": "1",
    }
    if threads is not None:
        for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"):
            environment[name] = str(threads)
    return environment


class _Output:
    """What a program prints: beside its folder while it runs, in it afterwards."""

    def __init__(self, folder: Path) -> None:
        self._kept = folder / OUTPUT
        handle, name = tempfile.mkstemp(prefix="assay-output-")
        os.close(handle)
        self.path = Path(name)

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8", errors="replace")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        shutil.move(self.path, self._kept)
