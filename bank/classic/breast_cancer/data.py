"""Draws a hospital's samples of breast tissue, after those that Wolberg's group measured.

The real table has too few rows for a fair exam, and everybody can look it up. So a variant is
drawn from what the table says: for each class, the mean and the covariance of the square roots
of its columns. The new rows are like the real ones, and none of them is one.
"""

import functools

import numpy as np
from sklearn.datasets import load_breast_cancer

from assay.items.tables import Column, Table, as_written, draw_rows
from assay.items.variant import Variant

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
    """Return the square roots of the real rows, `(569, 30)`, and whether each is malignant."""
    data = load_breast_cancer()
    return np.sqrt(data.data), 1 - data.target


def variant(seed: int) -> Variant:
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(NAMES))
    factor, *unit = UNITS[rng.integers(len(UNITS))]
    zoom = rng.uniform(0.85, 1.15)  # of this hospital's microscope
    x, malignant = draw_rows(rng, *table(), shares=SHARES, count=TRAIN + 2 * HIDDEN, error=ERROR)
    x = x**2 * (zoom * factor) ** DIMENSION
    samples = Table(
        columns=[
            Column(name=name, about={"en": (en,), "zh-CN": (zh,)})
            for name, en, zh in (NAMES[i] for i in order)
        ],
        values=as_written(x[:, order]),
        label="malignant",
        labels=malignant,
    )
    train, hidden, sealed = samples.deal(TRAIN, HIDDEN, HIDDEN)
    return Variant(
        files={"samples.csv": train.csv()},
        hidden=hidden.split("sample"),
        sealed=sealed.split("sample"),
        texts={
            language: {
                "columns": train.described(language),
                "count": f"{TRAIN:,}",
                "share": f"{100 * train.labels.mean():.0f}",
                "unit": word,
            }
            for language, word in zip(("en", "zh-CN"), unit, strict=True)
        },
        train={"sample": train.values},
    )
