"""Phrases among the parameters of a message."""

from __future__ import annotations

import pickle

import pytest

from assay.items.errors import EvidenceWeak
from assay.messages import Language, Words, translate

PHRASE = Words("an hour for {who}", who="Alice")


def test_a_phrase_is_its_english_text():
    assert PHRASE == "an hour for Alice"


def test_a_phrase_is_told_in_the_language_of_its_message(monkeypatch):
    class Catalogue:
        def gettext(self, message):
            return {"It takes {time}.": "用时{time}。", "an hour for {who}": "{who}的一小时"}[
                message
            ]

    monkeypatch.setattr("assay.messages._catalogue", lambda _language: Catalogue())

    assert translate("It takes {time}.", Language.CHINESE, time=PHRASE) == "用时Alice的一小时。"


def test_a_phrase_within_a_phrase_is_told_too(monkeypatch):
    class Catalogue:
        def gettext(self, message):
            return message.upper().replace("{WHO}", "{who}")

    monkeypatch.setattr("assay.messages._catalogue", lambda _language: Catalogue())
    nested = Words("an hour for {who}", who=Words("nobody"))

    assert nested.in_language(Language.CHINESE) == "AN HOUR FOR NOBODY"


def test_a_phrase_crosses_a_process_within_an_error():
    error = EvidenceWeak(file="x", field="y", expected=PHRASE, received=1)

    again = pickle.loads(pickle.dumps(error))

    assert again.params == error.params
    assert again.params["expected"].params == {"who": "Alice"}


@pytest.mark.parametrize(
    ("template", "value", "said"),
    [
        ("应为 {x}，", "形状 (3, 4)", "应为形状 (3, 4)，"),
        ("应为 {x}，", "6", "应为 6，"),
        ("{x} 的长度", "文件", "文件的长度"),
        ("{x} 的长度", "data.py", "data.py 的长度"),
        ("{x!r:>5} 个", "a", "  'a' 个"),
        ("{x:.1f} 米", 2.25, "2.2 米"),
        ("for {x} only", "张三", "for 张三 only"),
        ("甲 {{{x}}} 乙", "丙", "甲 {丙} 乙"),
    ],
)
def test_no_space_stands_between_two_chinese_characters(template, value, said):
    assert translate(template, Language.ENGLISH, x=value) == said
