"""Draws a meadow of irises of three species, after the flowers that Anderson measured.

The real table has too few rows for a fair exam, and everybody can look it up. So a variant is
drawn from what the table says: for each class, the mean and the covariance of its columns. The
new rows are like the real ones, and none of them is one.
"""

import functools

import numpy as np
from sklearn.datasets import load_iris

from assay.items.tables import Column, Table, as_written, draw_rows
from assay.items.variant import Variant

TRAIN = 300  # rows
HIDDEN = 5000  # in each of the hidden and the sealed set
ERROR = 0.05  # of a measurement, in standard deviations of its column
SHARES = (1 / 3, 1 / 3, 1 / 3)  # of the species
UNITS = ((1.0, "cm", "厘米"), (10.0, "mm", "毫米"), (0.3937, "inches", "英寸"))
# column, English, Chinese
NAMES = (
    ("sepal_length", "length of the sepal", "萼片长"),
    ("sepal_width", "width of the sepal", "萼片宽"),
    ("petal_length", "length of the petal", "花瓣长"),
    ("petal_width", "width of the petal", "花瓣宽"),
)


@functools.cache
def table():
    """Return the real rows, `(150, 4)`, and their classes."""
    data = load_iris()
    return data.data, data.target


def variant(seed: int) -> Variant:
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(NAMES))
    unit = UNITS[rng.integers(len(UNITS))]
    number = rng.permutation(len(SHARES))  # of a species in this variant
    growth = rng.uniform(0.85, 1.15)  # how lush the meadow is
    x, species = draw_rows(rng, *table(), shares=SHARES, count=TRAIN + 2 * HIDDEN, error=ERROR)
    x = np.maximum(x, 0.1) * growth * unit[0]
    flowers = Table(
        columns=[
            Column(name=name, about={"en": (en, unit[1]), "zh-CN": (zh, unit[2])})
            for name, en, zh in (NAMES[i] for i in order)
        ],
        values=as_written(x[:, order]),
        label="species",
        labels=number[species],
    )
    train, hidden, sealed = flowers.deal(TRAIN, HIDDEN, HIDDEN)
    return Variant(
        files={"flowers.csv": train.csv()},
        hidden=hidden.split("flower"),
        sealed=sealed.split("flower"),
        texts={
            language: {
                "columns": train.described(language),
                "order": comma.join(f"`{column.name}`" for column in train.columns),
                "unit": word,
                "count": str(TRAIN),
            }
            for language, comma, word in (("en", ", ", unit[1]), ("zh-CN", "、", unit[2]))
        },
        train={"flower": train.values},
    )
