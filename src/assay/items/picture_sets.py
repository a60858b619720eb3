"""Published sets of labelled pictures, from which an item draws some and labels them anew.

Everybody can get such a set, and networks that were trained on it. So each variant draws which
pictures are for training, and which number stands for which class: a network that somebody
brings along has the wrong numbers.

For the same arguments all of this gives the same numbers and bytes in every version of Assay:
`calibration.json` names an item's own files, and would not notice if it did not.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from assay.items.errors import UnreadableFile
from assay.items.idx import read_idx
from assay.items.store import save_arrays
from assay.items.variant import Array, Split, Variant


@dataclass(frozen=True, kw_only=True)
class PictureSet:
    """Pictures, no two of them the same, and what is on them.

    `m` is the number of pictures.
    """

    images: Array  # `(m, *shape of a picture)` uint8
    classes: npt.NDArray[np.int64]  # `(m,)`, from 0 to k - 1

    @classmethod
    def read(cls, images: Path, labels: Path) -> PictureSet:
        """Return the set that two IDX files hold; of pictures that are the same, the first.

        Args:
            images: The file of `(m, *shape of a picture)` uint8.
            labels: The file of `(m,)` uint8.

        Raises:
            UnreadableFile: One of them is no IDX file, or there is not a label for each picture.
        """
        pictures, classes = read_idx(images), read_idx(labels)
        if classes.shape != pictures.shape[:1]:
            raise UnreadableFile(
                file=labels.name,
                expected=f"IDX ({len(pictures)})",
                received=f"IDX ({' x '.join(map(str, classes.shape))})",
            )
        _, first = np.unique(pictures.reshape(len(pictures), -1), axis=0, return_index=True)
        first = np.sort(first)
        return cls(images=pictures[first], classes=classes[first].astype(np.int64))

    def relabelled(
        self, rng: np.random.Generator, *, train: int, hidden: int, name: str, label: str
    ) -> Variant:
        """Draw a variant: which pictures are in which set, and a number for each class.

        Args:
            rng: What all of it is drawn from.
            train: Pictures to train on.
            hidden: Pictures in each of the hidden and the sealed set; where there are too few,
                half of what the training leaves.
            name: Of the contract's input.
            label: The name of the labels' array in the candidate's file.

        Returns:
            The variant. Its file is `train.npz`, with `images`, `(train, *shape)` uint8, and the
            labels, `(train,)` uint8. Its inputs are float32, with the same values. Its texts say
            `count`, the number of training pictures, and `fewest` and `most`, of one label.

        Raises:
            ValueError: Nothing is left for the hidden and the sealed set.
        """
        kinds = int(self.classes.max()) + 1
        number = rng.permutation(kinds)  # of a class in this variant
        order = rng.permutation(len(self.images))
        hidden = min(hidden, (len(order) - train) // 2)
        if hidden < 1:
            raise ValueError(f"expected more than {train + 1} pictures, received {len(order)}")
        chosen = np.split(order, np.cumsum([train, hidden, hidden]))[:3]
        (x, y), *secret = ((self.images[some], number[self.classes[some]]) for some in chosen)
        counts = np.bincount(y, minlength=kinds)
        numbers = {"count": f"{train:,}", "fewest": str(counts.min()), "most": str(counts.max())}
        hidden_split, sealed_split = (
            Split(inputs={name: images.astype(np.float32)}, labels=labels)
            for images, labels in secret
        )
        return Variant(
            files={"train.npz": save_arrays({"images": x, label: y.astype(np.uint8)})},
            hidden=hidden_split,
            sealed=sealed_split,
            texts={"en": numbers, "zh-CN": numbers},
            train={name: x.astype(np.float32)},
        )
