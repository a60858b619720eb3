"""Draws people of the census of 1994 for training, and as many above the line as below to ask.

What a person cannot help, race, sex and country of birth, is left out, and `relationship` with
it, which says `Husband` or `Wife`.
"""

import csv
import json
import runpy
from pathlib import Path

import numpy as np

from assay.items.downloads import fetch
from assay.items.variant import Split, Variant

TRAIN = 12000  # people, as many above the line as in the census: a quarter
HIDDEN = 5000  # in each of the hidden and the sealed set, half of them above the line
ABOVE = 0.24  # share of the training people above the line
MISSING = -1
FILES = ("adult-train.csv", "adult-test.csv")
# Columns of the files, in their order.
COLUMNS = (
    *("age", "workclass", "weight", "education", "education_num", "marital_status"),
    *("occupation", "relationship", "race", "sex", "capital_gain", "capital_loss", "hours"),
    *("country", "income"),
)
NUMBERS = ("age", "hours", "capital_gain", "capital_loss", "weight")
CATEGORIES = ("workclass", "education", "marital_status", "occupation")
GAPS = (0.05, 0.10)  # share of people whose hours are not told
WEIGHT = 0.05  # relative change of every weight: else it would be a name to look people up by

_ENCODER = Path(__file__).with_name("assets") / "encoder.py"


def variant(seed: int) -> Variant:
    rng = np.random.default_rng(seed)
    people = census([fetch(Path(__file__).parent, name) for name in FILES])
    above = people.pop("above")
    n = len(above)
    people["weight"] = np.round(people["weight"] * rng.lognormal(0, WEIGHT, n)).astype(int)
    untold = rng.uniform(size=n) < rng.uniform(*GAPS)
    people["hours"] = np.where(untold, MISSING, people["hours"])
    codes = {name: dealt(rng, people[name]) for name in CATEGORIES}
    encode = runpy.run_path(str(_ENCODER))["encode"]
    inputs = encode(people, codes)
    train, hidden, sealed = deal(rng, inputs, above)

    def split(chosen):
        return Split(
            inputs={name: values[chosen] for name, values in inputs.items()}, labels=above[chosen]
        )

    told = {
        "count": f"{TRAIN:,}",
        "above": f"{int(above[train].sum()):,}",
        "untold": f"{100 * untold[train].mean():.0f}",
        **{f"{name}_codes": str(len(codes[name])) for name in CATEGORIES},
        **{
            f"{name}_{end}": f"{pick(people[name][train][people[name][train] >= 0]):,}"
            for name in NUMBERS
            for end, pick in (("low", np.min), ("high", np.max))
        },
    }
    return Variant(
        files={
            "people.csv": table(people, above, train),
            "codes.json": json.dumps(codes, indent=1).encode() + b"\n",
            "encoder.py": _ENCODER.read_bytes(),
        },
        hidden=split(hidden),
        sealed=split(sealed),
        texts={"en": told, "zh-CN": told},
        train={name: values[train] for name, values in inputs.items()},
    )


def census(paths) -> dict[str, np.ndarray]:
    """Return the columns of both files by name, and `above`: whether the income is.

    A copy of the second file may begin with a line that is no person, and ends every label with
    a full stop; the last line may be empty. Some people are in the files twice.
    """
    rows: dict[tuple[str, ...], None] = {}
    for path in paths:
        with path.open(encoding="utf-8", newline="") as file:
            people = [row for row in csv.reader(file, skipinitialspace=True) if len(row) > 1]
        rows |= dict.fromkeys((*row[:-1], row[-1].rstrip(".")) for row in people)
    columns = dict(zip(COLUMNS, zip(*rows, strict=True), strict=True))
    people = {name: np.array(columns[name], dtype=int) for name in NUMBERS}
    people |= {name: np.array(columns[name]) for name in CATEGORIES}
    for name in CATEGORIES:
        people[name] = np.where(people[name] == "?", "", people[name])
    people["above"] = np.array([label.startswith(">") for label in columns["income"]], np.int64)
    return people


def dealt(rng, column) -> list[str]:
    """Return the names that occur in an order of their own, after the empty one."""
    names = sorted({*column.tolist()} - {""})
    return ["", *(names[i] for i in rng.permutation(len(names)))]


def deal(rng, inputs, above):
    """Return the rows for training, and the hidden and the sealed ones.

    No two agree in all but the weight: of people who do, one is taken.
    """
    said = np.delete(inputs["numbers"], NUMBERS.index("weight"), axis=1)
    said = np.concatenate([said, *(inputs[name] for name in CATEGORIES)], axis=1)
    order = rng.permutation(len(said))
    _, first = np.unique(said[order], axis=0, return_index=True)
    people = order[np.sort(first)]
    parts = [[], [], []]
    for label, share in ((1, ABOVE), (0, 1 - ABOVE)):
        rows = people[above[people] == label]
        ends = np.cumsum([HIDDEN // 2, HIDDEN // 2, round(TRAIN * share)])
        hidden, sealed, train, _ = np.split(rows, ends)
        for part, chosen in zip(parts, (train, hidden, sealed), strict=True):
            part.append(chosen)
    return [rng.permutation(np.concatenate(part)) for part in parts]


def table(people, above, chosen) -> bytes:
    names = (*NUMBERS, *CATEGORIES)
    columns = [
        ["" if value == MISSING else str(value) for value in people[name][chosen].tolist()]
        for name in names
    ]
    lines = [",".join([*names, "above"])]
    lines += [",".join(row) for row in zip(*columns, map(str, above[chosen]), strict=True)]
    return ("\n".join(lines) + "\n").encode()
