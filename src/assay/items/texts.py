"""Words of texts, as an item that draws its variants from texts needs them.

For the same arguments all of this gives the same in every version of Assay, as in
`assay.items.tables`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt


def vocabulary(
    rng: np.random.Generator,
    texts: Iterable[Iterable[str]],
    *,
    size: int,
    special: Sequence[str] = ("", "?"),
) -> list[str]:
    """Return the most frequent tokens of texts, in an order that tells nothing of how frequent.

    Args:
        rng: What the order is drawn from: a model of one variant knows no token of another's.
        texts: The tokens of each text for training; a text as it is has its characters.
        size: How many entries the vocabulary has, the special ones included.
        special: Those that come first: of padding and of all other tokens.

    Raises:
        ValueError: Fewer tokens occur.
    """
    counts = Counter(token for text in texts for token in text)
    wanted = size - len(special)
    if len(counts) < wanted:
        raise ValueError(f"expected {wanted} different tokens or more, received {len(counts)}")
    frequent = sorted(counts, key=lambda token: (-counts[token], token))[:wanted]
    return [*special, *(frequent[i] for i in rng.permutation(len(frequent)))]


def kinds(texts: Sequence[Sequence[str]]) -> npt.NDArray[np.int64]:
    """Return a number for every text; near-duplicates, and what they lead to, have the same.

    Two texts are near-duplicates if they share half of all their pairs of consecutive tokens.
    Whoever has seen the one knows the other: a kind is not to be both in training and hidden.

    Args:
        texts: The tokens of each text, which may be none.

    Returns:
        `(len(texts),)`, for each text the index of one of its kind.
    """
    parent = list(range(len(texts)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    pairs = [set(pairwise(text)) or {(token, "") for token in text} or {("", "")} for text in texts]
    having: dict[tuple[str, str], list[int]] = defaultdict(list)
    for i, these in enumerate(pairs):
        shared = Counter(j for pair in sorted(these) for j in having[pair])
        for j, count in shared.items():
            if 2 * count >= len(these | pairs[j]):
                parent[root(i)] = root(j)
        for pair in these:
            having[pair].append(i)
    return np.array([root(i) for i in range(len(texts))], np.int64)
