"""Content-addressed storage of files: bundles, hidden sets, model files.

A file is named by its SHA-256, so it never changes, is stored once however often
it is handed in, and can be checked by anyone who holds the name.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from django.conf import settings

from assay.errors import PlatformFault
from assay.messages import N_

_PRIVATE_FILE = 0o600


class FileLost(PlatformFault):
    """A file that was stored is not in the store any more."""

    code = "file_lost"
    message = N_("The file {sha256} is missing from our storage.")
    remedy = N_("Nothing is wrong with your work. Tell the staff of your certifying body.")


class BlobStore(Protocol):
    """Where files are kept by their SHA-256 (64 hexadecimal digits)."""

    def put(self, data: bytes) -> str:
        """Store `data`; return its name. When this returns, it survives a power cut."""

    def adopt(self, path: Path, sha256: str) -> None:
        """Move the file at `path`, whose digest is `sha256`, into the store."""

    def read(self, sha256: str) -> bytes:
        """Return the content of a file; raise FileLost if there is none."""

    def local(self, sha256: str) -> AbstractContextManager[Path]:
        """Give the path of a local copy for as long as the block runs."""


class FolderStore:
    """A store in a folder of this machine, or of a network file system.

    Args:
        folder: Made when it is first written to.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def _path(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256

    def put(self, data: bytes) -> str:
        """Store `data`; return its SHA-256."""
        sha256 = hashlib.sha256(data).hexdigest()
        if not self._path(sha256).exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            descriptor, draft = tempfile.mkstemp(dir=self.folder, prefix="draft-")
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
            self.adopt(Path(draft), sha256)
        return sha256

    def adopt(self, path: Path, sha256: str) -> None:
        """Move the file at `path`, on the same file system, to its place."""
        target = self._path(sha256)
        if target.exists():
            path.unlink()
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        with path.open("rb+") as file:
            os.fsync(file.fileno())
        path.chmod(_PRIVATE_FILE)
        path.replace(target)
        _sync_folder(target.parent)

    def read(self, sha256: str) -> bytes:
        """Return the content of a file."""
        with self.local(sha256) as path:
            return path.read_bytes()

    @contextlib.contextmanager
    def local(self, sha256: str) -> Iterator[Path]:
        """Give the file's own path; it must not be written to."""
        path = self._path(sha256)
        if not path.exists():
            raise FileLost(sha256=sha256)
        yield path


def _sync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut, where the system can."""
    with contextlib.suppress(OSError):  # Windows opens no folders
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@functools.cache
def store() -> BlobStore:
    """Return the deployment's store."""
    return FolderStore(settings.DATA / "files")
