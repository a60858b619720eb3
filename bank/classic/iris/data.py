"""Draws a meadow of irises of three species, after the flowers that Anderson measured.

The real table has too few rows for a fair exam, and everybody can look it up. So a variant is
drawn from what the table says: for each class, the mean and the covariance of its columns. The
new rows are like the real ones, and none of them is one.
"""

import functools

import numpy as np
from sklearn.datasets import load_iris

from assay.items.variant import Split, Variant

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
    """Return the real rows as the fit wants them, `(n, 4)`, and their classes."""
    data = load_iris()
    return data.data, data.target


def variant(seed: int) -> Variant:
    rng = np.random.default_rng(seed)
    rows, classes = table()
    order = rng.permutation(4)
    unit = UNITS[rng.integers(len(UNITS))]
    number = rng.permutation(len(SHARES))  # of a species in this variant
    growth = rng.uniform(0.85, 1.15)  # how lush the meadow is
    n = TRAIN + 2 * HIDDEN
    y = rng.choice(len(SHARES), n, p=SHARES)
    x = np.empty((n, 4))
    for kind in range(len(SHARES)):
        own = rows[classes == kind]
        some = y == kind
        x[some] = rng.multivariate_normal(
            own.mean(axis=0), np.cov(own.T), int(some.sum()), check_valid="ignore", method="eigh"
        )
    x += rng.normal(0, ERROR, x.shape) * rows.std(axis=0)
    x = np.maximum(x, 0.1) * growth * unit[0]
    x = rounded(x[:, order])
    labels = number[y].astype(np.int64)
    train, hidden, sealed = np.split(np.arange(n), [TRAIN, TRAIN + HIDDEN])
    names = [NAMES[i][0] for i in order]
    return Variant(
        files={"flowers.csv": csv(names, x[train], labels[train])},
        hidden=Split(inputs={"flower": x[hidden]}, labels=labels[hidden]),
        sealed=Split(inputs={"flower": x[sealed]}, labels=labels[sealed]),
        texts={
            language: words(order, unit, x[train], labels[train], language)
            for language in ("en", "zh-CN")
        },
        train={"flower": x[train]},
    )


def rounded(x):
    """Return the numbers with four digits that count, as they are written down."""
    digits = 3 - np.floor(np.log10(np.maximum(np.abs(x), 1e-9)))
    return (np.round(x * 10**digits) / 10**digits).astype(np.float32)


def csv(names, x, labels):
    lines = [",".join([*names, "species"])]
    lines += [
        ",".join([*(f"{v:.4g}" for v in row), str(int(kind))])
        for row, kind in zip(x, labels, strict=True)
    ]
    return ("\n".join(lines) + "\n").encode()


def words(order, unit, x, labels, language):
    """Return the table of columns and the numbers that a page tells."""
    place = 0 if language == "en" else 1
    to = "to" if language == "en" else "到"
    rows = [
        f"| `{NAMES[i][0]}` | {NAMES[i][1 + place]} | {unit[1 + place]} "
        f"| {column.min():.3g} {to} {column.max():.3g} |"
        for i, column in zip(order, x.T, strict=True)
    ]
    comma = ", " if language == "en" else "、"
    return {
        "columns": "\n".join(rows),
        "order": comma.join(f"`{NAMES[i][0]}`" for i in order),
        "unit": unit[1 + place],
        "count": str(len(labels)),
    }
