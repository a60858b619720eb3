from __future__ import annotations

import csv
import gettext
import io
import json
import runpy
from itertools import pairwise
from pathlib import Path

import django
import numpy as np
import pytest

KEY = "text/which_language"
SEEDS = [0, 1, 2]


@pytest.fixture
def source(source_of):
    return source_of(KEY)


@pytest.fixture(params=SEEDS)
def variant(request, open_bank):
    return open_bank.items[KEY].draw(request.param)


def rows(variant):
    return list(csv.DictReader(io.StringIO(variant.files["train.csv"].decode())))


def codes(variant):
    return [language["code"] for language in json.loads(variant.files["languages.json"])]


def texts(variant, ids):
    vocabulary = json.loads(variant.files["vocabulary.json"])
    return ["".join(vocabulary[i] for i in row) for row in ids]


def train_labels(variant):
    index = {code: i for i, code in enumerate(codes(variant))}
    return np.array([index[row["language"]] for row in rows(variant)])


def naive_bayes(variant, length):
    """Return the hidden accuracy of counting runs of `length` letters."""

    def runs(ids):
        ids = np.pad(ids.astype(np.int64), ((0, 0), (length - 1, length - 1)))
        width = ids.shape[1] - length + 1
        numbers = sum(ids[:, i : i + width] * 28 ** (length - 1 - i) for i in range(length))
        return np.where(ids[:, length - 1 :] > 0, numbers, 0)

    labels, train = train_labels(variant), runs(variant.train["ids"])
    counts = np.stack(
        [np.bincount(train[labels == k].ravel(), minlength=28**length) for k in range(6)]
    )
    counts = counts + 0.1
    counts[:, 0] = 1.0
    scores = np.log(counts / counts.sum(axis=1, keepdims=True))
    scores[:, 0] = 0.0
    guesses = scores[:, runs(variant.hidden.inputs["ids"])].sum(axis=2).argmax(axis=0)
    return float(np.mean(guesses == variant.hidden.labels))


def test_the_bundles_tokenizer_encodes_as_the_grader_does(variant, tmp_path):
    for name, data in variant.files.items():
        (tmp_path / name).write_bytes(data)

    tokenizer = runpy.run_path(str(tmp_path / "tokenizer.py"))

    encoded = tokenizer["encode"]([row["text"] for row in rows(variant)])
    assert encoded.dtype == np.int32
    assert np.array_equal(encoded, variant.train["ids"])
    hidden = variant.hidden.inputs["ids"]
    assert np.array_equal(tokenizer["encode"](texts(variant, hidden)), hidden)


def test_the_tokenizer_folds_what_the_camera_cannot_see(source):
    fold = runpy.run_path(str(source._TOKENIZER))["fold"]

    assert fold("Žluťoučký kůň, 3 Æbler på Øen – Straße!") == (
        "zlutoucky kun aebler pa oen strasse"
    )


def test_no_hidden_text_is_part_of_a_training_text(variant):
    train = " | ".join(f" {row['text']} " for row in rows(variant))
    hidden = texts(variant, variant.hidden.inputs["ids"])
    sealed = texts(variant, variant.sealed.inputs["ids"])

    assert not [text for text in hidden if f" {text} " in train]
    assert not [text for text in sealed if f" {text} " in train]
    assert not set(hidden) & set(sealed)


def test_hidden_and_training_snippets_come_from_other_messages(source, monkeypatch):
    parts = []
    split = source._split
    monkeypatch.setattr(
        source,
        "_split",
        lambda snippets, *rest: parts.append((snippets, split(snippets, *rest))) or parts[-1][1],
    )

    source.variant(0)

    snippets, chosen = parts[-1]
    train, hidden, sealed = (set(snippets.groups[part].tolist()) for part in chosen)
    assert not train & hidden
    assert not train & sealed
    assert not hidden & sealed


def test_messages_that_say_nearly_the_same_stay_together(source):
    fold = runpy.run_path(str(source._TOKENIZER))["fold"]
    raw = {
        "da": {
            "Enter a valid email address.": {"indtast en gyldig adresse"},
            "Please enter a valid email address.": {"indtast venligst en gyldig adresse"},
            "Sign off": {"log ud"},
            "Log out": {"log ud"},
            "History": {"historik"},
        }
    }

    groups = source._group(raw, fold)

    assert groups["Enter a valid email address."] == groups["Please enter a valid email address."]
    assert groups["Sign off"] == groups["Log out"]
    assert len(set(groups.values())) == 3


def test_it_reads_catalogues_as_gettext_does(source):
    path = Path(django.__file__).parent / "conf/locale/cs/LC_MESSAGES/django.mo"
    with path.open("rb") as file:
        expected = set(gettext.GNUTranslations(file)._catalog.values())

    read = {translation for _, translation in source._read_mo(path.read_bytes())}

    assert {text for text in expected if not text.startswith("Project-Id-Version")} == read


def test_six_languages_in_three_pairs_are_equally_frequent(source, variant):
    drawn = set(codes(variant))
    pairs = [pair for family in source.FAMILIES.values() for pair in family if drawn >= {*pair}]

    assert len(drawn) == 6
    assert len(pairs) >= 3
    for split in (variant.hidden, variant.sealed):
        assert np.bincount(split.labels).tolist() == [500] * 6


def test_snippets_are_whole_words_of_the_declared_length(variant):
    for text in texts(variant, variant.hidden.inputs["ids"]):
        assert 24 <= len(text) <= 48
        assert text == " ".join(text.split())


def test_message_numbers_do_not_tell_of_hidden_messages(variant):
    numbers = list(dict.fromkeys(int(row["message"]) for row in rows(variant)))

    assert all(after == before + 1 for before, after in pairwise(numbers))


def test_the_ids_are_dealt_anew_for_each_variant(open_bank):
    variants = [open_bank.items[KEY].draw(seed) for seed in (0, 1)]
    one, other = (json.loads(variant.files["vocabulary.json"]) for variant in variants)

    assert sorted(one) == sorted(other)
    assert one[0] == other[0] == ""
    assert one != other


def test_runs_of_letters_tell_the_languages_and_single_letters_do_not(open_bank, variant):
    cuts = open_bank.items[KEY].spec.metric.cuts

    assert naive_bayes(variant, 3) > cuts[4] + 0.02
    assert naive_bayes(variant, 1) < cuts[3]


def test_a_variant_takes_one_of_the_equally_hard_sets(source, variant):
    assert " ".join(sorted(codes(variant))) in source.LANGUAGE_SETS


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_equally_hard_sets_are_those_within_the_bounds(source):
    listed = [line.split() for line in source.LANGUAGE_SETS.strip().splitlines()]

    assert listed == source.measured_sets()
