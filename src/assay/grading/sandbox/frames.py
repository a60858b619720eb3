"""The binary frames that a grading child may send, and nothing else.

Whatever comes out of a child is hostile: there is no pickle and no JSON, every
length is bounded before it is believed, and a frame that deviates in one byte
is a `BrokenFrame`. All numbers are little-endian.

    frame    magic "ASY1" · kind u8 · three zero bytes · length u32 · payload
    READY    empty: the model is read, checked and built; waiting for the inputs
    REFUSED  code · count u8 · count × (name · value): why the file is not graded
    FAILED   text u16: where our reader stumbled, for the staff's log
    REPORT   count u16 · count × value: what an inspection or an attempt found
    DONE     the predictions, float32, in C order: exactly as many as asked for
    CODE     code: after the inputs were handed out, a reason without parameters

    code, name   length u8 · ASCII
    value        tag u8 · nothing (0) | i64 (1) | f64 (2) | length u16 · UTF-8 (3)
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from numbers import Integral, Real

from assay.grading.sandbox.faults import BrokenFrame

Value = str | int | float | None

MAGIC = b"ASY1"
HEADER = struct.Struct("<4sB3xI")
MAX_PARAMETERS = 16
MAX_TEXT = 400  # characters of a parameter: a layer's name, a shape
MAX_DETAIL = 4_000  # characters of a fault's text
MAX_VALUES = 20_000  # of a report: a few for each layer of a deep model

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)
_INT_RANGE = 1 << 63


class Kind(IntEnum):
    """What a frame says."""

    READY = 1
    REFUSED = 2
    FAILED = 3
    REPORT = 4
    DONE = 5
    CODE = 6


# The longest payload of each kind; DONE is as long as the predictions asked for.
MAX_LENGTH: Mapping[Kind, int] = {
    Kind.READY: 0,
    Kind.REFUSED: 2 + 64 + MAX_PARAMETERS * (1 + 64 + 3 + 4 * MAX_TEXT),
    Kind.FAILED: 2 + 4 * MAX_DETAIL,
    Kind.REPORT: 1 << 21,
    Kind.CODE: 65,
}


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why a file is not graded, as a child names it."""

    code: str
    params: Mapping[str, Value]


def frame(kind: Kind, payload: bytes | memoryview = b"") -> bytes:
    """Return a whole frame."""
    return header(kind, len(payload)) + bytes(payload)


def header(kind: Kind, length: int) -> bytes:
    """Return the header of a frame whose payload has `length` bytes."""
    return HEADER.pack(MAGIC, kind, length)


def parse_header(data: bytes) -> tuple[Kind, int]:
    """Return kind and payload length of a header of `HEADER.size` bytes.

    Raises:
        BrokenFrame: It is not a header that `frame` could have written.
    """
    magic, kind, length = HEADER.unpack(data)
    try:
        known = Kind(kind)
    except ValueError:
        raise BrokenFrame(f"unknown kind {kind}") from None
    if magic != MAGIC or data != header(known, length):
        raise BrokenFrame(f"not a header: {data!r}")
    return known, length


def encode_reason(code: str, params: Mapping[str, Value]) -> bytes:
    """Return the payload of a REFUSED frame; what is too long is cut off."""
    parts = [_short(code), bytes([min(len(params), MAX_PARAMETERS)])]
    for name, value in list(params.items())[:MAX_PARAMETERS]:
        parts += [_short(name), _value(value, MAX_TEXT)]
    return b"".join(parts)


def decode_reason(payload: bytes) -> Reason:
    """Return what a REFUSED frame says.

    Raises:
        BrokenFrame: The payload is not what `encode_reason` writes.
    """
    reader = _Reader(payload)
    code = reader.name()
    count = reader.byte()
    if count > MAX_PARAMETERS:
        raise BrokenFrame(f"{count} parameters")
    params: dict[str, Value] = {}
    for _ in range(count):
        name = reader.name()
        if name in params:
            raise BrokenFrame(f"parameter {name} twice")
        params[name] = reader.value(MAX_TEXT)
    reader.end()
    return Reason(code=code, params=params)


