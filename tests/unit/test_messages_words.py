"""Phrases among the parameters of a message."""

from __future__ import annotations

import pickle

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
