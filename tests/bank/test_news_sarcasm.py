from __future__ import annotations

import csv
import json
import runpy

import numpy as np
import pytest

from assay.items.texts import kinds

KEY = "text/news_sarcasm"

HEADLINES = [
    ("mom starting to fear son's web series", 1),
    ("former clerk sues over 'secret' code", 0),
    ('nation, "shocked", buys more boats', 1),
]


@pytest.fixture
def source(source_of):
    return source_of(KEY)


def write_csv(path, headlines):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["article_url", "article_title", "is_sarcastic", "lang", "title_length"])
        for text, label in headlines:
            writer.writerow(["https://example.org/a", text, label, "en", len(text)])
        writer.writerow(["https://example.org/b", "Man bijt hond", 1, "nl", 13])
    return path


def write_list(path, headlines):
    records = [{"article_link": "-", "headline": t, "is_sarcastic": y} for t, y in headlines]
    path.write_text(json.dumps(records), encoding="utf-8")
    return path


def write_lines(path, headlines):
    records = [{"article_link": "-", "headline": t, "is_sarcastic": y} for t, y in headlines]
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def made_up(count):
    """Return different headlines of made-up words, half of them sarcastic."""
    rng = np.random.default_rng(1)
    words = [a + b + c for a in "bdfgk" for b in "aeiou" for c in ("", "nta", "r", "lom", "sh")]
    words += [word + "s" for word in words]
    words += [word + "ed" for word in words]
    words += [word + "ing" for word in words]
    texts = {
        " ".join(words[i] for i in rng.integers(len(words), size=9)): None for _ in range(count)
    }
    return [(text, i % 2) for i, text in enumerate(texts)]


@pytest.mark.parametrize("write", [write_csv, write_list, write_lines])
def test_it_reads_every_form_that_the_headlines_go_round_in(source, tmp_path, write):
    path = write(tmp_path / "headlines", HEADLINES)

    assert source.read(path) == HEADLINES


def test_a_headline_that_occurs_twice_is_read_once(source, tmp_path):
    path = write_list(tmp_path / "headlines", [*HEADLINES, HEADLINES[0]])

    assert source.read(path) == HEADLINES


def test_the_tokenizer_splits_as_the_classic_exam_does(source):
    split = runpy.run_path(str(source._TOKENIZER))["split"]

    assert split("'Secret' Black-Code: mom's web_series, 2nd try!") == [
        *("'secret'", "black", "code", "mom's", "web", "series", "2nd", "try"),
    ]


def test_padding_and_cutting_off_are_at_the_end(source):
    encode = runpy.run_path(str(source._TOKENIZER))["encode"]

    ids = encode(["a b zebra", "a " * 200], vocabulary=["", "<OOV>", "b", "a"])

    assert ids.shape == (2, 120)
    assert ids[0, :5].tolist() == [3, 2, 1, 0, 0]
    assert ids[1].tolist() == [3] * 120


def test_a_variant_keeps_the_sets_apart(source, tmp_path, monkeypatch):
    path = write_csv(tmp_path / "headlines", made_up(3000))
    monkeypatch.setattr(source, "fetch", lambda _folder, _name: path)
    monkeypatch.setattr(source, "HIDDEN", 500)
    monkeypatch.setattr(source, "SPARE", 100)

    variant = source.variant(1)

    rows = [
        {row.tobytes() for row in ids}
        for ids in (
            variant.train["ids"],
            variant.hidden.inputs["ids"],
            variant.sealed.inputs["ids"],
        )
    ]
    assert len(rows[1]) == len(rows[2]) == 500
    assert not rows[0] & rows[1]
    assert not rows[0] & rows[2]
    assert not rows[1] & rows[2]
    assert len(json.loads(variant.files["vocabulary.json"])) == 1000
    assert variant.hidden.inputs["ids"].max() <= 999


def test_the_bundles_tokenizer_encodes_as_the_grader_does(source, tmp_path, monkeypatch):
    path = write_csv(tmp_path / "headlines", made_up(2000))
    monkeypatch.setattr(source, "fetch", lambda _folder, _name: path)
    monkeypatch.setattr(source, "HIDDEN", 200)
    monkeypatch.setattr(source, "SPARE", 50)
    variant = source.variant(2)
    folder = tmp_path / "bundle"
    folder.mkdir()
    for name, data in variant.files.items():
        (folder / name).write_bytes(data)

    encode = runpy.run_path(str(folder / "tokenizer.py"))["encode"]

    records = json.loads(variant.files["train.json"])
    encoded = encode([record["headline"] for record in records])
    assert np.array_equal(encoded, variant.train["ids"])


def test_near_duplicates_are_for_training(source):
    headlines = [(f"area man number {i} opens another shop in town", 1) for i in range(5)]
    headlines += made_up(60)
    split = runpy.run_path(str(source._TOKENIZER))["split"]
    kind_of = kinds([split(text) for text, _ in headlines])
    source.SPARE = 0

    train, hidden, sealed = source.deal(np.random.default_rng(1), headlines, kind_of, 25)

    assert len(hidden) == len(sealed) == 25
    assert set(headlines[:5]) <= set(train)
