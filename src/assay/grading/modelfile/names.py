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
