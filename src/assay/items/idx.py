"""Arrays in the IDX format, in which MNIST and its successors are published.

Two bytes 0, one for the type, one for the number of dimensions, four for each dimension's size,
then the numbers, all big-endian.

Reference: http://yann.lecun.com/exdb/mnist/ (The IDX file format)
"""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from pathlib import Path

import numpy as np

from assay.items.errors import UnreadableFile
from assay.items.variant import Array

TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_GZIP = b"\x1f\x8b"
_MAGIC = 4  # bytes


def read_idx(path: Path) -> Array:
    """Return the array of an IDX file, compressed by gzip or not, in the machine's byte order.

    Raises:
        UnreadableFile: It is no such file, or is shorter or longer than it says.
    """
    data = path.read_bytes()
    if data.startswith(_GZIP):
        try:
            data = gzip.decompress(data)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise _unreadable(path, "gzip", str(error)) from error
    magic = data[:_MAGIC]
    if len(magic) < _MAGIC or magic[:2] != b"\0\0" or magic[2] not in TYPES:
        types = " ".join(f"{code:02x}" for code in TYPES)
        raise _unreadable(
            path, f"IDX (00 00, {types}, dimensions)", f"{magic.hex(' ')}, {len(data)} bytes"
        )
    dtype, dimensions = np.dtype(TYPES[magic[2]]), magic[3]
    begin = _MAGIC + 4 * dimensions
    if len(data) < begin:
        raise _unreadable(path, f"IDX ({begin} bytes)", f"{len(data)} bytes")
    shape = struct.unpack(f">{dimensions}I", data[_MAGIC:begin])
    size = begin + math.prod(shape) * dtype.itemsize
    if len(data) != size:
        words = " x ".join(map(str, shape))
        raise _unreadable(path, f"IDX ({words} {dtype.name}, {size} bytes)", f"{len(data)} bytes")
    array = np.frombuffer(data, dtype, offset=begin).reshape(shape)
    return array.astype(dtype.newbyteorder("="))


def _unreadable(path: Path, expected: str, received: str) -> UnreadableFile:
    return UnreadableFile(file=path.name, expected=expected, received=received)
