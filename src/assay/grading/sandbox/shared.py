"""Memory with the inputs of one child, handed to it when it has had its last word."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from assay.grading.sandbox.job import Layout
from assay.items.variant import Array

_ALL_SEALS = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL


class SharedInputs:
    """Room for the inputs of one child, without a name in the file system.

    Args:
        layout: How the inputs will lie in it.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self.descriptor = os.memfd_create("inputs", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        try:
            os.ftruncate(self.descriptor, layout.size)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def fill(self, inputs: Mapping[str, Array]) -> None:
        """Copy `inputs`, as they are in the layout, into the memory; only once.

        From then on nobody can change the memory or its size: a file that
        shrinks under a mapping would kill whoever reads it.
        """
        for place in self._layout.places:
            rest = inputs[place.name].data.cast("B")
            at = place.offset
            while rest:
                written = os.pwrite(self.descriptor, rest, at)
                rest, at = rest[written:], at + written
        fcntl.fcntl(self.descriptor, fcntl.F_ADD_SEALS, _ALL_SEALS)

    def close(self) -> None:
        """Give the memory back; the child's mapping of it lives on."""
        os.close(self.descriptor)
