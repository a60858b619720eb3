"""The data folder: where things are in it, who has it, how to reach its server."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from assay.server.embedded.errors import AlreadyRunning, FolderNotUsable

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

DEFAULT_FOLDER = ".assay"
_LOG_BYTES = 10_000_000  # a larger log is put aside at the next start


@dataclass(frozen=True, kw_only=True)
class ServerNote:
    """`server.json`: how to reach a running server; there as long as it is ready."""

    pid: int  # of the supervisor
    url: str  # base address
    started_at: str  # ISO 8601, UTC
    database: str  # address of the database, with its password; the file has mode 600
    practice: bool  # a private server for oneself


class DataFolder:
    """Everything that one deployment keeps.

    Args:
        path: The folder; made when it is locked for the first time.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().absolute()

    @classmethod
    def named(cls, name: str | None) -> DataFolder:
        """Return the folder by its name, else by ASSAY_DATA, else `./.assay`."""
        return cls(Path(name or os.environ.get("ASSAY_DATA") or DEFAULT_FOLDER))

    @property
    def incoming(self) -> Path:
        """Uploads in transit."""
        return self.path / "incoming"

    @property
    def postgres(self) -> Path:
        """The embedded database's files."""
        return self.path / "postgres"

    @property
    def _lock(self) -> Path:
        return self.path / "lock"

    @property
    def _note(self) -> Path:
        return self.path / "server.json"

    @property
    def scratch(self) -> Path:
        """Where the parts keep what they need for a moment; nothing else is in it."""
        return self.path / "tmp"

    def clear(self) -> None:
        """Make the folders for what is in transit; remove what a crash has left there."""
        for folder in (self.incoming, self.scratch):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(mode=0o700, exist_ok=True)

    def log(self, part: str) -> Path:
        """Return the log file of a part of the process tree."""
        return self.path / "log" / f"{part}.log"

    def open_log(self, part: str) -> IO[bytes]:
        """Open a part's log for appending; a long one is put aside first."""
        path = self.log(part)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_size > _LOG_BYTES:
                path.replace(path.with_suffix(".log.1"))
        return path.open("ab")

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Have the folder for oneself; the system gives it back however the process ends.

        Raises:
            FolderNotUsable: It cannot be made or written.
            AlreadyRunning: Another process has it.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            file = self._lock.open("a+", encoding="utf-8")
        except OSError as fault:
            raise FolderNotUsable(
                folder=str(self.path), reason=fault.strerror or str(fault)
            ) from fault
        with file:
            try:
                for patience in (0.1, 0.2, 0.3, 0):
                    if _try_lock(file):
                        break
                    # Whoever asks whether the folder is locked holds the lock for a moment.
                    time.sleep(patience)
                else:
                    raise self._who_has_it(file)
            except OSError as fault:  # a network file system without locks
                raise FolderNotUsable(folder=str(self.path), reason=str(fault)) from fault
            file.seek(0)
            file.truncate()
            now = datetime.now(UTC).isoformat(timespec="seconds")
            json.dump({"pid": os.getpid(), "started_at": now}, file)
            file.flush()
            self._note.unlink(missing_ok=True)  # a crashed server's
            try:
                yield
            finally:
                self._note.unlink(missing_ok=True)

    def _who_has_it(self, file: IO[str]) -> AlreadyRunning:
        file.seek(0)
        try:
            holder = json.loads(file.read())
        except ValueError:  # it is just being written
            holder = {}
        note = self.note()
        return AlreadyRunning(
            folder=str(self.path),
            pid=holder.get("pid", "?"),
            started_at=holder.get("started_at", "?"),
            url=note.url if note else "…",
        )

    def write_note(self, note: ServerNote) -> None:
        """Say how to reach the server, in one step."""
        descriptor, draft = tempfile.mkstemp(dir=self.path, prefix=".server-")  # mode 600
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(note), file, indent=2)
        Path(draft).replace(self._note)

    def note(self) -> ServerNote | None:
        """Return how to reach the running server; None if none is ready."""
        if not self.is_locked():
            return None
        try:
            return ServerNote(**json.loads(self._note.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def is_locked(self) -> bool:
        """Whether a process has the folder."""
        try:
            with self._lock.open("r+", encoding="utf-8") as file:
                return not _try_lock(file)
        except OSError:
            return False


if sys.platform == "win32":
    # A byte far behind the text, so that others can still read who has the lock.
    _LOCKED_BYTE = 1 << 20

    def _try_lock(file: IO[str]) -> bool:
        file.seek(_LOCKED_BYTE)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:

    def _try_lock(file: IO[str]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
