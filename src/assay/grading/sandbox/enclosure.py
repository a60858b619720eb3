"""The walls around the warm parent, the best first."""

from __future__ import annotations

from enum import StrEnum


class Enclosure(StrEnum):
    """What keeps the warm parent, and so every child, away from the machine.

    None of them is required: the lock around each child holds by itself.
    """

    NAMESPACES = "namespaces"  # of its own: no network, no files, no other process to be seen
    BUBBLEWRAP = "bubblewrap"  # the same by a program that may where we may not; files read-only
    NOTHING = "nothing"
