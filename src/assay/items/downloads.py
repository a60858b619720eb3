"""The files of data sets that items download, each accepted by its SHA-256 alone.

A file is looked for in this order; the first place that has it decides:

1. `ASSAY_DATA_MIRROR/<folder>/<name>`, where the mirror is a folder,
2. `<cache>/<folder>/<name>`, the cache being ASSAY_DATA_CACHE or the system's own place,
3. `ASSAY_DATA_MIRROR/<folder>/<name>`, where the mirror is an address,
4. its URL.

In each, the archive that the file comes in does as well. It does not matter how a file got
there: one put in place by hand is as good as one that was downloaded.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import IO, NoReturn
from urllib.parse import quote, unquote, urlsplit

import platformdirs
import requests
import yaml

from assay.items.errors import DataMissing, DataTampered, DataUndeclared
from assay.items.network import download
from assay.items.sources import NONE
from assay.items.spec import DataYaml, FileYaml
from assay.messages import N_, Words

MIRROR = "ASSAY_DATA_MIRROR"
CACHE = "ASSAY_DATA_CACHE"
_CHUNK = 1 << 20  # bytes
_REASON = 120  # characters
_NO_FOLDER, _NO_FILE = Words(N_("a file, not a folder")), Words(N_("a folder, not a file"))


def fetch(folder: Path, name: str) -> Path:
    """Return a file of an item's data set, or a folder of files, downloaded if need be.

    Its bytes were checked just now: they are those that the item was made with.

    Args:
        folder: The item's, with its `item.yaml`: `Path(__file__).parent` in data.py.
        name: As under `data.files` of `item.yaml`.

    Raises:
        DataUndeclared: `item.yaml` has no such name.
        DataMissing: The file is neither here nor to be had.
        DataTampered: There is a file of that name, but not the one that is pinned.
    """
    content = yaml.safe_load((folder / "item.yaml").read_text(encoding="utf-8"))
    data = DataYaml.model_validate(content["data"])
    for file in data.files:
        if file.name == name:
            return _Search.of(data, file).run()
    raise DataUndeclared(
        file=f"{folder.parent.name}/{folder.name}/item.yaml",
        expected=", ".join(file.name for file in data.files) or NONE,
        received=name,
    )


def cache_folder() -> Path:
    """Return where downloads are kept on this machine."""
    named = os.environ.get(CACHE)
    return Path(named) if named else platformdirs.user_cache_path("assay", "assay") / "data"


def tree_digest(folder: Path) -> str:
    """Return the SHA-256 of a folder's list of files, as `sha256sum` prints it, sorted.

    Each file, at any depth, is a line of its digest, two spaces, its name within the folder
    with "/", and a line feed; the lines are sorted by the name's code points.
    """
    names = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*")}
    lines = [
        f"{file_digest(path)}  {name}\n" for name, path in sorted(names.items()) if path.is_file()
    ]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


@dataclass(frozen=True, kw_only=True)
class _Search:
    """The search for one file."""

    file: FileYaml
    folder: str  # of the data set
    mirror: Path | str | None  # a folder, or an address
    cache: Path

    @classmethod
    def of(cls, data: DataYaml, file: FileYaml) -> _Search:
        named = os.environ.get(MIRROR, "")
        is_address = named.startswith(("http://", "https://"))
        mirror = named.rstrip("/") if is_address else Path(named) if named else None
        assert data.folder is not None  # the format's rules for downloads
        return cls(file=file, folder=data.folder, mirror=mirror, cache=cache_folder())

    @property
    def _target(self) -> Path:
        """Where the file is kept."""
        return self.cache / self.folder / self.file.name

    @property
    def _archive(self) -> str | None:
        """The archive's name, if the file comes in one."""
        if self.file.member is None:
            return None
        return unquote(PurePosixPath(urlsplit(self.file.url).path).name)

    @property
    def _by_hand(self) -> Path:
        """Where somebody puts what is at `url`: the file, or the archive that it comes in."""
        return self.cache / self.folder / (self._archive or self.file.name)

    def run(self) -> Path:
        here = [self.mirror] if isinstance(self.mirror, Path) else []
        for place in [*here, self.cache]:
            if found := self._look_in(place / self.folder):
                return found
        reasons = []
        for url, is_archive in self._addresses():
            try:
                return self._download(url, is_archive=is_archive)
            except requests.RequestException as error:
                reasons.append(f"{url}: {_in_short(error)}")
        received = "; ".join(reasons)
        if isinstance(self.mirror, Path) and not self.mirror.is_dir():
            received = Words(
                N_("ASSAY_DATA_MIRROR names {mirror}, where there is no folder; {reasons}"),
                mirror=str(self.mirror),
                reasons=received,
            )
        raise DataMissing(
            file=f"{self.folder}/{self.file.name}",
            received=received,
            expected=str(self._by_hand),
            url=self.file.url,
        )

    def _look_in(self, folder: Path) -> Path | None:
        path = folder / self.file.name
        if path.exists():
            self._verify(path)
            return path
        if self._archive is not None and (folder / self._archive).is_file():
            return self._unpack(folder / self._archive)
        return None

    def _addresses(self) -> Iterator[tuple[str, bool]]:
        """Yield the addresses to try, and whether each is the archive's."""
        if isinstance(self.mirror, str):
            if not self.file.tree:
                yield f"{self.mirror}/{quote(self.folder)}/{quote(self.file.name)}", False
            if self._archive is not None:
                yield f"{self.mirror}/{quote(self.folder)}/{quote(self._archive)}", True
        yield self.file.url, self._archive is not None

    def _download(self, url: str, *, is_archive: bool) -> Path:
        """Return the file after downloading it, or the archive that it comes in, from `url`."""
        target = self._target
        if is_archive:
            target = self._by_hand
        # Under a name of its own until its bytes are known to be right.
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = target.with_name(f"{target.name}.new-{os.getpid()}")
        begun = target.with_name(f"{target.name}.part")
        try:
            download(url, fresh, begun=begun, size=self.file.bytes)
            if is_archive:
                return self._unpack(fresh, source=url)
            self._verify(fresh, source=url)
            fresh.replace(target)
        finally:
            fresh.unlink(missing_ok=True)
        return target

    def _unpack(self, archive: Path, source: str | None = None) -> Path:
        """Return the file after taking it out of the archive, which is checked before."""
        if self.file.sha256 is not None:
            self._expect({self.file.sha256}, file_digest(archive), source or str(archive))
        target = self._target
        target.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=target.parent, prefix=".unpacking-") as name:
            unpacked = Path(name) / "unpacked"
            _take_out(archive, self.file, unpacked)
            if not unpacked.exists():
                self._missing_in(source or str(archive))
            self._verify(unpacked, source=f"{source or archive}, {self.file.member}")
            if target.is_dir():
                shutil.rmtree(target)
            unpacked.replace(target)
        return target

    def _missing_in(self, source: str) -> NoReturn:
        raise DataMissing(
            file=f"{self.folder}/{self.file.name}",
            received=Words(
                N_("{archive} does not hold {file}"), archive=str(source), file=self.file.member
            ),
            expected=str(self._by_hand),
            url=self.file.url,
        )

    def _verify(self, path: Path, source: str | None = None) -> None:
        if self.file.tree is not None:
            received = tree_digest(path) if path.is_dir() else _NO_FOLDER
            self._expect({self.file.tree}, received, source or str(path))
        else:
            received = file_digest(path) if path.is_file() else _NO_FILE
            self._expect(self.file.accepted, received, source or str(path))

    def _expect(self, digests: set[str] | frozenset[str], received: str, source: str) -> None:
        if received not in digests:
            raise DataTampered(
                file=source,
                expected=" / ".join(sorted(digests)),
                received=received,
                url=self.file.url,
            )


