"""Opens sealed task bundles and lays out their files without overwriting anything.

Format of a sealed bundle: see `assay.wire.Bundle`.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import zipfile
from pathlib import Path, PurePosixPath

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from assay.wire import Bundle
from assay.workspace.atomic import write_atomically
from assay.workspace.errors import BundleDamaged

_NONCE_BYTES = 12
_MOST_UNPACKED_BYTES = 4_000_000_000  # stops a zip bomb, far above any task's data
_FILE_MODE = 0o644
# Windows refuses these as file names, with any extension.
_RESERVED = {"con", "prn", "aux", "nul"} | {
    f"{port}{n}" for port in ("com", "lpt") for n in "123456789"
}


def is_complete(path: Path, bundle: Bundle) -> bool:
    """Return whether `path` holds the sealed bundle, whole and unchanged."""
    if not path.is_file() or path.stat().st_size != bundle.size:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == bundle.sha256


def unseal(sealed: bytes, *, key: str, plain_sha256: str, slot: str) -> bytes:
    """Return the zip inside a sealed bundle.

    Args:
        sealed: `nonce ‖ AES-256-GCM(zip)`.
        key: base64 of the 32-byte key.
        plain_sha256: Hexadecimal SHA-256 of the zip.
        slot: For the error message.

    Raises:
        BundleDamaged: The key does not fit, or the bytes were changed.
    """
    digest = bytes.fromhex(plain_sha256)
    try:
        cipher = AESGCM(base64.b64decode(key, validate=True))
        plain = cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], digest)
    except (InvalidTag, ValueError) as error:
        raise BundleDamaged(slot=slot) from error
    if hashlib.sha256(plain).digest() != digest:
        raise BundleDamaged(slot=slot)
    return plain


def unpack(archive: bytes, folder: Path, *, slot: str) -> list[Path]:
    """Write the files of the zip `archive` into `folder`, except those that exist.

    Each file appears whole or not at all, so that a file that exists is complete,
    and is the candidate's: it is never overwritten.

    Returns:
        The files that were written.

    Raises:
        BundleDamaged: The archive is broken, or names a place outside of `folder`.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as bundle:
            members = [member for member in bundle.infolist() if not member.is_dir()]
            for member in members:
                _check_name(member.filename, slot)
            if sum(member.file_size for member in members) > _MOST_UNPACKED_BYTES:
                raise BundleDamaged(slot=slot)
            written = []
            for member in members:
                target = folder / PurePosixPath(member.filename)
                if target.exists():
                    continue
                write_atomically(target, bundle.read(member))
                if os.name != "nt":
                    target.chmod(_FILE_MODE)
                written.append(target)
            return written
    except zipfile.BadZipFile as error:
        raise BundleDamaged(slot=slot) from error


def _check_name(name: str, slot: str) -> None:
    parts = PurePosixPath(name).parts
    harmless = parts and not any(
        part in {"..", "/"}
        or part.startswith(".")
        or part.endswith((" ", "."))
        or set(part) & set('\\:*?"<>|')
        or part.split(".")[0].lower() in _RESERVED
        for part in parts
    )
    if not harmless:
        raise BundleDamaged(slot=slot)
