"""Reading IDX files."""

from __future__ import annotations

import gzip
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from assay.items.errors import UnreadableFile
from assay.items.idx import TYPES, read_idx

CODES = {np.dtype(name).newbyteorder("="): code for code, name in TYPES.items()}


def idx_of(array):
    """Return an array as an IDX file, as the format's description says."""
    head = struct.pack(f">HBB{array.ndim}I", 0, CODES[array.dtype], array.ndim, *array.shape)
    return head + array.astype(array.dtype.newbyteorder(">")).tobytes()


@given(
    array=st.sampled_from(sorted(CODES, key=str)).flatmap(
        lambda dtype: arrays.arrays(
            dtype, arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=6)
        )
    ),
    compressed=st.booleans(),
)
def test_what_was_written_is_read(tmp_path_factory, array, compressed):
    path = tmp_path_factory.getbasetemp() / "some-idx-ubyte"
    path.write_bytes(gzip.compress(idx_of(array)) if compressed else idx_of(array))

    read = read_idx(path)

    assert read.dtype == array.dtype
    assert read.shape == array.shape
    assert read.tobytes() == array.tobytes()


PICTURES = idx_of(np.arange(24, dtype=np.uint8).reshape(2, 3, 4))


@pytest.mark.parametrize(
    ("data", "expected", "received"),
    [
        (b"", "00 00, 08 09 0b", "0 bytes"),
        (b"PK\x03\x04" + PICTURES, "00 00, 08 09 0b", "50 4b 03 04, 44 bytes"),
        (b"\0\0\x0a\x01" + PICTURES, "00 00, 08 09 0b", "00 00 0a 01, 44 bytes"),
        (PICTURES[:10], "16 bytes", "10 bytes"),
        (PICTURES[:-1], "2 x 3 x 4 uint8, 40 bytes", "39 bytes"),
        (PICTURES + b"\0", "2 x 3 x 4 uint8, 40 bytes", "41 bytes"),
        (gzip.compress(PICTURES, mtime=0)[:-9], "gzip", "end-of-stream"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_name(tmp_path, data, expected, received):
    path = tmp_path / "t10k-images-idx3-ubyte.gz"
    path.write_bytes(data)

    with pytest.raises(UnreadableFile) as refused:
        read_idx(path)

    assert refused.value.params["file"] == "t10k-images-idx3-ubyte.gz"
    assert expected in refused.value.params["expected"]
    assert received in refused.value.params["received"]
