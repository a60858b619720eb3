from __future__ import annotations

import csv
import io
import json
import re
import runpy

import numpy as np
import pytest

KEY = "text/gatehouse"
NAME = r"([老小].)"


@pytest.fixture
def source(source_of):
    return source_of(KEY)


@pytest.fixture(scope="module", params=[0, 1])
def variant(request, open_bank):
    return open_bank.items[KEY].draw(request.param)


def rows(variant):
    return list(csv.DictReader(io.StringIO(variant.files["train.csv"].decode())))


def people(variant):
    return json.loads(variant.files["people.json"])


def texts(variant, ids):
    vocabulary = json.loads(variant.files["vocabulary.json"])
    return ["".join(vocabulary[i] for i in row) for row in ids]


def holder(text, thing):
    """Return who has `thing`, by rules that know nothing of the generator."""
    gets = [
        rf"把{thing}(?:交给|送给|还给)了{NAME}",
        rf"给{NAME}送去了{thing}",
        rf"让{NAME}收下了{thing}",
        rf"{NAME}从{NAME}那里拿走了{thing}",
        rf"{NAME}向{NAME}要走了{thing}",
        rf"{NAME}替{NAME}保管起了{thing}",
        rf"{NAME}把{NAME}的{thing}借走了",
        rf"{thing}被{NAME}从{NAME}家取走了",
        rf"{thing}被{NAME}转交给了{NAME}",
        rf"{thing}由{NAME}送到了{NAME}手上",
    ]
    last = None
    for sentence in text.split("。"):
        for number, pattern in enumerate(gets):
            match = re.search(pattern, sentence)
            if match:
                last = match.group(len(match.groups()) if number > 7 else 1)
    return last


def test_whoever_reads_the_notes_gets_all_of_them_right(variant, source):
    things = [thing for thing, _ in source.THINGS]
    train = rows(variant)
    thing = max(things, key=lambda t: sum(t in row["text"] for row in train))

    assert [holder(row["text"], thing) for row in train] == [row["holder"] for row in train]
    hidden = texts(variant, variant.hidden.inputs["ids"])
    found = [people(variant).index(holder(text, thing)) for text in hidden]
    assert found == variant.hidden.labels.tolist()


def test_the_bundles_tokenizer_encodes_as_the_grader_does(variant, tmp_path):
    for name, data in variant.files.items():
        (tmp_path / name).write_bytes(data)

    encode = runpy.run_path(str(tmp_path / "tokenizer.py"))["encode"]

    encoded = encode([row["text"] for row in rows(variant)])
    assert encoded.dtype == np.int32
    assert np.array_equal(encoded, variant.train["ids"])
    hidden = variant.hidden.inputs["ids"]
    assert np.array_equal(encode(texts(variant, hidden)), hidden)


def test_the_six_hold_it_equally_often(variant):
    for split in (variant.hidden, variant.sealed):
        assert sorted(np.bincount(split.labels).tolist()) == [833] * 4 + [834] * 2


def test_three_families_have_an_old_and_a_young_one_each(variant):
    assert sorted(name[0] for name in people(variant)) == ["小"] * 3 + ["老"] * 3
    assert len({name[1] for name in people(variant)}) == 3


def test_a_writer_deals_each_chain_to_one_set(source):
    names = ["老王", "小王", "老李", "小李", "老陈", "小陈"]
    writer = source.Writer(
        rng=np.random.default_rng(1), seed=1, people=names, thing="地图", other="风筝"
    )
    train, hidden, sealed = (
        {note.chain for note in part} for part in writer.write((600, 300, 300), 64)
    )

    assert not train & hidden
    assert not train & sealed
    assert not hidden & sealed


def test_the_ids_are_dealt_anew_for_each_variant(open_bank):
    one, other = (
        json.loads(open_bank.items[KEY].draw(seed).files["vocabulary.json"]) for seed in (0, 1)
    )

    assert len(one) == len(other) == 73
    assert one[:2] == other[:2] == ["", "?"]
    assert one != other


def test_naming_the_last_person_falls_short(open_bank, variant):
    guesses = [
        people(variant).index(re.findall("|".join(people(variant)), text)[-1])
        for text in texts(variant, variant.hidden.inputs["ids"])
    ]

    accuracy = np.mean(guesses == variant.hidden.labels)
    assert accuracy < open_bank.items[KEY].spec.metric.cuts[2]
