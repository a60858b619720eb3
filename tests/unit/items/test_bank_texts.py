from __future__ import annotations

import numpy as np
import pytest

from assay.items.texts import kinds, vocabulary

TEXTS = [["to", "be", "or", "not", "to", "be"], ["to", "see", "or", "not", "see"]]


def words(size: int, seed: int = 0, **options: object) -> list[str]:
    return vocabulary(np.random.default_rng(seed), TEXTS, size=size, **options)


def test_the_most_frequent_tokens_are_known():
    assert set(words(5)) == {"", "?", "to", "be", "not"}  # of four tokens with two each, by name


def test_special_entries_come_first():
    assert words(7)[:2] == ["", "?"]
    assert words(6, special=("?",))[0] == "?"
    assert len(words(6, special=("?",))) == 6


def test_the_order_is_the_variants_own():
    orders = {tuple(words(7, seed)) for seed in range(20)}

    assert len(orders) > 10
    assert len({frozenset(order) for order in orders}) == 1


def test_the_order_stays_what_it_is():
    """Evidence is measured on variants: an upgrade must not draw others."""
    assert vocabulary(np.random.default_rng(1), ["abcdefgh"], size=10) == [
        *("", "?", "f", "a", "b", "e", "c", "g", "d", "h"),
    ]


def test_a_text_as_it_is_has_its_characters():
    assert set(vocabulary(np.random.default_rng(0), ["hello"], size=6)) == {"", "?", *"helo"}


def test_too_few_tokens_are_an_error():
    with pytest.raises(ValueError, match="expected 9 different tokens or more, received 5"):
        words(11)


def test_texts_that_share_half_of_their_pairs_are_of_one_kind():
    near = list("quick")
    nearer = list("quicx")
    far = list("quack")

    found = kinds([near, far, nearer]).tolist()

    assert found[0] == found[2]
    assert found[1] != found[0]


def test_near_duplicates_of_near_duplicates_are_of_the_same_kind():
    chain = [list("abcdefgh"[i : i + 5]) for i in range(4)]

    assert len(set(kinds(chain).tolist())) == 1


def test_texts_of_a_word_or_none_are_compared_too():
    found = kinds([["yes"], ["no"], ["yes"], [], []]).tolist()

    assert found[0] == found[2]
    assert found[3] == found[4]
    assert len(set(found)) == 3
