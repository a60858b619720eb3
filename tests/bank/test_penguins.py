from __future__ import annotations

import io
import json
import runpy

import numpy as np
import pandas as pd
import pytest

KEY = "tabular/penguins"

REAL = """species,island,bill_length_mm,bill_depth_mm,flipper_length_mm,body_mass_g,sex,year
Adelie,Torgersen,39.1,18.7,181,3750,male,2007
Adelie,Dream,38.1,18.1,187,3650,male,2007
Adelie,Torgersen,NA,NA,NA,NA,NA,2007
Gentoo,Biscoe,46.1,13.2,211,4500,female,2007
Gentoo,Biscoe,47.1,13.6,209,4700,female,2008
"""


@pytest.fixture
def source(source_of):
    return source_of(KEY)


@pytest.fixture(params=[0, 1])
def variant(request, open_bank, data_mirror):
    return open_bank.items[KEY].draw(request.param)


def table_of(variant):
    return pd.read_csv(io.BytesIO(variant.files["penguins.csv"]))


def test_a_penguin_with_gaps_says_nothing_about_its_kind(source, tmp_path):
    path = tmp_path / "penguins.csv"
    path.write_text(REAL, encoding="utf-8")

    adelies, gentoos = source.population(path)

    assert (adelies["name"], gentoos["name"]) == ("Adelie male", "Gentoo female")
    assert adelies["islands"] == ["Torgersen", "Dream"]
    assert adelies["mean"].tolist() == pytest.approx([38.6, 18.4, 184, 3700])
    assert adelies["share"] == 0.5


def test_every_species_and_sex_is_known(source, data_mirror):
    kinds = source.population(data_mirror / "penguins" / "penguins.csv")

    assert [kind["name"] for kind in kinds] == [
        *("Adelie female", "Adelie male", "Chinstrap female"),
        *("Chinstrap male", "Gentoo female", "Gentoo male"),
    ]
    assert {*kinds[2]["islands"]} == {"Dream"}


def test_of_penguins_that_look_alike_the_first_is_kept(source):
    inputs = {
        "size": np.array([[2.0], [1.0], [2.0], [2.0]]),
        "team": np.array([[1], [1], [1], [2]]),
    }

    assert source.distinct(inputs).tolist() == [0, 1, 3]


def test_each_team_has_units_of_its_own(variant):
    mass = table_of(variant).groupby("team")["body_mass"].median().sort_values()
    length = table_of(variant).groupby("team")["flipper_length"].median().sort_values()

    assert mass.between([3, 100, 3000], [6, 250, 6000]).all()  # kg, ounces, g
    assert length.between([6, 17, 170], [10, 24, 240]).all()  # inches, cm, mm


def test_the_bundles_encoder_encodes_as_the_grader_does(variant, tmp_path):
    for name, data in variant.files.items():
        (tmp_path / name).write_bytes(data)
    penguins = table_of(variant)
    encoder = runpy.run_path(str(tmp_path / "encoder.py"))

    inputs = encoder["encode"](penguins)

    assert penguins.isna().to_numpy().sum() == (inputs["measurements"] == -1).sum() > 0
    for name, values in variant.train.items():
        assert np.array_equal(inputs[name], values)


def test_the_hidden_penguins_are_of_the_same_kinds_as_the_training_ones(variant, tmp_path):
    kinds = json.loads(variant.files["codes.json"])["kind"]
    known = table_of(variant)["kind"].value_counts(normalize=True)[kinds].to_numpy()

    for split in (variant.hidden, variant.sealed):
        assert np.bincount(split.labels) / len(split.labels) == pytest.approx(known, abs=0.03)