def _take_out(archive: Path, file: FileYaml, target: Path) -> None:
    """Copy a member, or a folder of members, of a ZIP or tar archive to `target`.

    Only regular files are copied, each to a place that follows from `target` and the part of
    its name below the folder; a name that would lead out is not copied, nor is a link.
    """
    assert file.member is not None
    left = file.bytes if file.tree else None  # an archive without a pin must not fill the disk
    for name, content in _members(archive):
        place = _place(name, file, target)
        if place is None:
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        with content as source, place.open("wb") as copy:
            while chunk := source.read(_CHUNK):
                if left is not None and (left := left - len(chunk)) < 0:
                    return  # its digest will not fit
                copy.write(chunk)


def _place(name: str, file: FileYaml, target: Path) -> Path | None:
    """Return where the member `name` of an archive belongs, or None."""
    if not file.tree:
        return target if name == file.member else None
    if not name.startswith(f"{file.member}/") or "\\" in name or ":" in name:
        return None
    inner = PurePosixPath(name.removeprefix(f"{file.member}/"))
    return None if inner.is_absolute() or ".." in inner.parts else target.joinpath(*inner.parts)


def _members(archive: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield the names and contents of the regular files in a ZIP or tar archive."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as file:
            for entry in file.infolist():
                if not entry.is_dir() and not stat.S_ISLNK(entry.external_attr >> 16):
                    yield entry.filename, file.open(entry)
    elif tarfile.is_tarfile(archive):
        with tarfile.open(archive) as tar:
            for member in tar:
                content = tar.extractfile(member) if member.isreg() else None
                if content is not None:
                    yield member.name, content


def _in_short(error: Exception) -> str:
    """Return what a network error is about, without the objects that it went through."""
    reason = getattr(error.args[0] if error.args else error, "reason", error)
    text = re.sub(r"^HTTPS?Connection(Pool)?\(.*?\): ", "", " ".join(str(reason).split()))
    return text if len(text) <= _REASON else f"{text[: _REASON - 1]}…"
