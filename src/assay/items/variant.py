"""An item with a seed: what the candidate gets and what stays hidden."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.generic]


@dataclass(frozen=True, kw_only=True)
class Split:
    """Samples that the candidate never sees.

    `n` is the number of samples, the first axis of every array.
    """

    inputs: Mapping[str, Array]  # by the name of the contract's input, `(n, *shape)`
    labels: Array  # `(n,)` class indices, or `(n, *output shape)` values
    baseline: Array | None = (
        None  # `(n, *output shape)`: the naive forecast, for metrics that need it
    )


@dataclass(frozen=True, kw_only=True)
class Variant:
    """What an item's `data.py` draws from a seed.

    `hidden` decides the points. `sealed` is scored once at the end and shown to
    staff only: a large drop against `hidden` is a sign of probing.
    """

    files: Mapping[str, bytes]  # public data files by name, such as `train.npz`
    hidden: Split
    sealed: Split
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    # language → name → text that fills `${name}` in the task's pages (this variant's numbers)
    train: Mapping[str, Array] = field(default_factory=dict)
    # by the name of the contract's input, `(n, *shape)`: the training samples in the form of
    # the hidden inputs, for `bank check` only. Needed where the public files hold them in
    # another form (a CSV, texts, pictures); an npz with them is found without help.
