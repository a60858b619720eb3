"""Draws a season on the islands: penguins as the real ones are, measured by three teams.

The Palmer penguins are 344, too few for a fair hidden set, so that a variant's penguins are
drawn from what is known of the real ones: mean and covariance of each species and sex, and which
species lives where.
"""

import csv
import json
import runpy
from pathlib import Path

import numpy as np

from assay.items.downloads import fetch
from assay.items.variant import Split, Variant

TRAIN = 4000  # penguins
HIDDEN = 5000  # in each of the hidden and the sealed set
MISSING = -1.0  # stands where nothing was measured
GAPS = (0.06, 0.09)  # share of each measurement that is missing
SEASON = 0.5  # standard deviations that all penguins of a season may be larger or smaller by
MEASUREMENTS = ("bill_length", "bill_depth", "flipper_length", "body_mass")
REAL = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")
STEPS = (0.1, 0.1, 1.0, 25.0)  # mm, mm, mm, g: how finely the real ones were measured
TEAMS = ("north", "south", "ship")
# What a team may measure in: length in mm, mass in g, decimals of bill, flipper and mass.
HABITS = (
    (1.0, 1.0, (1, 1, 0, 0)),  # mm and g
    (10.0, 1000.0, (2, 2, 1, 3)),  # cm and kg
    (25.4, 28.3495, (2, 2, 2, 1)),  # inches and ounces
)

_ENCODER = Path(__file__).with_name("assets") / "encoder.py"


def variant(seed: int) -> Variant:
    rng = np.random.default_rng(seed)
    kinds = population(fetch(Path(__file__).parent, "penguins.csv"))
    islands = sorted({island for kind in kinds for island in kind["islands"]})
    habits = dict(zip(TEAMS, (HABITS[i] for i in rng.permutation(len(HABITS))), strict=True))
    dealt = {
        "island": ["", *(islands[i] for i in rng.permutation(len(islands)))],
        "team": ["", *(TEAMS[i] for i in rng.permutation(len(TEAMS)))],
        "kind": [kinds[i]["name"] for i in rng.permutation(len(kinds))],
    }
    rows = measured(rng, kinds, habits, TRAIN + 2 * HIDDEN)
    encode = runpy.run_path(str(_ENCODER))["encode"]
    inputs = encode({name: [row[name] for row in rows] for name in rows[0]}, dealt)
    kept = distinct(inputs)
    labels = np.array([dealt["kind"].index(row["kind"]) for row in rows], np.int64)
    train, hidden, sealed, _ = np.split(kept, np.cumsum([TRAIN, HIDDEN, HIDDEN]))
    numbers = {
        "count": f"{TRAIN:,}",
        "missing": f"{100 * np.mean(inputs['measurements'][train] == MISSING):.0f}",
        "kinds": ", ".join(f"`{name}`" for name in dealt["kind"]),
    }
    return Variant(
        files={
            "penguins.csv": table([rows[i] for i in train]),
            "codes.json": json.dumps(dealt, indent=1).encode() + b"\n",
            "encoder.py": _ENCODER.read_bytes(),
        },
        hidden=Split(inputs={k: v[hidden] for k, v in inputs.items()}, labels=labels[hidden]),
        sealed=Split(inputs={k: v[sealed] for k, v in inputs.items()}, labels=labels[sealed]),
        texts={"en": numbers, "zh-CN": numbers | {"kinds": numbers["kinds"].replace(", ", "、")}},
        train={k: v[train] for k, v in inputs.items()},
    )


def population(path: Path) -> list[dict]:
    """Return what the real penguins say of each species and sex, those with gaps left out."""
    with path.open(encoding="utf-8", newline="") as file:
        birds = [row for row in csv.DictReader(file) if "NA" not in row.values()]
    kinds = []
    for name in sorted({f"{row['species']} {row['sex']}" for row in birds}):
        these = [row for row in birds if f"{row['species']} {row['sex']}" == name]
        values = np.array([[float(row[column]) for column in REAL] for row in these])
        kinds.append(
            {
                "name": name,
                "share": len(these) / len(birds),
                "mean": values.mean(axis=0),
                "covariance": np.cov(values.T),
                "islands": [row["island"] for row in these],
            }
        )
    return kinds


def measured(rng, kinds, habits, n: int) -> list[dict]:
    """Return `n` penguins and some more, as the teams wrote them down."""
    n += n // 10  # a few are measured alike
    spread = np.sqrt(np.mean([np.diag(kind["covariance"]) for kind in kinds], axis=0))
    season = rng.uniform(-SEASON, SEASON) * spread
    gaps = rng.uniform(*GAPS, len(MEASUREMENTS))
    rows = []
    for which in rng.choice(len(kinds), n, p=[kind["share"] for kind in kinds]):
        kind = kinds[which]
        size = rng.multivariate_normal(kind["mean"] + season, kind["covariance"], method="cholesky")
        size = np.round(size / STEPS) * STEPS
        team = TEAMS[rng.integers(len(TEAMS))]
        length, mass, decimals = habits[team]
        units = (length, length, length, mass)
        missing = rng.uniform(size=len(MEASUREMENTS)) < gaps
        row: dict = {
            "island": kind["islands"][rng.integers(len(kind["islands"]))],
            "team": team,
        }
        for i, name in enumerate(MEASUREMENTS):
            row[name] = None if missing[i] else round(float(size[i] / units[i]), decimals[i])
        row["kind"] = kind["name"]
        rows.append(row)
    return rows


def distinct(inputs) -> np.ndarray:
    """Return, in their order, the rows that no row before them equals."""
    together = np.concatenate(list(inputs.values()), axis=1)
    _, first = np.unique(together, axis=0, return_index=True)
    return np.sort(first)


def table(rows) -> bytes:
    lines = [",".join(rows[0])]
    lines += [",".join("" if v is None else str(v) for v in row.values()) for row in rows]
    return ("\n".join(lines) + "\n").encode()
