"""Draws a cellar of wines of three growers, after the wines that Forina's laboratory analysed.

The real table has too few rows for a fair exam, and everybody can look it up. So a variant is
drawn from what the table says: for each class, the mean and the covariance of the logarithms of its columns. The
new rows are like the real ones, and none of them is one.
"""

import functools

import numpy as np
from sklearn.datasets import load_wine

from assay.items.variant import Split, Variant

TRAIN = 900  # rows
HIDDEN = 5000  # in each of the hidden and the sealed set
ERROR = 0.25  # of a measurement, in standard deviations of its column
SHARES = (0.3, 0.4, 0.3)  # of the growers
# How alike the years have made the growers' wines: 0 as the real ones are, 1 all the same.
ALIKE = 0.42
G, MG, NONE = ((1.0, "g/l"), (1000.0, "mg/l")), ((1.0, "mg/l"), (0.001, "g/l")), ((1.0, ""),)
PER_CENT = ((1.0, "%"), (10.0, "‰"))
# column, English, Chinese, units
NAMES = (
    ("alcohol", "alcohol by volume", "酒精度", PER_CENT),
    ("malic_acid", "malic acid", "苹果酸", G),
    ("ash", "ash", "灰分", G),
    ("alkalinity", "alkalinity of the ash", "灰分的碱度", NONE),
    ("magnesium", "magnesium", "镁", MG),
    ("phenols", "phenols in all", "总酚", G),
    ("flavanoids", "flavanoids", "类黄酮", G),
    ("other_phenols", "phenols that are no flavanoids", "非黄烷类酚", G),
    ("tannins", "proanthocyanins", "原花青素", G),
    ("colour", "how deep the colour is", "颜色强度", NONE),
    ("hue", "hue", "色调", NONE),
    ("dilution", "absorbance at 280 over 315 nm, diluted", "稀释液在 280 与 315 nm 的吸光比", NONE),
    ("proline", "proline", "脯氨酸", MG),
)


@functools.cache
def table():
    """Return the real rows as the fit wants them, `(n, 13)`, and their classes."""
    data = load_wine()
    return np.log(data.data), data.target


def variant(seed: int) -> Variant:
    rng = np.random.default_rng(seed)
    rows, classes = table()
    order = rng.permutation(13)
    units = [NAMES[i][3][rng.integers(len(NAMES[i][3]))] for i in range(13)]
    number = rng.permutation(len(SHARES))  # of a grower in this variant
    vintage = rng.normal(0, 0.08, 13)  # how the year changed all wines alike, as a logarithm
    n = TRAIN + 2 * HIDDEN
    y = rng.choice(len(SHARES), n, p=SHARES)
    x = np.empty((n, 13))
    for kind in range(len(SHARES)):
        own = rows[classes == kind]
        some = y == kind
        x[some] = rng.multivariate_normal(
            (1 - ALIKE) * own.mean(axis=0) + ALIKE * rows.mean(axis=0),
            np.cov(own.T),
            int(some.sum()),
            check_valid="ignore",
            method="eigh",
        )
    x += rng.normal(0, ERROR, x.shape) * rows.std(axis=0)
    x = np.exp(x + vintage) * [factor for factor, _ in units]
    x = rounded(x[:, order])
    labels = number[y].astype(np.int64)
    train, hidden, sealed = np.split(np.arange(n), [TRAIN, TRAIN + HIDDEN])
    names = [NAMES[i][0] for i in order]
    return Variant(
        files={"wines.csv": csv(names, x[train], labels[train])},
        hidden=Split(inputs={"wine": x[hidden]}, labels=labels[hidden]),
        sealed=Split(inputs={"wine": x[sealed]}, labels=labels[sealed]),
        texts={
            language: words(order, units, x[train], labels[train], language)
            for language in ("en", "zh-CN")
        },
        train={"wine": x[train]},
    )


def rounded(x):
    """Return the numbers with four digits that count, as they are written down."""
    digits = 3 - np.floor(np.log10(np.maximum(np.abs(x), 1e-9)))
    return (np.round(x * 10**digits) / 10**digits).astype(np.float32)


def csv(names, x, labels):
    lines = [",".join([*names, "grower"])]
    lines += [
        ",".join([*(f"{v:.4g}" for v in row), str(int(kind))])
        for row, kind in zip(x, labels, strict=True)
    ]
    return ("\n".join(lines) + "\n").encode()


def words(order, units, x, labels, language):
    """Return the table of columns and the numbers that a page tells."""
    place = 0 if language == "en" else 1
    to = "to" if language == "en" else "到"
    rows = [
        f"| `{NAMES[i][0]}` | {NAMES[i][1 + place]} | {units[i][1]} "
        f"| {column.min():.3g} {to} {column.max():.3g} |"
        for i, column in zip(order, x.T, strict=True)
    ]
    return {"columns": "\n".join(rows), "count": str(len(labels))}