def encode_code(code: str) -> bytes:
    """Return the payload of a CODE frame."""
    return _short(code)


def decode_code(payload: bytes) -> str:
    """Return what a CODE frame says.

    Raises:
        BrokenFrame: The payload is not what `encode_code` writes.
    """
    reader = _Reader(payload)
    code = reader.name()
    reader.end()
    return code


def encode_detail(text: str) -> bytes:
    """Return the payload of a FAILED frame; what is too long is cut off."""
    return _value(text, MAX_DETAIL)[1:]


def decode_detail(payload: bytes) -> str:
    """Return what a FAILED frame says.

    Raises:
        BrokenFrame: The payload is not what `encode_detail` writes.
    """
    reader = _Reader(payload)
    text = reader.text(MAX_DETAIL)
    reader.end()
    return text


def encode_report(values: Sequence[Value]) -> bytes:
    """Return the payload of a REPORT frame; what is too much is cut off."""
    values = values[:MAX_VALUES]
    return struct.pack("<H", len(values)) + b"".join(_value(v, MAX_TEXT) for v in values)


def decode_report(payload: bytes) -> list[Value]:
    """Return what a REPORT frame says.

    Raises:
        BrokenFrame: The payload is not what `encode_report` writes.
    """
    reader = _Reader(payload)
    (count,) = struct.unpack("<H", reader.take(2))
    if count > MAX_VALUES:
        raise BrokenFrame(f"{count} values")
    values = [reader.value(MAX_TEXT) for _ in range(count)]
    reader.end()
    return values


def _short(name: str) -> bytes:
    data = name.encode("ascii")
    return bytes([len(data)]) + data


def _value(value: Value, longest: int) -> bytes:
    if value is None:
        return b"\x00"
    if isinstance(value, Integral):  # NumPy's integers too
        return b"\x01" + struct.pack("<q", max(-_INT_RANGE, min(int(value), _INT_RANGE - 1)))
    if isinstance(value, Real) and math.isfinite(value):
        return b"\x02" + struct.pack("<d", value)
    value = str(value)
    # Names in a file may hold anything; what a terminal or a page could
    # misunderstand is replaced here and refused by `_Reader.text`.
    clean = "".join(c if _is_plain(c) else "\N{REPLACEMENT CHARACTER}" for c in value[:longest])
    data = clean.encode()
    return b"\x03" + struct.pack("<H", len(data)) + data


def _is_plain(character: str) -> bool:
    return character == "\n" or character.isprintable()


class _Reader:
    """Reads bounded fields from hostile bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, count: int) -> bytes:
        piece = self._data[self._at : self._at + count]
        if len(piece) != count:
            raise BrokenFrame("a field ends beyond the payload")
        self._at += count
        return piece

    def byte(self) -> int:
        return self.take(1)[0]

    def name(self) -> str:
        data = self.take(self.byte())
        text = data.decode("ascii", errors="replace")
        if not _NAME.fullmatch(text):
            raise BrokenFrame(f"not a name: {data!r}")
        return text

    def text(self, longest: int) -> str:
        (length,) = struct.unpack("<H", self.take(2))
        try:
            text = self.take(length).decode()
        except UnicodeDecodeError:
            raise BrokenFrame("text that is not UTF-8") from None
        if len(text) > longest or not all(_is_plain(c) for c in text):
            raise BrokenFrame("text that is too long or not printable")
        return text

    def value(self, longest: int) -> Value:
        tag = self.byte()
        if tag == 0:
            return None
        if tag == 1:
            (number,) = struct.unpack("<q", self.take(8))
            return int(number)
        if tag == 2:  # noqa: PLR2004 - the tags are listed at the top
            (real,) = struct.unpack("<d", self.take(8))
            if not math.isfinite(real):
                raise BrokenFrame("a number that is not finite")
            return float(real)
        if tag == 3:  # noqa: PLR2004
            return self.text(longest)
        raise BrokenFrame(f"unknown tag {tag}")

    def end(self) -> None:
        if self._at != len(self._data):
            raise BrokenFrame("bytes after the last field")
