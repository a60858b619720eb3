from __future__ import annotations

import csv
import io
import json
import runpy

import numpy as np
import pytest

from assay.items.texts import kinds

KEY = "text/sms_spam"

COLLECTION = """ham\tGo until jurong point, crazy.. Available only in bugis
spam\tWIN £100 now! Call 09061701461 before 5 pm, claim code K52
spam\tWIN £200 now! Call 09061743386 before 6 pm, claim code K61
ham\tI said "ok
ham\tNa"ah, she said
ham\t:-)
"""


@pytest.fixture
def source(source_of):
    return source_of(KEY)


@pytest.fixture
def collection(tmp_path):
    path = tmp_path / "SMSSpamCollection"
    path.write_text(COLLECTION, encoding="utf-8")
    return path


@pytest.fixture(params=[0, 1])
def variant(request, open_bank, data_mirror):
    return open_bank.items[KEY].draw(request.param)


def split_of(source):
    return runpy.run_path(str(source._TOKENIZER))["split"]


def test_quotation_marks_merge_no_messages(source, collection):
    messages = source.read(collection)

    assert [label for label, _ in messages] == [0, 1, 1, 0, 0, 0]
    assert messages[3][1] == 'I said "ok'
    assert messages[1][1].startswith("WIN £100")


def test_a_number_is_as_many_digits(source):
    assert split_of(source)("Call 09061701461, 5 pm: WIN £100!") == [
        *("call", "#11", "#1", "pm", "win", "£", "#3", "!"),
    ]


def test_messages_that_say_nearly_the_same_are_of_one_kind(source, collection):
    texts = [split_of(source)(text) for _, text in source.read(collection)]

    kind_of = kinds(texts).tolist()

    assert kind_of[1] == kind_of[2]
    assert len(set(kind_of)) == 5


def test_no_message_is_like_one_of_another_set(source, data_mirror):
    messages = source.read(data_mirror / "sms_spam" / "SMSSpamCollection")
    kind_of = kinds([split_of(source)(text) for _, text in messages])
    labels = np.array([label for label, _ in messages])

    train, hidden, sealed = source._deal(np.random.default_rng(1), labels, kind_of)

    assert len(messages) == 5574
    assert not set(kind_of[train]) & set(kind_of[hidden])
    assert not set(kind_of[train]) & set(kind_of[sealed])
    assert len({*kind_of[hidden], *kind_of[sealed]}) == len(hidden) + len(sealed)


def test_the_bundles_tokenizer_encodes_as_the_grader_does(variant, tmp_path):
    for name, data in variant.files.items():
        (tmp_path / name).write_bytes(data)
    rows = list(csv.DictReader(io.StringIO(variant.files["train.csv"].decode())))

    encode = runpy.run_path(str(tmp_path / "tokenizer.py"))["encode"]

    assert np.array_equal(encode([row["text"] for row in rows]), variant.train["ids"])
    assert 1200 < len(rows) < 1500
    assert 150 < sum(row["spam"] == "1" for row in rows) < 500


def test_the_vocabulary_has_the_declared_size(variant):
    vocabulary = json.loads(variant.files["vocabulary.json"])

    assert len(vocabulary) == len(set(vocabulary)) == 1000


def test_spam_is_as_rare_in_both_hidden_sets(variant):
    for split in (variant.hidden, variant.sealed):
        assert np.bincount(split.labels).tolist() == [1840, 160]
