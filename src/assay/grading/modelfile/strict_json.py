"""JSON from a file that nobody vouches for."""

from __future__ import annotations

import json
import re
from typing import Any

from assay.grading import refusals

LARGEST = 32_000_000  # characters; the configuration of the largest applications is about 1 MB
DEEPEST = 64  # levels; keras.applications stay below 20
LONGEST_NUMBER = 40  # digits
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_OPENING = b"[{"
_NO_BRACKET = bytes(set(range(256)) - set(b"[]{}"))


def parse(text: str | bytes, *, part: str) -> dict[str, Any]:
    """Return the JSON object that `text` says.

    Args:
        text: JSON, UTF-8 if it is bytes.
        part: What is being read, for the message.

    Returns:
        The object, made of dict, list, str, int, float, bool and None.

    Raises:
        DamagedFile: `text` is no JSON object.
        SuspiciousFile: It is too large or too deep, repeats a key, or holds a
            number that is too long.
    """
    if len(text) > LARGEST:
        raise refusals.SuspiciousFile(part=f"{part}: {len(text)} characters of JSON")
    try:
        if isinstance(text, bytes):
            text = text.decode()
        _check_depth(text, part)
        value = json.loads(
            text,
            object_pairs_hook=lambda pairs: _unique(pairs, part),
            parse_int=lambda digits: _integer(digits, part),
        )
    except (ValueError, RecursionError) as error:
        raise refusals.DamagedFile(part=part) from error
    if not isinstance(value, dict):
        raise refusals.DamagedFile(part=part)
    return value


def _check_depth(text: str, part: str) -> None:
    """Refuse deep nesting before the parser recurses into it."""
    brackets = _STRING.sub(b"", text.encode()).translate(None, _NO_BRACKET)
    depth = deepest = 0
    for bracket in brackets:
        depth += 1 if bracket in _OPENING else -1
        deepest = max(deepest, depth)
    if deepest > DEEPEST:
        raise refusals.SuspiciousFile(part=f"{part}: JSON nested {deepest} deep")


def _unique(pairs: list[tuple[str, Any]], part: str) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise refusals.SuspiciousFile(part=f"{part}: a key twice")
    return result


def _integer(digits: str, part: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise refusals.SuspiciousFile(part=f"{part}: a number of {len(digits)} digits")
    return int(digits)
