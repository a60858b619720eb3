"""Draws a hospital's samples of breast tissue, after those that Wolberg's group measured.

The real table has too few rows for a fair exam, and everybody can look it up. So a variant is
drawn from what the table says: for each class, the mean and the covariance of the square roots of its columns. The
new rows are like the real ones, and none of them is one.
"""

import functools

import numpy as np
from sklearn.datasets import load_breast_cancer

from assay.items.variant import Split, Variant

TRAIN = 1500  # rows
HIDDEN = 5000  # in each of the hidden and the sealed set
ERROR = 0.12  # of a measurement, in standard deviations of its column
SHARES = (0.75, 0.25)  # harmless, malignant
UNITS = ((1.0, "µm", "微米"), (0.001, "mm", "毫米"))
PROPERTIES = (
    ("radius", "radius", "半径", 1),
    ("texture", "spread of the grey values", "灰度的离散程度", 0),
    ("perimeter", "perimeter", "周长", 1),
    ("area", "area", "面积", 2),
    ("smoothness", "how the radius changes from place to place", "半径的局部变化", 0),
    ("compactness", "perimeter² over area, less one", "周长平方除以面积再减一", 0),
    ("concavity", "how deep the dents are", "凹陷的深度", 0),
    ("dents", "share of the outline that is dented", "轮廓上凹陷部分的比例", 0),
    ("symmetry", "how lopsided it is", "不对称程度", 0),
    (
        "fractal",
        "roughness of the outline (fractal dimension less one)",
        "轮廓的粗糙度（分形维数减一）",
        0,
    ),
)
KINDS = (
    ("mean", "mean over the nuclei", "各细胞核的平均"),
    ("error", "standard error of that mean", "该平均值的标准误"),
    ("worst", "mean of the three largest", "最大三个的平均"),
)
# column, English, Chinese; in the table's order
NAMES = tuple(
    (f"{name}_{kind}", f"{en}: {kind_en}", f"{zh}：{kind_zh}")
    for kind, kind_en, kind_zh in KINDS
    for name, en, zh, _ in PROPERTIES
)
DIMENSION = np.array([d for _ in KINDS for *_, d in PROPERTIES])  # 1: a length, 2: an area


@functools.cache
def table():
    """Return the real rows as the fit wants them, `(n, 30)`, and their classes."""
    data = load_breast_cancer()
    return np.sqrt(data.data), 1 - data.target


def variant(seed: int) -> Variant:
    rng = np.random.default_rng(seed)
    rows, classes = table()
    order = rng.permutation(30)
    unit = UNITS[rng.integers(len(UNITS))]
    zoom = rng.uniform(0.85, 1.15)  # of this hospital's microscope
    n = TRAIN + 2 * HIDDEN
    y = rng.choice(len(SHARES), n, p=SHARES)
    x = np.empty((n, 30))
    for kind in range(len(SHARES)):
        own = rows[classes == kind]
        some = y == kind
        x[some] = rng.multivariate_normal(
            own.mean(axis=0), np.cov(own.T), int(some.sum()), check_valid="ignore", method="eigh"
        )
    x += rng.normal(0, ERROR, x.shape) * rows.std(axis=0)
    x = x**2 * (zoom * unit[0]) ** DIMENSION
    x = rounded(x[:, order])
    labels = y.astype(np.int64)
    train, hidden, sealed = np.split(np.arange(n), [TRAIN, TRAIN + HIDDEN])
    names = [NAMES[i][0] for i in order]
    return Variant(
        files={"samples.csv": csv(names, x[train], labels[train])},
        hidden=Split(inputs={"sample": x[hidden]}, labels=labels[hidden]),
        sealed=Split(inputs={"sample": x[sealed]}, labels=labels[sealed]),
        texts={
            language: words(order, unit, x[train], labels[train], language)
            for language in ("en", "zh-CN")
        },
        train={"sample": x[train]},
    )


def rounded(x):
    """Return the numbers with four digits that count, as they are written down."""
    digits = 3 - np.floor(np.log10(np.maximum(np.abs(x), 1e-9)))
    return (np.round(x * 10**digits) / 10**digits).astype(np.float32)


def csv(names, x, labels):
    lines = [",".join([*names, "malignant"])]
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
        f"| `{NAMES[i][0]}` | {NAMES[i][1 + place]} | {column.min():.3g} {to} {column.max():.3g} |"
        for i, column in zip(order, x.T, strict=True)
    ]
    return {
        "columns": "\n".join(rows),
        "count": f"{len(labels):,}",
        "share": f"{100 * labels.mean():.0f}",
        "unit": unit[1 + place],
    }
