"""Database connections are few, and who waits needs none."""

from __future__ import annotations

from django.db import close_old_connections, connection


def release() -> None:
    """Give this thread's connection back to the pool, unless a transaction runs on it."""
    if not connection.in_atomic_block:
        close_old_connections()
