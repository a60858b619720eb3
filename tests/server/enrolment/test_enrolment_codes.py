from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.server.enrolment import codes

any_code = st.builds(lambda seed: codes.new_code(random.Random(seed).choice), st.integers())


def test_it_has_none_of_the_symbols_that_look_alike():
    assert not set("0O1IL5S") & set(codes.ALPHABET)


def test_a_code_is_read_in_groups_of_four():
    assert codes.shown("7KQM3XWP9TDA") == "7KQM-3XWP-9TDA"


@given(any_code)
def test_what_is_made_is_well_formed(code):
    assert codes.is_well_formed(code)


@given(any_code)
def test_capitals_and_separators_do_not_matter(code):
    typed = f"  {codes.shown(code).lower().replace('-', ' – ', 1)} "

    assert codes.plain(typed) == code


def test_full_width_letters_of_a_chinese_keyboard_are_understood():
    assert codes.plain("７ＫＱＭ－３ＸＷＰ－９ＴＤＡ") == "7KQM3XWP9TDA"


@given(any_code, st.integers(0, codes.LENGTH - 1), st.sampled_from(codes.ALPHABET))
def test_it_finds_every_single_wrong_symbol(code, place, symbol):
    wrong = code[:place] + symbol + code[place + 1 :]

    assert codes.is_well_formed(wrong) == (wrong == code)


@given(any_code, st.integers(0, codes.LENGTH - 1), st.integers(0, codes.LENGTH - 1))
def test_it_finds_every_exchange_of_two_symbols(code, one, other):
    swapped = list(code)
    swapped[one], swapped[other] = swapped[other], swapped[one]
    wrong = "".join(swapped)

    assert codes.is_well_formed(wrong) == (wrong == code)


@pytest.mark.parametrize("typed", ["", "ABC", "O" * 12, "7KQM3XWP9TDA7", "７" * 11 + "é"])
def test_anything_else_is_not_well_formed(typed):
    assert not codes.is_well_formed(codes.plain(typed))
