"""Downloads that go on where they stopped, with a progress bar for those who watch."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pooch
import requests
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

TRIES_AGAIN = 2  # after a failure, a second and two seconds later
TIMEOUT = (10, 60)  # seconds to connect, and without a byte
_CHUNK = 1 << 14  # bytes; at most so many are lost when a connection breaks
_PARTIAL = 206  # HTTP: the rest of what was begun
_NO_SUCH_RANGE = 416  # HTTP: the file is shorter than what was begun


def download(url: str, target: Path, *, begun: Path, size: int) -> None:
    """Save what is at `url` as `target`; what failed half-way is continued the next time.

    Args:
        url: HTTP or HTTPS.
        target: Where to; appears only when it is complete. Its bytes are not checked.
        begun: Where to keep what there is of it when it fails.
        size: The bytes that are expected, for the progress bar.

    Raises:
        requests.RequestException: There is no answer, or not this file.
        OSError: It cannot be saved.
    """
    pooch.get_logger().setLevel("WARNING")
    target.parent.mkdir(parents=True, exist_ok=True)
    catalogue = pooch.create(
        path=target.parent,
        base_url="",
        registry={target.name: None},
        urls={target.name: url},
        retry_if_failed=TRIES_AGAIN,
    )
    catalogue.fetch(target.name, downloader=Resuming(begun, size))


class Resuming:
    """A downloader for pooch that keeps what it has of a file when it fails."""

    def __init__(self, begun: Path, size: int) -> None:
        self._begun = begun
        self._size = size

    def __call__(self, url: str, output: str, _pooch: Any) -> None:
        """Download `url` to the file `output`."""
        with _own(self._begun) as part, part.open("ab") as file:
            self._continue(url, file)
            file.flush()
            shutil.copyfile(part, output)
            file.truncate(0)  # the next one begins anew

    def _continue(self, url: str, file: IO[bytes]) -> None:
        have = file.tell()
        # Bytes as they are stored: a server must not pack them on the way.
        headers = {"Accept-Encoding": "identity"}
        if have:
            headers["Range"] = f"bytes={have}-"
        with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as response:
            if response.status_code != _PARTIAL:
                file.truncate(0)
                have = 0
            if response.status_code == _NO_SUCH_RANGE:
                raise requests.ConnectionError("what was begun does not fit the file")
            response.raise_for_status()
            length = response.headers.get("Content-Length")
            total = have + int(length) if length else self._size
            with _progress(self._begun.stem, total, have) as tell:
                for chunk in response.iter_content(_CHUNK):
                    file.write(chunk)
                    have += len(chunk)
                    tell(have)
        if length and have < total:
            raise requests.ConnectionError(f"ended after {have:,} of {total:,} bytes")


@contextmanager
def _own(begun: Path) -> Iterator[Path]:
    """Yield a file that no other process writes to: what was begun before, if anything."""
    with tempfile.NamedTemporaryFile(
        dir=begun.parent, prefix=f"{begun.name}-", delete=False
    ) as file:
        part = Path(file.name)
    try:
        if begun.exists():
            begun.replace(part)  # two processes cannot both get it
    except FileNotFoundError:
        pass
    try:
        yield part
    finally:
        if part.stat().st_size:
            part.replace(begun)
        else:
            part.unlink()


@contextmanager
def _progress(name: str, total: int, done: int) -> Iterator[Callable[[int], None]]:
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _done: None
        return
    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(name, total=total, completed=done)
        yield lambda done: progress.update(task, completed=done)
