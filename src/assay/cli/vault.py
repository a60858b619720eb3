"""The system's keyring, where there is one that works: macOS Keychain, Windows, Secret Service.

`keyring` is an optional package; without it, or with a keyring that is locked or
missing, as on servers, tokens are kept in `accounts.json`.
"""

from __future__ import annotations

import os
from importlib import import_module
from types import ModuleType

_SERVICE = "assay"
_WEAKEST = 1.0  # of backends; what is below keeps nothing, or in clear text


def put(server: str, token: str) -> bool:
    """Keep a token in the keyring; return whether it is there to be read again."""
    keyring = _keyring()
    if keyring is None:
        return False
    try:
        keyring.set_password(_SERVICE, server, token)
        return bool(keyring.get_password(_SERVICE, server) == token)
    except Exception:  # noqa: BLE001 - backends raise what they like
        return False


def get(server: str) -> str | None:
    """Return the token that the keyring keeps for a server; None if it does not."""
    keyring = _keyring()
    if keyring is None:
        return None
    try:
        token = keyring.get_password(_SERVICE, server)
    except Exception:  # noqa: BLE001 - backends raise what they like
        return None
    return None if token is None else str(token)


def _keyring() -> ModuleType | None:
    if os.environ.get("ASSAY_KEYRING") == "0":
        return None
    try:
        keyring = import_module("keyring")  # optional, and slow
        usable = float(keyring.get_keyring().priority) >= _WEAKEST
    except Exception:  # noqa: BLE001 - not installed, or its backend fails
        return None
    return keyring if usable else None
