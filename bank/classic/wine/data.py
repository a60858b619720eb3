"""Draws a cellar of wines of three growers, after the wines that Forina's laboratory analysed.

The real table has too few rows for a fair exam, and everybody can look it up. So a variant is
drawn from what the table says: for each class, the mean and the covariance of the logarithms of
its columns. The new rows are like the real ones, and none of them is one.
"""

import functools

import numpy as np
from sklearn.datasets import load_wine

from assay.items.tables import Column, Table, as_written, draw_rows
from assay.items.variant import Variant

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
    ("other_phenols", "phenols that are no flavanoids", "非类黄酮酚", G),
    ("tannins", "proanthocyanins", "原花青素", G),
    ("colour", "how deep the colour is", "颜色强度", NONE),
    ("hue", "hue", "色调", NONE),
    ("dilution", "absorbance at 280 over 315 nm, diluted", "稀释液在 280 与 315 nm 的吸光比", NONE),
    ("proline", "proline", "脯氨酸", MG),
)


@functools.cache
def table():
    """Return the logarithms of the real rows, `(178, 13)`, and their classes."""
    data = load_wine()
    return np.log(data.data), data.target


def variant(seed: int) -> Variant:
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(NAMES))
    units = [choice[rng.integers(len(choice))] for *_, choice in NAMES]
    number = rng.permutation(len(SHARES))  # of a grower in this variant
    vintage = rng.normal(0, 0.08, len(NAMES))  # how the year changed all wines alike: a logarithm
    x, growers = draw_rows(
        rng, *table(), shares=SHARES, count=TRAIN + 2 * HIDDEN, error=ERROR, alike=ALIKE
    )
    x = np.exp(x + vintage) * [factor for factor, _ in units]
    wines = Table(
        columns=[
            Column(name=name, about={"en": (en, unit), "zh-CN": (zh, unit)})
            for (name, en, zh, _), (_, unit) in ((NAMES[i], units[i]) for i in order)
        ],
        values=as_written(x[:, order]),
        label="grower",
        labels=number[growers],
    )
    train, hidden, sealed = wines.deal(TRAIN, HIDDEN, HIDDEN)
    return Variant(
        files={"wines.csv": train.csv()},
        hidden=hidden.split("wine"),
        sealed=sealed.split("wine"),
        texts={
            language: {"columns": train.described(language), "count": str(TRAIN)}
            for language in ("en", "zh-CN")
        },
        train={"wine": train.values},
    )
