"""Turns lines of people.csv into numbers; the grader does it in the same way.

这个程序把 people.csv 的各行转成数值，评分时用的是同一个程序。
"""

import json
from pathlib import Path

import numpy as np

NUMBERS = ("age", "hours", "capital_gain", "capital_loss", "weight")
CATEGORIES = ("workclass", "education", "marital_status", "occupation")
MISSING = -1.0


def load_codes():
    """Return the names of each category, each in the place of its code; code 0 is unknown."""
    return json.loads(Path(__file__).with_name("codes.json").read_text(encoding="utf-8"))


def encode(table, codes=None):
    """Return the inputs of the model.

    Args:
        table: Columns by name, such as a pandas DataFrame.
        codes: As in codes.json.

    Returns:
        `numbers`, float32 of shape (n, 5): as in the table, in the order of NUMBERS, -1 where
        unknown; and for each category its codes, int32 of shape (n, 1), 0 where unknown.
    """
    codes = codes or load_codes()
    numbers = np.stack([np.array(table[name], dtype="float32") for name in NUMBERS], axis=1)
    inputs = {"numbers": np.where(np.isnan(numbers), np.float32(MISSING), numbers)}
    for name in CATEGORIES:
        place = {value: code for code, value in enumerate(codes[name])}
        inputs[name] = np.array([[place.get(v, 0)] for v in table[name]], dtype="int32")
    return inputs
