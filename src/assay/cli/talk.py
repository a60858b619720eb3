"""How a command speaks: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import Enum
from typing import Any

from pydantic import BaseModel
from rich.console import Console, RenderableType
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.text import Text

from assay.cli import speech
from assay.cli.failures import NotConfirmed
from assay.errors import AssayError
from assay.messages import N_, Language, translate
from assay.wire import Problem

_PLAIN_WIDTH = 120  # columns, where there is no terminal to ask
_WORTH_A_SPEED = 1_000_000  # bytes; less is through before its speed is known
_PLAIN_STEPS = 4  # lines of progress, where there is no terminal


class Unit(Enum):
    """What a progress bar counts."""

    BYTES = "bytes"
    THINGS = "things"


class Talk:
    """The two channels of one command, in the reader's language."""

    def __init__(self, *, as_json: bool = False, language: Language | None = None) -> None:
        """Open the channels.

        Args:
            as_json: Whether the result is wanted as JSON.
            language: The reader's; that of the command line if None.
        """
        self.as_json = as_json
        self.language = language or speech.current()
        self._out = _console(stderr=False)
        self._err = _console(stderr=True)

    @property
    def is_interactive(self) -> bool:
        """Whether somebody can be asked."""
        return sys.stdin.isatty() and self._err.is_terminal

    @property
    def has_terminal(self) -> bool:
        """Whether moving pictures can be seen."""
        return self._err.is_terminal

    def in_words(self, message: str, /, **params: object) -> str:
        """Return `message` in the reader's language."""
        return translate(message, self.language, **params)

    def listed(self, things: Iterable[str]) -> str:
        """Return several things as the reader's language lists them."""
        return translate(N_(", "), self.language).join(things)

    def sentences(self, *said: str) -> str:
        """Return sentences in a row, with the gap between them that the language has."""
        return translate(N_("{first} {second}"), self.language, first="", second="").join(said)

    def say(self, message: str, /, *, style: str | None = None, **params: object) -> None:
        """Say `message` on standard error."""
        self.tell(Text(self.in_words(message, **params), style=style or ""))

    def warn(self, message: str, /, **params: object) -> None:
        """Say `message` on standard error so that it is noticed."""
        self.say(message, style="yellow", **params)

    def tell(self, content: RenderableType = "") -> None:
        """Show something on standard error."""
        self._err.print(content, soft_wrap=not self._err.is_terminal)

    def tell_problem(self, problem: Problem, *, sign: str = "✗", style: str = "bold red") -> None:
        """Say what is wrong, with a sign before it, and below it what to do."""
        self.tell(Text(f"{sign} {problem.message}", style=style))
        self.tell(Text(f"  → {problem.remedy}"))

    def show(self, *content: RenderableType) -> None:
        """Show a result on standard output, unless JSON is wanted."""
        if not self.as_json:
            for part in content:
                self._out.print(part)

    def show_plain(self, text: str) -> None:
        """Show a line on standard output that programs or people copy: never wrapped."""
        if not self.as_json:
            self._out.print(Text(text), soft_wrap=True)

    def give(self, result: BaseModel | dict[str, Any]) -> None:
        """Print a result as JSON on standard output, if that is wanted."""
        if self.as_json:
            content = result.model_dump(mode="json") if isinstance(result, BaseModel) else result
            # Escaped, so that no console's encoding can spoil it.
            print(json.dumps(content, indent=2), flush=True)  # noqa: T201 - the result

    def confirm(self, question: str, /, *, yes: bool, command: str, **params: object) -> None:
        """Ask a question that is answered with yes or no.

        Args:
            question: A message id.
            yes: It was answered on the command line.
            command: What to type to be asked again, or to say yes at once.
            params: Fill in the question.

        Raises:
            NotConfirmed: The answer is no, or there is nobody to ask.
        """
        if yes:
            return
        asked = self.in_words(question, **params)
        if not self.is_interactive:
            self.tell(Text(asked))
            raise NotConfirmed(command=f"{command} --yes")
        self._err.print(Text(f"{asked} [y/N] ", style="bold"), end="")
        answer = sys.stdin.readline()
        if answer.strip().lower() not in {"y", "yes", "j", "是", "好"}:
            raise NotConfirmed(command=command)

    @contextmanager
    def progress(
        self,
        message: str,
        /,
        *,
        total: int,
        unit: Unit = Unit.THINGS,
        below: Callable[[], str] | None = None,
        **params: object,
    ) -> Iterator[Callable[[int], None]]:
        """Show how far something has come, as a bar or, without a terminal, in a few lines.

        Args:
            message: What is being done.
            total: When it is done, in `unit`.
            unit: What is counted.
            below: Says what is being done at the moment, to be shown below a bar.
            params: Fill in `message`.

        Yields:
            A function to be called with how much is done so far.
        """
        words = self.in_words(message, **params)
        if not self._err.is_terminal:
            yield self._lines(words, total)
            return
        counter: list[ProgressColumn] = [MofNCompleteColumn()]
        if unit is Unit.BYTES:
            counter = [DownloadColumn()]
            if total >= _WORTH_A_SPEED:
                counter += [TransferSpeedColumn(), TimeRemainingColumn()]
        with _Progress(
            SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), *counter,
            console=self._err, below=below,
        ) as bar:  # fmt: skip
            task = bar.add_task(words, total=total)
            yield lambda done: bar.update(task, completed=done)

    @contextmanager
    def waiting(self, message: str, /, **params: object) -> Iterator[None]:
        """Show that something is going on whose end is not known, and for how long it has."""
        words = self.in_words(message, **params)
        if not self._err.is_terminal:
            self._err.print(Text(words), soft_wrap=True)
            yield
            return
        with Progress(
            SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn(),
            console=self._err, transient=True,
        ) as bar:  # fmt: skip
            bar.add_task(words, total=None)
            yield

    def _lines(self, words: str, total: int) -> Callable[[int], None]:
        said = -1

        def advance(done: int) -> None:
            nonlocal said
            step = _PLAIN_STEPS * done // total if total else _PLAIN_STEPS
            if step > said:
                said = step
                share = 100 * step // _PLAIN_STEPS
                line = self.in_words(N_("{what}: {share} %"), what=words, share=share)
                self._err.print(Text(line), soft_wrap=True)

        return advance

    def retrying(self, error: AssayError, pause: float) -> None:
        """Say that a request failed and will be sent again after `pause` seconds."""
        problem = error.render(self.language).message
        then = self.in_words(N_("Trying again in {seconds} s …"), seconds=f"{pause:g}")
        self.tell(Text(self.sentences(problem, then), style="yellow"))


class _Progress(Progress):
    """A bar, and below it what is being done at the moment."""

    def __init__(
        self, *columns: ProgressColumn, console: Console, below: Callable[[], str] | None
    ) -> None:
        self._below = below  # Rich asks for its picture before it is made
        super().__init__(*columns, console=console)

    def get_renderables(self) -> Iterable[RenderableType]:
        yield from super().get_renderables()
        words = self._below() if self._below else ""
        if words:
            yield Text(f"  {words}", style="dim")


def local_time(moment: datetime) -> str:
    """Return `moment` on the reader's clock, with the zone's offset."""
    return f"{moment.astimezone():%Y-%m-%d %H:%M %z}"


def length_of(seconds: float) -> str:
    """Return a length of time as `4:59:07`; negative ones as zero."""
    whole = max(0, int(seconds))
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def size_of(count: int) -> str:
    """Return a number of bytes as people read it, in powers of 1000."""
    size = float(count)
    for unit in ("B", "kB", "MB"):
        if size < 1000:  # noqa: PLR2004 - a thousand
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = max(console.width, _PLAIN_WIDTH)
    return console
