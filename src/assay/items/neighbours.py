"""Samples that are almost the same in two sets that must not share any.

Equal samples are found by their digests (`assay.items.samples`). Here are pictures that differ
by some noise or a pixel's shift, and texts that differ by a word: who has learned the one by
heart knows the other. Tables and windows have no such thing: values that are close to each
other are what a model is to learn from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt

from assay.errors import BankError
from assay.items.errors import NearDuplicates
from assay.items.loader import Item
from assay.items.samples import find_training_samples
from assay.items.variant import Array, Variant

CORRELATION = 0.999  # of two pictures of 16 × 16 grey cells
JACCARD = 0.9  # shared threes of tokens, of those that occur in either text
_CELLS = 16  # a picture's side, once it is reduced
_LEAST_SIDE = 8  # pixels
_SHINGLE = 3  # tokens
_LEAST_SHINGLES = 5  # shorter texts say too little to be compared
_BLOCK = 1000  # pictures at once
_BANDS = 8
_FACTORS = np.random.default_rng(0).integers(0, 2**63, 64, dtype=np.uint64) * np.uint64(
    2
) + np.uint64(1)
TOLERATED = 0.005  # of the smaller set: fewer change no mark

_Shingles = frozenset[tuple[int, ...]]
Floats = npt.NDArray[np.float32]


def check_neighbours(item: Item, variant: Variant) -> Iterator[BankError]:
    """Yield an error for each two sets that have samples that are almost the same.

    Args:
        item: The item. Only pictures (one input `(height, width)` or with channels) and texts
            (one input of token ids) are compared.
        variant: Drawn from it and found right by `check_variant`.
    """
    inputs = item.spec.to_contract().inputs
    train = dict(variant.train) or find_training_samples(item.spec.to_contract(), variant)
    if len(inputs) != 1 or train is None:
        return
    name, shape = inputs[0].name, inputs[0].shape
    sets: dict[str, Array] = {
        "train": train.get(name, np.empty(0)),
        "hidden": variant.hidden.inputs[name],
        "sealed": variant.sealed.inputs[name],
    }
    if inputs[0].dtype == "int32" and len(shape) == 1:
        counts = _count_texts(sets)
    elif _is_picture(sets["hidden"]):
        counts = _count_pictures(sets)
    else:
        return
    for (one, other), count in counts.items():
        if count > TOLERATED * min(len(sets[one]), len(sets[other])):
            yield NearDuplicates(
                file=f"{item.key}/data.py", field=f"{one}, {other}", expected=0, received=count
            )


def _is_picture(array: Array) -> bool:
    channels = array.shape[3] if array.ndim == 4 else 1  # noqa: PLR2004 - n, height, width, c
    if array.ndim not in {3, 4} or channels not in {1, 3}:
        return False
    height, width = array.shape[1:3]
    return bool(min(height, width) >= _LEAST_SIDE and max(height, width) <= 4 * min(height, width))


def _count_pictures(sets: Mapping[str, Array]) -> dict[tuple[str, str], int]:
    """Return by pair of sets how many pictures of the first have a neighbour in the second."""
    reduced = {name: _reduced(array) for name, array in sets.items()}
    counts = {}
    for one, other in combinations(sets, 2):
        found = 0
        for begin in range(0, len(reduced[one]), _BLOCK):
            likeness = reduced[one][begin : begin + _BLOCK] @ reduced[other].T
            found += int(np.count_nonzero(likeness.max(axis=1) >= CORRELATION))
        counts[one, other] = found
    return counts


def _reduced(array: Array) -> Floats:
    """Return pictures as rows of grey cells with mean 0 and length 1; plain ones are left out."""
    rows = []
    for begin in range(0, len(array), _BLOCK):
        pictures = array[begin : begin + _BLOCK].astype(np.float32)
        grey: Floats = pictures.mean(axis=3, dtype=np.float32) if pictures.ndim == 4 else pictures  # noqa: PLR2004
        cells = _halved(_halved(grey, 1), 2).reshape(len(grey), -1)
        rows.append(cells - cells.mean(axis=1, keepdims=True))
    table = np.concatenate(rows) if rows else np.empty((0, _CELLS * _CELLS), np.float32)
    lengths = np.linalg.norm(table, axis=1, keepdims=True)
    seen = lengths[:, 0] > 1e-6  # noqa: PLR2004 - not quite nothing
    result: Floats = table[seen] / lengths[seen]
    return result


def _halved(grey: Floats, axis: int) -> Floats:
    """Return the means over `_CELLS` stretches of about equal length along `axis`."""
    size = grey.shape[axis]
    cells = min(_CELLS, size)
    edges = np.linspace(0, size, cells + 1).astype(int)
    sums = np.add.reduceat(grey, edges[:-1], axis=axis)
    shape = [1, 1, 1]
    shape[axis] = cells
    return (sums / np.diff(edges).reshape(shape).astype(np.float32)).astype(np.float32)


def _count_texts(sets: Mapping[str, Array]) -> dict[tuple[str, str], int]:
    """Return by pair of sets how many texts of the first have a neighbour in the second.

    Texts are compared that agree in one of 8 bands of 8 minimal hashes: two with a Jaccard
    index of 0.9 are with a probability of 0.99.

    Reference: A. Z. Broder: On the resemblance and containment of documents. SEQUENCES 1997.
    """
    texts = {name: [_shingles(row) for row in array.tolist()] for name, array in sets.items()}
    bands = {name: [_bands(text) for text in each] for name, each in texts.items()}
    counts = {}
    for one, other in combinations(sets, 2):
        index: dict[tuple[int, bytes], list[_Shingles]] = {}
        for text, keys in zip(texts[other], bands[other], strict=True):
            for key in keys:
                index.setdefault(key, []).append(text)
        counts[one, other] = sum(
            any(
                len(text & candidate) >= JACCARD * len(text | candidate)
                for key in keys
                for candidate in index.get(key, ())
            )
            for text, keys in zip(texts[one], bands[one], strict=True)
        )
    return counts


def _shingles(ids: Sequence[int]) -> _Shingles:
    tokens = [token for token in ids if token]  # 0 is what texts are padded with
    return frozenset(
        tuple(tokens[begin : begin + _SHINGLE]) for begin in range(len(tokens) - _SHINGLE + 1)
    )


def _bands(text: _Shingles) -> list[tuple[int, bytes]]:
    """Return what a text is found by; nothing if it says too little."""
    if len(text) < _LEAST_SHINGLES:
        return []
    hashes = np.array([hash(shingle) for shingle in text], dtype=np.int64).astype(np.uint64)
    # Odd factors mix all bits; the upper half of the product is the better mixed one.
    least = ((hashes[:, None] * _FACTORS) >> np.uint64(32)).min(axis=0)
    return [(number, band.tobytes()) for number, band in enumerate(least.reshape(_BANDS, -1))]
