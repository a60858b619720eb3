"""Inputs in memory that can be handed to children, and that nobody can change any more."""

from __future__ import annotations

import fcntl
import mmap
import os
import weakref
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Self

from assay.grading.sandbox.job import Layout
from assay.items.variant import Array

_ALL_SEALS = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL


class SharedInputs(Mapping[str, Array]):
    """The inputs of a hidden set, in sealed memory without a name in the file system.

    Sealed, because a file that shrinks under a mapping would kill whoever reads
    it, and because several children may read the same memory.

    Args:
        inputs: C-contiguous arrays; they are copied.
    """

    def __init__(self, inputs: Mapping[str, Array]) -> None:
        self.layout = Layout.of(inputs)
        self.descriptor = os.memfd_create("inputs", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        self._closing = weakref.finalize(self, os.close, self.descriptor)
        self._views: dict[str, Array] | None = None
        os.ftruncate(self.descriptor, self.layout.size)
        for place in self.layout.places:
            rest = inputs[place.name].data.cast("B")
            at = place.offset
            while rest:
                written = os.pwrite(self.descriptor, rest, at)
                rest, at = rest[written:], at + written
        fcntl.fcntl(self.descriptor, fcntl.F_ADD_SEALS, _ALL_SEALS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __getitem__(self, name: str) -> Array:
        if self._views is None:
            memory = mmap.mmap(self.descriptor, self.layout.size, prot=mmap.PROT_READ)
            self._views = self.layout.views(memoryview(memory))
        return self._views[name]

    def __iter__(self) -> Iterator[str]:
        return (place.name for place in self.layout.places)

    def __len__(self) -> int:
        return len(self.layout.places)

    def close(self) -> None:
        """Let go of the memory; whoever maps it keeps it."""
        self._closing()
