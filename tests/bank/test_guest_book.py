from __future__ import annotations

import csv
import io
import json
import re
import runpy

import numpy as np
import pytest

KEY = "text/guest_book"


@pytest.fixture
def source(source_of):
    return source_of(KEY)


@pytest.fixture(scope="module", params=[0, 1])
def variant(request, open_bank):
    return open_bank.items[KEY].draw(request.param)


def rows(variant):
    return list(csv.DictReader(io.StringIO(variant.files["train.csv"].decode())))


def writer_of(source, seed):
    tokenizer = runpy.run_path(str(source._TOKENIZER))
    return source.Writer(
        rng=np.random.default_rng(seed),
        place=source.PLACES["cinema"],
        tokens=tokenizer["split"],
        longest=tokenizer["LENGTH"],
    )


def test_the_bundles_tokenizer_encodes_as_the_grader_does(variant, tmp_path):
    for name, data in variant.files.items():
        (tmp_path / name).write_bytes(data)

    encode = runpy.run_path(str(tmp_path / "tokenizer.py"))["encode"]

    encoded = encode([row["text"] for row in rows(variant)])
    assert encoded.dtype == np.int32
    assert np.array_equal(encoded, variant.train["ids"])


def test_the_tokenizer_takes_words_full_stops_and_nothing_else(source):
    split = runpy.run_path(str(source._TOKENIZER))["split"]

    assert split("Mrs Nolan, by the way, found it DULL.") == [
        *("mrs", "nolan", "by", "the", "way", "found", "it", "dull", "."),
    ]


def test_the_vocabulary_has_the_declared_size_and_an_order_of_its_own(open_bank):
    variants = [open_bank.items[KEY].draw(seed) for seed in (0, 1)]
    one, other = (json.loads(variant.files["vocabulary.json"]) for variant in variants)

    assert len(one) == len(other) == len(set(one)) == 192
    assert one[:2] == other[:2] == ["", "?"]
    assert sum(a == b for a, b in zip(one[2:], other[2:], strict=True)) < 10


def test_unknown_words_are_rare(variant):
    ids = variant.hidden.inputs["ids"]

    assert np.mean(ids[ids > 0] == 1) < 0.05


def test_half_of_the_writers_liked_it(variant):
    assert np.mean([row["liked"] == "1" for row in rows(variant)]) == 0.5
    for split in (variant.hidden, variant.sealed):
        assert np.bincount(split.labels).tolist() == [2500, 2500]


def test_a_pair_of_adjectives_occurs_in_one_set_only(source):
    train, hidden, sealed = (
        {entry.pair for entry in part} for part in writer_of(source, 3).write((600, 300, 300))
    )

    assert not train & hidden
    assert not train & sealed
    assert not hidden & sealed


def test_no_entry_is_cut_off(source):
    writer = writer_of(source, 4)

    for part in writer.write((200, 200, 200)):
        assert all(len(writer._tokens(entry.text)) <= 40 for entry in part)


def test_a_verdict_says_what_its_words_say(source):
    """Turned round by its opening, by a negation before the adjective, by both not at all."""
    writer = writer_of(source, 5)
    turning = [re.escape(opening) for opening, turns in source.WRAPPERS if turns]
    for _ in range(500):
        sentence, adjective, liked = writer._verdict()
        good = adjective in source.POSITIVE
        before = sentence.removesuffix(adjective).strip()
        assured = any(before.endswith(words) for words in source.ASSURED)
        denied = not assured and any(before.endswith(f" {words}") for words in source.DENIED)
        turned = any(re.match(opening, sentence) for opening in turning)

        assert not (denied and turned)
        assert liked == (good ^ denied ^ turned)


@pytest.mark.parametrize("word", ["not", "never", "nothing", "hardly", "nobody", "but"])
def test_no_word_of_negation_tells_the_verdict(variant, word):
    liked = [row["liked"] == "1" for row in rows(variant) if f" {word} " in row["text"].lower()]

    assert len(liked) > 60
    assert abs(np.mean(liked) - 0.5) < 4 * 0.5 / len(liked) ** 0.5


def test_counting_words_falls_short(open_bank, variant):
    """Naive Bayes on the words that occur."""

    def bags(ids):
        return np.stack([np.bincount(row, minlength=192)[1:] > 0 for row in ids]).astype(float)

    labels = np.array([int(row["liked"]) for row in rows(variant)])
    train, hidden = bags(variant.train["ids"]), bags(variant.hidden.inputs["ids"])
    shares = np.stack(
        [(train[labels == k].sum(axis=0) + 1) / ((labels == k).sum() + 2) for k in (0, 1)]
    )
    scores = hidden @ np.log(shares).T + (1 - hidden) @ np.log(1 - shares).T
    accuracy = np.mean(scores.argmax(axis=1) == variant.hidden.labels)

    assert accuracy < open_bank.items[KEY].spec.metric.cuts[1]
