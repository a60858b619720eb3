from __future__ import annotations

import io
import json
import runpy

import numpy as np
import pandas as pd
import pytest

KEY = "tabular/adult_income"

FIRST = """39, State-gov, 77516, Bachelors, 13, Never-married, Adm-clerical, Not-in-family, White, \
Male, 2174, 0, 40, United-States, <=50K
54, ?, 180211, Some-college, 10, Married-civ-spouse, ?, Husband, Black, Male, 0, 0, 60, ?, >50K
"""
SECOND = """|1x3 Cross validator
25, Private, 226802, 11th, 7, Never-married, Sales, Own-child, White, Male, 0, 0, 40, ?, <=50K.
54, ?, 180211, Some-college, 10, Married-civ-spouse, ?, Husband, Black, Male, 0, 0, 60, ?, >50K.

"""


@pytest.fixture
def source(source_of):
    return source_of(KEY)


@pytest.fixture
def census(source, tmp_path):
    paths = [tmp_path / "adult.data", tmp_path / "adult.test"]
    for path, text in zip(paths, (FIRST, SECOND), strict=True):
        path.write_text(text, encoding="utf-8")
    return source.census(paths)


@pytest.fixture(params=[0, 1])
def variant(request, open_bank, data_mirror):
    return open_bank.items[KEY].draw(request.param)


def table_of(variant):
    return pd.read_csv(io.BytesIO(variant.files["people.csv"]))


def test_labels_are_read_with_and_without_a_full_stop(census):
    assert census["above"].tolist() == [0, 1, 0]


def test_a_line_that_is_no_person_and_a_person_told_twice_are_left_out(census):
    assert census["age"].tolist() == [39, 54, 25]


def test_a_question_mark_is_unknown(census):
    assert census["occupation"].tolist() == ["Adm-clerical", "", "Sales"]


def test_what_nobody_chooses_is_left_out(variant):
    assert not {"race", "sex", "country", "relationship"} & {*table_of(variant)}
    assert b"Husband" not in variant.files["people.csv"]


def test_no_two_people_agree_in_all_but_the_weight(source, variant):
    seen = []
    for inputs in (variant.train, variant.hidden.inputs, variant.sealed.inputs):
        told = np.delete(inputs["numbers"], source.NUMBERS.index("weight"), axis=1)
        seen.append(np.concatenate([told, *(inputs[name] for name in source.CATEGORIES)], axis=1))
    everybody = np.concatenate(seen)

    assert len(np.unique(everybody, axis=0)) == len(everybody) == 22_000


def test_a_quarter_is_above_the_line_and_half_of_those_asked_about(variant):
    assert table_of(variant)["above"].mean() == pytest.approx(0.24)
    for split in (variant.hidden, variant.sealed):
        assert np.bincount(split.labels).tolist() == [2500, 2500]


def test_the_bundles_encoder_encodes_as_the_grader_does(variant, tmp_path):
    for name, data in variant.files.items():
        (tmp_path / name).write_bytes(data)
    people = table_of(variant)

    inputs = runpy.run_path(str(tmp_path / "encoder.py"))["encode"](people)

    for name, values in variant.train.items():
        assert np.array_equal(inputs[name], values)
    assert (inputs["numbers"] == -1).sum() == people["hours"].isna().sum() > 0
    assert (inputs["occupation"] == 0).sum() == people["occupation"].isna().sum() > 0


def test_codes_are_dealt_anew(open_bank, data_mirror):
    codes = [json.loads(open_bank.items[KEY].draw(seed).files["codes.json"]) for seed in (0, 1)]

    assert codes[0] != codes[1]
    assert {n: sorted(v) for n, v in codes[0].items()} == {
        n: sorted(v) for n, v in codes[1].items()
    }
