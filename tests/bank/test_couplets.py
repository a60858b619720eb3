from __future__ import annotations

import csv
import io
import json
import runpy

import numpy as np
import pytest

KEY = "text/couplets"

POEMS = [
    {"paragraphs": ["白日依山盡，黃河入海流。", "欲窮千里目，更上一層樓。"]},
    {"paragraphs": ["春眠不覺曉，處處聞啼鳥。", "夜來風雨聲，花落知多少。", "三字句，三字句。"]},
    {
        "paragraphs": [
            "白日依山盡，黃河入海流。",
            "獨坐幽篁裏，彈琴復長嘯。",
            "深林人不知，明月來相照。",
        ]
    },
    {"paragraphs": ["故人西辭黃鶴樓，煙花三月下揚州。", "孤帆遠影碧空盡，惟見長江天際流。"]},
]


@pytest.fixture
def source(source_of):
    return source_of(KEY)


@pytest.fixture
def poems(tmp_path):
    path = tmp_path / "poet.tang.0.json"
    path.write_text(json.dumps(POEMS, ensure_ascii=False), encoding="utf-8")
    return path


@pytest.fixture(params=[0, 1])
def variant(request, open_bank, data_mirror):
    return open_bank.items[KEY].draw(request.param)


def rows(variant):
    return list(csv.DictReader(io.StringIO(variant.files["train.csv"].decode())))


def test_a_card_has_two_successive_couplets_of_five(source, poems):
    cards = source.read([poems])

    assert [card.lines for card in cards] == [
        ("白日依山盡", "黃河入海流", "欲窮千里目", "更上一層樓"),
        ("春眠不覺曉", "處處聞啼鳥", "夜來風雨聲", "花落知多少"),
        ("獨坐幽篁裏", "彈琴復長嘯", "深林人不知", "明月來相照"),
    ]


def test_poems_that_share_a_line_belong_together(source, poems):
    cards = source.read([poems])

    assert cards[0].poem == cards[2].poem != cards[1].poem


def test_the_lines_of_each_couplet_change_places(source, poems):
    card = source.read([poems])[0]

    assert card.text(swapped=False) == "白日依山盡，黃河入海流。欲窮千里目，更上一層樓。"
    assert card.text(swapped=True) == "黃河入海流，白日依山盡。更上一層樓，欲窮千里目。"


def test_whole_poems_are_in_one_set(source, data_mirror):
    cards = source.read([data_mirror / "chinese_poetry" / name for name in source.FILES])

    train, hidden, sealed = (
        {card.poem for card in part} for part in source._deal(np.random.default_rng(1), cards)
    )

    assert len(cards) > 14_000
    assert not train & hidden
    assert not train & sealed
    assert not hidden & sealed


def test_half_of_each_set_is_swapped(variant):
    assert abs(np.mean([row["swapped"] == "1" for row in rows(variant)]) - 0.5) < 0.001
    for split in (variant.hidden, variant.sealed):
        assert np.bincount(split.labels).tolist() == [1250, 1250]


def test_the_bundles_tokenizer_encodes_as_the_grader_does(variant, tmp_path):
    for name, data in variant.files.items():
        (tmp_path / name).write_bytes(data)

    encode = runpy.run_path(str(tmp_path / "tokenizer.py"))["encode"]

    assert np.array_equal(encode([row["text"] for row in rows(variant)]), variant.train["ids"])


def test_no_hidden_couplet_is_in_the_training_cards(variant):
    """Whichever way round; unknown characters are taken for equal."""

    def couplets(ids):
        lines = ids.reshape(-1, 2, 5).tolist()
        return {frozenset(map(tuple, couplet)) for couplet in lines if np.all(couplet)}

    train = couplets(variant.train["ids"])

    assert len(train & couplets(variant.hidden.inputs["ids"])) == 0
    assert len(train & couplets(variant.sealed.inputs["ids"])) == 0


def test_the_vocabulary_has_the_declared_size_and_an_order_of_its_own(open_bank, data_mirror):
    one, other = (
        json.loads(open_bank.items[KEY].draw(seed).files["vocabulary.json"]) for seed in (0, 1)
    )

    assert len(one) == len(other) == len(set(one)) == 3000
    assert one != other
