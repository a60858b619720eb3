"""Turns lines of penguins.csv into numbers; the grader does it in the same way.

这个程序把 penguins.csv 的各行转成数值，评分时用的是同一个程序。
"""

import json
from pathlib import Path

import numpy as np

MEASUREMENTS = ("bill_length", "bill_depth", "flipper_length", "body_mass")
CODES = ("island", "team")
MISSING = -1.0


def load_codes():
    """Return the names of `island`, `team` and `kind`, each in the place of its code."""
    return json.loads(Path(__file__).with_name("codes.json").read_text(encoding="utf-8"))


def encode(table, codes=None):
    """Return the inputs of the model.

    Args:
        table: Columns by name, such as a pandas DataFrame.
        codes: As in codes.json.

    Returns:
        `measurements`, float32 of shape (n, 4): as written by the team, -1 where missing.
        `island` and `team`, int32 of shape (n, 1): their codes, 1 to 3.
    """
    codes = codes or load_codes()
    numbers = np.stack([np.array(table[name], dtype="float32") for name in MEASUREMENTS], axis=1)
    places = {name: [codes[name].index(value) for value in table[name]] for name in CODES}
    return {
        "measurements": np.where(np.isnan(numbers), np.float32(MISSING), numbers),
        **{name: np.array(place, dtype="int32")[:, None] for name, place in places.items()},
    }


def encode_kinds(kinds, codes=None):
    """Return the classes, int32 of shape (n,)."""
    codes = codes or load_codes()
    return np.array([codes["kind"].index(kind) for kind in kinds], dtype="int32")
