"""Draws a survey of houses: what is known of each, with gaps, and what it takes to heat it.

The heat that a house needs is what leaves through its walls and windows and with its air,
less what its people give: the balance of ISO 52016, much simplified.
"""

import numpy as np

from assay.items.variant import Split, Variant

TRAIN = 6000  # houses
HIDDEN = 5000  # in each of the hidden and the sealed set
MISSING = -1.0  # stands where nobody knows
NOISE = 0.04  # of the demand: how people live
GAPS = {"insulation": (0.25, 0.35), "air": (0.2, 0.3), "people": (0.1, 0.2)}  # share of houses
DECIMALS = {"insulation": 2, "glass": 2, "air": 2}

# name → units to draw from: (factor, offset, unit en, unit zh)
UNITS = {
    "area": [(1.0, 0.0, "m²", "平方米"), (10.764, 0.0, "sq ft", "平方英尺")],
    "built": [(1.0, 0.0, "year", "年份"), (-1.0, 2025.0, "years ago", "距今年数")],
    "insulation": [
        (1.0, 0.0, "W/(m²·K)", "W/(m²·K)"),
        (100.0, 0.0, "W/(100 m²·K)", "W/(100 m²·K)"),
    ],
    "glass": [(1.0, 0.0, "share", "比例"), (100.0, 0.0, "%", "%")],
    "people": [(1.0, 0.0, "persons", "人")],
    "cold": [(1.0, 0.0, "K·d", "K·d"), (0.024, 0.0, "kK·h", "kK·h")],
    "warmth": [(1.0, 0.0, "°C", "°C"), (1.8, 32.0, "°F", "°F")],
    "air": [(1.0, 0.0, "per hour", "次/小时"), (24.0, 0.0, "per day", "次/天")],
}
MEANING = {
    "area": ("heated floor area", "采暖面积"),
    "built": ("when it was built", "建造时间"),
    "insulation": ("heat that the walls let through", "墙体传热系数"),
    "glass": ("windows, as a part of the outer surface", "窗户占外表面的部分"),
    "people": ("people who live in it", "居住人数"),
    "cold": ("cold of the place in a year (heating degrees)", "当地全年的寒冷程度（采暖度日）"),
    "warmth": ("warmth that its people like indoors", "住户习惯的室内温度"),
    "air": ("how often its air is replaced", "换气次数"),
}


def variant(seed: int) -> Variant:
    rng = np.random.default_rng(seed)
    names = list(rng.permutation(list(UNITS)))
    units = {name: UNITS[name][rng.integers(len(UNITS[name]))] for name in names}
    gaps = {name: rng.uniform(*GAPS[name]) for name in GAPS}
    town = {
        "walls": rng.uniform(0.9, 1.1),
        "panes": rng.uniform(1.1, 1.6),
        "year": rng.uniform(-8, 8),
    }

    houses, demand = survey(rng, TRAIN + 2 * HIDDEN, town)
    columns = []
    for name in names:
        factor, offset, _, _ = units[name]
        column = np.round(houses[name] * factor + offset, DECIMALS.get(name, 1))
        if name in gaps:
            column = np.where(rng.uniform(size=len(column)) < gaps[name], MISSING, column)
        columns.append(column)
    x = np.stack(columns, axis=1).astype(np.float32)
    _, first = np.unique(x, axis=0, return_index=True)
    keep = np.sort(first)  # two houses that are told apart by nothing would be one
    x, y = x[keep], demand[keep].astype(np.float32)[:, None]
    parts = [(0, TRAIN), (TRAIN, TRAIN + HIDDEN), (TRAIN + HIDDEN, TRAIN + 2 * HIDDEN)]
    (a, b), *hidden_parts = parts
    hidden, sealed = (Split(inputs={"house": x[i:j]}, labels=y[i:j]) for i, j in hidden_parts)
    return Variant(
        files={"houses.csv": table(names, x[a:b], y[a:b])},
        hidden=hidden,
        sealed=sealed,
        texts={
            language: words(names, units, x[a:b], y[a:b], language) for language in ("en", "zh-CN")
        },
        train={"house": x[a:b]},
    )


def survey(rng, n, town):
    """Return the houses' properties by name, and their demand in kWh/m² a year; `n` and some more."""
    n += n // 50  # a few are told apart by nothing
    built = np.round(2022 - 122 * rng.beta(1.1, 1.6, n))
    age = (2022 + town["year"] - built) / 122
    # Newer houses let less heat through, old ones have often been renovated.
    insulation = town["walls"] * (0.15 + 1.3 / (1 + np.exp(-7 * (age - 0.42))))
    renovated = rng.uniform(size=n) < 0.3 * np.clip(age, 0, 1)
    insulation = np.where(renovated, 0.3, insulation) * rng.lognormal(0, 0.12, n)
    houses = {
        "area": rng.lognormal(np.log(115), 0.4, n).clip(35, 400),
        "built": built,
        "insulation": insulation.clip(0.1, 2.2),
        "glass": rng.uniform(0.08, 0.42, n),
        "people": rng.integers(1, 7, n).astype(float),
        "cold": rng.uniform(1500, 4500, n),
        "warmth": rng.normal(20.5, 1.4, n).clip(16, 25),
        "air": np.where(age < 0.2, 0.35, 0.6) * rng.lognormal(0, 0.3, n),
    }
    surface = 2.6 * (100 / houses["area"]) ** 0.33  # m² for each m² of floor
    cold = houses["cold"] * 0.024 * (houses["warmth"] - 11) / 9  # kK·h
    walls = houses["insulation"] * (1 - houses["glass"]) * surface
    panes = town["panes"] * houses["glass"] * surface
    air = 0.34 * 2.5 * houses["air"]
    gains = 550 * houses["people"] / houses["area"] + 60 * houses["glass"]
    demand = np.maximum((walls + panes + air) * cold - gains, 4)
    return houses, demand * rng.normal(1, NOISE, n)


def table(names, x, y):
    lines = [",".join([*names, "demand"])]
    lines += [",".join(f"{v:.7g}" for v in [*row, *label]) for row, label in zip(x, y, strict=True)]
    return ("\n".join(lines) + "\n").encode()


def words(names, units, x, y, language):
    """Return the table of columns and the numbers that a page tells."""
    place = 0 if language == "en" else 1
    rows = []
    for number, name in enumerate(names):
        known = x[:, number][x[:, number] != MISSING] if name in GAPS else x[:, number]
        to = "to" if language == "en" else "到"
        rows.append(
            f"| `{name}` | {MEANING[name][place]} | {units[name][2 + place]} "
            f"| {known.min():g} {to} {known.max():g} |"
        )
    comma = ", " if language == "en" else "、"
    return {
        "columns": "\n".join(rows),
        "order": comma.join(f"`{name}`" for name in names),
        "low": f"{y.min():.0f}",
        "high": f"{y.max():.0f}",
        "count": f"{len(x):,}",
    }
