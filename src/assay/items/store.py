"""Splits and arrays as bytes: NumPy's npz, without pickles, the same bytes every time.

`numpy.savez` writes the time of day into its file, so that equal arrays give
different bytes; here every member has the same date, and members are sorted.

Reference: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

import numpy as np

from assay.items.variant import Array, Split

_DATE = (1980, 1, 1, 0, 0, 0)  # the earliest that ZIP can write
_INPUT = "input."  # before the name of the contract's input
_LABELS = "labels"
_BASELINE = "baseline"


def save_arrays(arrays: Mapping[str, Array], *, compress: bool = True) -> bytes:
    """Return `arrays` as an npz file, for an item's public data.

    Args:
        arrays: By name; no objects.
        compress: Whether to deflate: smaller to download, slower to read.

    Raises:
        ValueError: An array holds Python objects.
    """
    return zip_bytes(
        {f"{name}.npy": _npy(array) for name, array in arrays.items()}, compress=compress
    )


def load_arrays(data: bytes) -> dict[str, Array]:
    """Return the arrays of an npz file.

    Raises:
        ValueError: An array holds Python objects, or the file is not an npz file.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (zipfile.BadZipFile, EOFError, AttributeError) as error:
        raise ValueError(f"not an npz file: {error}") from error


def save_inputs(split: Split) -> bytes:
    """Return what the model is given; not compressed, since it is read at every grading."""
    return save_arrays(_named_inputs(split), compress=False)


def load_inputs(data: bytes) -> dict[str, Array]:
    """Return the inputs by the name of the contract's input, `(n, *shape)`."""
    arrays = load_arrays(data)
    return {n.removeprefix(_INPUT): a for n, a in arrays.items() if n.startswith(_INPUT)}


def save_labels(split: Split) -> bytes:
    """Return what the predictions are measured against: labels and baseline."""
    return save_arrays(_named_labels(split), compress=False)


def load_labels(data: bytes) -> tuple[Array, Array | None]:
    """Return labels and baseline, as in `Split`."""
    arrays = load_arrays(data)
    return arrays[_LABELS], arrays.get(_BASELINE)


def save_split(split: Split) -> bytes:
    """Return a whole split in one file."""
    return save_arrays({**_named_inputs(split), **_named_labels(split)}, compress=False)


def load_split(data: bytes) -> Split:
    """Return the split that `save_split` saved."""
    labels, baseline = load_labels(data)
    return Split(inputs=load_inputs(data), labels=labels, baseline=baseline)


def zip_bytes(members: Mapping[str, bytes], *, compress: bool = True) -> bytes:
    """Return a ZIP file with `members` by name: sorted, with the same date and rights."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name in sorted(members):
            info = zipfile.ZipInfo(name, date_time=_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
            info.create_system = 3  # Unix, wherever it is made
            info.external_attr = 0o644 << 16
            file.writestr(info, members[name])
    return buffer.getvalue()


def _named_inputs(split: Split) -> dict[str, Array]:
    return {_INPUT + name: array for name, array in split.inputs.items()}


def _named_labels(split: Split) -> dict[str, Array]:
    arrays: dict[str, Array] = {_LABELS: split.labels}
    if split.baseline is not None:
        arrays[_BASELINE] = split.baseline
    return arrays


def _npy(array: Array) -> bytes:
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.ascontiguousarray(array), allow_pickle=False)
    return buffer.getvalue()
