"""What grader and child say to each other, as the grader hears it.

Everything received is checked before it is believed: the kind of frame, its
length, its code and its parameters. See `frames` for the format and `child` for
why the inputs come last.
"""

from __future__ import annotations

import math
import string
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from assay.errors import Refusal
from assay.grading.refusals import REFUSALS, OutOfMemory
from assay.grading.sandbox import frames, inspection
from assay.grading.sandbox.faults import (
    BrokenFrame,
    Cancelled,
    DeadlineExceeded,
    GradingFault,
    ReaderFailed,
)
from assay.grading.sandbox.frames import HEADER, MAX_LENGTH, Kind, Value
from assay.grading.sandbox.inspection import Inspection
from assay.grading.sandbox.job import Layout
from assay.items.contract import Contract, Limits
from assay.items.variant import Array

FAILED_ON_INPUTS = "failed_on_inputs"  # the child's code for an error of ours
# What else it may say once it has seen the inputs: reasons without a parameter.
# What can be read off the predictions, the grader finds out by itself.
_CODES_AFTER_INPUTS = frozenset(
    {"out_of_memory", "index_out_of_range", "model_failed", "wrong_predictions"}
)
Predictions = npt.NDArray[np.float32]

_MEGABYTE = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Until:
    """How long to listen to a child."""

    moment: float  # on `time.monotonic`'s clock
    seconds: float  # what the limit was, for the message
    cancel: threading.Event | None

    def check(self) -> None:
        """Raise if there is no more listening.

        Raises:
            Cancelled: The work was cancelled.
            DeadlineExceeded: The time is over.
        """
        if self.cancel is not None and self.cancel.is_set():
            raise Cancelled
        if time.monotonic() >= self.moment:
            raise DeadlineExceeded(seconds=self.seconds)


class Child(Protocol):
    """The other end of the conversation, however it is reached."""

    def receive(self, count: int, until: Until) -> bytearray:
        """Return the next `count` bytes; fewer where the child stopped talking.

        Raises:
            Cancelled: The work was cancelled.
            DeadlineExceeded: The time is over.
            GradingFault: The connection broke.
        """
        ...

    def prepare(self, inputs: Mapping[str, Array]) -> None:
        """Do what can be done for `hand_out` while the child reads the file."""
        ...

    def hand_out(self, inputs: Mapping[str, Array]) -> None:
        """Give the child the inputs."""
        ...

    def explain_end(self) -> GradingFault:
        """Return the fault of a child that stopped talking too early."""
        ...


def ask_for_predictions(
    child: Child,
    *,
    contract: Contract,
    limits: Limits,
    layout: Layout,
    inputs: Mapping[str, Array],
    until: Until,
) -> Predictions:
    """Return the predictions, `(n, *output shape)`, float32, not looked at yet.

    Raises:
        Refusal: The file is not graded, for a reason its author can mend.
        Cancelled: The work was cancelled.
        GradingFault: Anything else.
    """
    child.prepare(inputs)
    kind, payload = _hear(child, until, {Kind.READY, Kind.REFUSED, Kind.FAILED})
    if kind is not Kind.READY:
        _expect_the_end(child, until)
        raise _why_not(kind, payload, limits)
    child.hand_out(inputs)
    shape = (layout.samples, *contract.output.shape)
    size = 4 * math.prod(shape)
    kind, payload = _hear(child, until, {Kind.DONE, Kind.CODE}, size=size)
    _expect_the_end(child, until)
    if kind is Kind.CODE:
        code = frames.decode_code(bytes(payload))
        if code == FAILED_ON_INPUTS:
            raise ReaderFailed("on the inputs")
        if code not in _CODES_AFTER_INPUTS:
            raise BrokenFrame("a code that is out of turn")
        raise _refusal(code, {}, limits)
    return np.frombuffer(payload, dtype=np.dtype("<f4")).reshape(shape)


def ask_for_report(child: Child, *, limits: Limits, until: Until) -> list[Value]:
    """Return what the child found.

    Raises:
        Refusal: The file cannot be read, for a reason its author can mend.
        Cancelled: The work was cancelled.
        GradingFault: Anything else.
    """
    kind, payload = _hear(child, until, {Kind.REPORT, Kind.REFUSED, Kind.FAILED})
    _expect_the_end(child, until)
    if kind is not Kind.REPORT:
        raise _why_not(kind, payload, limits)
    return frames.decode_report(bytes(payload))


def ask_for_inspection(child: Child, *, limits: Limits, until: Until) -> Inspection:
    """Return what the file holds.

    Raises:
        Refusal: The file cannot be read, for a reason its author can mend.
        Cancelled: The work was cancelled.
        GradingFault: Anything else.
    """
    report = ask_for_report(child, limits=limits, until=until)
    return inspection.decode(report, lambda code, params: _refusal(code, params, limits))


def _hear(
    child: Child, until: Until, expected: set[Kind], *, size: int = 0
) -> tuple[Kind, bytearray]:
    head = child.receive(HEADER.size, until)
    if len(head) < HEADER.size:
        raise child.explain_end()
    kind, length = frames.parse_header(bytes(head))
    if kind not in expected:
        raise BrokenFrame(f"{kind.name} is out of turn")
    if kind is Kind.DONE and length != size:
        raise BrokenFrame(f"predictions of {length} bytes, {size} were asked for")
    if kind is not Kind.DONE and length > MAX_LENGTH[kind]:
        raise BrokenFrame(f"{kind.name} of {length} bytes")
    payload = child.receive(length, until)
    if len(payload) < length:
        raise child.explain_end()
    return kind, payload


def _expect_the_end(child: Child, until: Until) -> None:
    if child.receive(1, until):
        raise BrokenFrame("bytes after the answer")


def _why_not(kind: Kind, payload: bytearray, limits: Limits) -> Refusal | GradingFault:
    if kind is Kind.FAILED:
        return ReaderFailed(frames.decode_detail(bytes(payload)))
    reason = frames.decode_reason(bytes(payload))
    return _refusal(reason.code, reason.params, limits)


def _refusal(code: str, params: Mapping[str, Value], limits: Limits) -> Refusal:
    refusal = REFUSALS.get(code)
    if refusal is None:
        raise BrokenFrame(f"unknown code {code}")
    if refusal is OutOfMemory:
        return OutOfMemory(limit=limits.memory_bytes // _MEGABYTE)
    fields = _fields(refusal.message) | _fields(refusal.remedy)
    if not fields <= params.keys():
        raise BrokenFrame(f"{code} without {', '.join(fields - params.keys())}")
    return refusal(**{name: params[name] for name in sorted(fields)})


def _fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}
