"""What one deployment keeps in its data folder: secrets that are made once."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

_SECRET_BYTES = 48  # 384 bits, more than any use of it needs


def secret(data: Path, name: str) -> str:
    """Return the deployment's secret `name`, making it at the first call.

    The file has mode 600. Of several processes that start together, one makes
    the secret and the others read it.

    Args:
        data: The deployment's data folder; made if it does not exist.
        name: The file's name inside `data/secrets`.

    Returns:
        A random text that stays the same for the life of the data folder.
    """
    folder = data / "secrets"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / name
    if not path.exists():
        descriptor, draft = tempfile.mkstemp(dir=folder)  # mode 600
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(secrets.token_urlsafe(_SECRET_BYTES))
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(draft, path)  # atomic: either we are first, or we read the first's
        finally:
            Path(draft).unlink()
    return path.read_text(encoding="ascii")


def ephemeral_secret() -> str:
    """Return a secret that is forgotten with the process, for tools that only read settings."""
    return secrets.token_urlsafe(_SECRET_BYTES)
