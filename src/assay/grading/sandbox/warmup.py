"""Makes the lazy parts of the libraries exist before the first child is forked."""

from __future__ import annotations


def run() -> None:
    """Read and run a tiny model of ours."""
