"""HDF5 from a file that nobody vouches for.

Only what a saved model needs is followed: groups, plain datasets, hard links.
A link out of the file, data kept elsewhere, or a filter beyond gzip, shuffle
and fletcher32 is refused before anything is read through it.

Reference: HDF5 File Format Specification, version 3.0.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Self

import h5py
import numpy as np
import numpy.typing as npt

from assay.grading import refusals

MOST_DIMENSIONS = 8
MOST_NAMES = 100_000  # strings in one attribute
MOST_STEPS = 100  # of a path; deeper than any model is nested
LARGEST_RATIO = 1100  # declared over stored bytes; deflate reaches 1032 at the most
_FILTERS = {h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32}
_NUMBERS = "fiub"  # NumPy kinds that weights have
_PLAIN_LAYOUTS = {h5py.h5d.COMPACT, h5py.h5d.CONTIGUOUS, h5py.h5d.CHUNKED}


class Hdf5:
    """An HDF5 file in memory, read only.

    Args:
        data: The whole file.
        part: What is being read, for messages.
        byte_budget: Bytes that all arrays together may take once read.
    """

    def __init__(self, data: bytes, *, part: str, byte_budget: int) -> None:
        self._part = part
        self._budget = byte_budget
        self._found: dict[tuple[str, ...], Any] = {}  # by path; looking is slow in h5py
        self._sound: set[int] = set()  # datasets that `_fault` found nothing against
        try:
            self._file = h5py.File(h5py.h5f.open_file_image(data))
        except (OSError, ValueError, RuntimeError) as error:
            raise refusals.DamagedFile(part=part) from error

    def close(self) -> None:
        """Free the copy of the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def attribute(self, path: str, name: str) -> str | None:
        """Return a text attribute of the group at `path`, or None if there is none."""
        value = self._attribute(path, name)
        if value is None:
            return None
        if isinstance(value, bytes | np.bytes_):
            value = value.decode("utf-8", errors="replace")
        if not isinstance(value, str):
            raise refusals.DamagedFile(part=f"{self._part}: {name}")
        return value

    def names(self, path: str, name: str) -> list[str] | None:
        """Return a list-of-texts attribute, or None if there is none.

        Keras splits a list over 64 KB into `name0`, `name1`, ...
        """
        value = self._attribute(path, name)
        if value is not None:
            return self._texts(value, name)
        chunks: list[str] = []
        for number in range(MOST_NAMES):
            value = self._attribute(path, f"{name}{number}")
            if value is None:
                return chunks if number else None
            chunks += self._texts(value, name)
        raise refusals.SuspiciousFile(part=f"{self._part}: {name}")

    def _texts(self, value: Any, name: str) -> list[str]:
        array = np.asarray(value)
        if array.ndim > 1 or array.size > MOST_NAMES:
            raise refusals.SuspiciousFile(part=f"{self._part}: {name}")
        return [
            text.decode("utf-8", errors="replace") if isinstance(text, bytes) else str(text)
            for text in array.reshape(-1).tolist()
        ]

    def _attribute(self, path: str, name: str) -> Any:
        place = self._find(path)
        if place is None:
            return None
        try:
            return place.attrs.get(name)
        except (OSError, ValueError, KeyError, RuntimeError, TypeError) as error:
            raise refusals.DamagedFile(part=f"{self._part}: {name}") from error

    def members(self, path: str) -> list[str]:
        """Return the names inside the group at `path`; none if there is no such group."""
        place = self._find(path)
        if not isinstance(place, h5py.Group):
            return []
        try:
            names = list(place.keys())
        except (OSError, RuntimeError) as error:
            raise refusals.DamagedFile(part=self._part) from error
        if len(names) > MOST_NAMES:
            raise refusals.SuspiciousFile(part=f"{self._part}: {len(names)} members")
        return names

    def has(self, path: str) -> bool:
        """Whether there is a group or dataset at `path`."""
        return self._find(path) is not None

    def has_arrays(self, path: str) -> bool:
        """Whether there is a dataset at `path` or anywhere below it."""
        waiting = [path]
        for _ in range(MOST_NAMES):
            if not waiting:
                return False
            place = self._find(waiting.pop())
            if isinstance(place, h5py.Dataset):
                return True
            if isinstance(place, h5py.Group):
                waiting += [f"{place.name}/{name}" for name in self.members(place.name)]
        raise refusals.SuspiciousFile(part=f"{self._part}: a loop of groups")

    def shape(self, path: str) -> tuple[int, ...] | None:
        """Return the shape of the dataset at `path`, or None if there is none."""
        place = self._find(path)
        return tuple(place.shape) if self._checked(place) else None

    def array(self, path: str) -> npt.NDArray[np.generic] | None:
        """Return the numbers of the dataset at `path`, or None if there is none."""
        place = self._find(path)
        if not self._checked(place):
            return None
        self._budget -= place.size * place.dtype.itemsize
        if self._budget < 0:
            raise refusals.SuspiciousFile(part=f"{self._part}: arrays larger than any model")
        try:
            return np.asarray(place[()])
        except (OSError, ValueError, RuntimeError) as error:
            raise refusals.DamagedFile(part=f"{self._part}: an array") from error

    def _find(self, path: str) -> Any:
        """Return the object at `path` by hard links only, or None."""
        steps = tuple(_steps(path))
        if steps in self._found:
            return self._found[steps]
        if not steps:
            return self._file
        if len(steps) > MOST_STEPS:
            return None
        self._found[steps] = place = self._step(self._find("/".join(steps[:-1])), steps[-1])
        return place

    def _step(self, place: Any, step: str) -> Any:
        if not isinstance(place, h5py.Group):
            return None
        try:
            link = place.get(step, getlink=True)
            if link is None:
                return None
            if not isinstance(link, h5py.HardLink):
                raise refusals.SuspiciousFile(part=f"{self._part}: a link to elsewhere")
            return place[step]
        except KeyError:
            return None
        except (OSError, ValueError, RuntimeError) as error:
            raise refusals.DamagedFile(part=self._part) from error

    def _checked(self, place: Any) -> bool:
        """Whether `place` is a dataset; refuses one that no saved model has."""
        if not isinstance(place, h5py.Dataset):
            return False
        if id(place) in self._sound:  # kept alive by `_found`
            return True
        try:
            fault = _fault(place)
        except (OSError, ValueError, RuntimeError, TypeError) as error:
            raise refusals.DamagedFile(part=f"{self._part}: an array") from error
        if fault:
            raise refusals.SuspiciousFile(part=f"{self._part}: {fault}")
        self._sound.add(id(place))
        return True


def _steps(path: str) -> Iterator[str]:
    return (step for step in path.split("/") if step)


def _fault(dataset: Any) -> str:  # noqa: PLR0911 - one for each fault
    """Return what makes `dataset` unlike a saved weight; empty if nothing does."""
    creation = dataset.id.get_create_plist()
    if creation.get_external_count():
        return "external storage"
    if creation.get_layout() not in _PLAIN_LAYOUTS:
        return "a virtual dataset"
    if dataset.dtype.kind not in _NUMBERS or dataset.dtype.names:
        return "an array that holds no numbers"
    if len(dataset.shape) > MOST_DIMENSIONS:
        return f"an array of {len(dataset.shape)} dimensions"
    filters = {creation.get_filter(number)[0] for number in range(creation.get_nfilters())}
    if filters - _FILTERS:
        return "an unusual filter"
    declared = math.prod(dataset.shape) * dataset.dtype.itemsize
    stored = dataset.id.get_storage_size()
    packed = h5py.h5z.FILTER_DEFLATE in filters
    if declared > stored * (LARGEST_RATIO if packed else 1):
        return "an array that declares more than is stored"
    return ""
