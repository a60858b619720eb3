"""Names from a file, made fit to be shown."""

from __future__ import annotations

import re

LONGEST = 64  # characters
_ODD = re.compile(r"[^0-9A-Za-z_.\-/ ]")


def harmless(name: object) -> str:
    """Return `name` with only letters, digits and `_.-/ `, and not too long.

    What a file says about itself ends up in messages and on pages. Other
    characters become `?`; an empty name becomes `?` too.
    """
    text = name if isinstance(name, str) else type(name).__name__
    clean = _ODD.sub("?", text[: LONGEST + 1])
    if len(clean) > LONGEST:
        clean = clean[: LONGEST - 3] + "..."
    return clean or "?"


def snake_case(kind: str) -> str:
    """Return how Keras turns the name of a class into the name of an object."""
    name = re.sub(r"\W+", "", kind)
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()
