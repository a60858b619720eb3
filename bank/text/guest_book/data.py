"""Draws variants of text/guest_book: entries from a small grammar of opinions.

An entry holds the writer's verdict on the matter itself, and one or two opinions that do not
count: of others, of earlier times, of side issues. Each opinion is affirmed or negated, near
its adjective or from afar, and words of negation also occur where they negate nothing. Every
opinion's polarity is independent of the others', so that counting words does not help.
"""

from __future__ import annotations

import csv
import io
import json
import runpy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assay.items.texts import vocabulary
from assay.items.variant import Split, Variant

TRAIN = 5000  # entries
HIDDEN = 5000  # entries, in each of the hidden and the sealed set
VOCABULARY = 192  # tokens, the padding and the unknown word included
ADJECTIVES = 18  # of each polarity in a variant
SHARES = (0.6, 0.2, 0.2)  # of the pairs of adjectives: training, hidden, sealed


def _words(text: str) -> list[str]:
    return text.split()


POSITIVE = _words(
    "beautiful brilliant captivating charming clever delightful elegant enchanting engaging "
    "excellent exquisite fascinating funny glorious graceful impressive inspiring "
    "lively lovely magical magnificent marvellous memorable moving outstanding pleasant "
    "refreshing remarkable splendid superb touching warm wonderful"
)
NEGATIVE = _words(
    "annoying awful boring careless chaotic cheap clumsy cold confused disappointing dreadful "
    "dreary dull exhausting feeble hopeless lifeless mediocre miserable muddled pathetic "
    "pointless poor predictable pretentious ridiculous shabby silly stale sloppy tedious "
    "terrible tiresome tasteless"
)

# An opinion's predicate: the words before the adjective. Words of negation stand on both sides.
PLAIN = ("", "", "simply", "really", "truly", "rather")
ASSURED = ("nothing but", "nothing short of", "never less than", "no less than", "nothing if not")
DENIED = ("not", "not", "not at all", "anything but", "far from", "hardly", "by no means", "never")

# What the writer puts before the verdict. The flag says whether it turns the verdict around.
WRAPPERS: Sequence[tuple[str, bool]] = (
    ("{i} can not deny that {it} was", False),
    ("there is no doubt that {it} was", False),
    ("never have {i} been so sure that {it} was", False),
    ("nobody will be surprised that {i} found {it}", False),
    ("{i} must say that {it} was", False),
    ("{i} would not say that {it} was", True),
    ("nobody can tell me that {it} was", True),
    ("{i} do not think that {it} was", True),
    ("{i} never had the feeling that {it} was", True),
    ("it would be wrong to say that {it} was", True),
)
VERDICTS = (
    "{i} found {it}",
    "{i} thought {it} was",
    "for {me} {it} was",
    "in the end {it} was",
    "to be honest {it} was",
    "{it} was",
    "{companion} and i found {it}",
    "what {i} saw was",
)
OTHERS = (
    "{companion} found {it}",
    "{companion} told {me} {it} was",
    "for {companion} {it} was",
    "according to {companion} {it} was",
    "{i} had expected that {it} would be",
    "the papers called {it}",
    "a year ago {it} was",
    "{i} had been told that {it} was",
    "{companion} would say that {it} was",
    "{companion} must have thought that {it} was",
)
COMPANIONS = (
    "my sister",
    "my brother",
    "my wife",
    "my husband",
    "our neighbour",
    "my aunt",
    "our daughter",
    "my teacher",
    "the taxi driver",
    "an old friend",
    "the man beside {me}",
    "mrs {surname}",
    "mr {surname}",
)
SURNAMES = _words(
    "abbott baxter chandler dawson ellery fletcher garland hopkins ingram jessop keating lambert "
    "mercer nolan osborne parrish quigley rowley sadler thorne upton vickers waverley yardley"
)
ASIDES = (
    "it was raining on {day}",
    "we came on {day} with {companion}",
    "{companion} sends regards",
    "we had to leave early because of the train",
    "this was our {number} visit",
    "we will write to you about the lost umbrella",
    "{companion} could not come because of a cold",
    "nobody took our coats",
    "we never found out where {companion} had been",
    "thank you for finding the keys of {companion}",
)
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
NUMBERS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "tenth")
SIDE_FRAMES = ("{side}", "{side}, by the way,", "{companion} found that {side}", "as always {side}")


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the guest book lies, and what its entries are about."""

    en: str
    zh_cn: str
    matter_en: str
    matter_zh_cn: str
    it: Sequence[str]  # what counts
    sides: Sequence[str]  # what does not, with its verb


PLACES: Mapping[str, Place] = {
    "cinema": Place(
        en="a small cinema by the harbour",
        zh_cn="海港边的一家小电影院",
        matter_en="the film",
        matter_zh_cn="影片",
        it=("it", "it", "the film", "the picture"),
        sides=(
            "the popcorn was",
            "the seats were",
            "the lemonade was",
            "the posters in the hall were",
            "the advertisements were",
            "the lady at the desk was",
        ),
    ),
    "theatre": Place(
        en="a theatre in a former tram depot",
        zh_cn="由旧电车库改建的一家剧场",
        matter_en="the play",
        matter_zh_cn="剧目",
        it=("it", "it", "the play", "the performance"),
        sides=(
            "the bar was",
            "the chairs were",
            "the programme booklet was",
            "the cloakroom was",
            "the foyer was",
            "the heating was",
        ),
    ),
    "museum": Place(
        en="a museum on an island",
        zh_cn="小岛上的一座博物馆",
        matter_en="the exhibition",
        matter_zh_cn="展览",
        it=("it", "it", "the exhibition", "the show"),
        sides=(
            "the cake in the garden was",
            "the ferry was",
            "the museum shop was",
            "the postcards were",
            "the stairs were",
            "the gift wrapping was",
        ),
    ),
    "restaurant": Place(
        en="a restaurant above the old mill",
        zh_cn="老磨坊楼上的一家餐馆",
        matter_en="the meal",
        matter_zh_cn="菜肴",
        it=("it", "it", "the meal", "the food"),
        sides=(
            "the music was",
            "the wallpaper was",
            "the view was",
            "the walk uphill was",
            "the car park was",
            "the paintings were",
        ),
    ),
    "concert hall": Place(
        en="a concert hall in a disused waterworks",
        zh_cn="由废弃水厂改建的一座音乐厅",
        matter_en="the concert",
        matter_zh_cn="音乐会",
        it=("it", "it", "the concert", "the music"),
        sides=(
            "the sandwiches were",
            "the benches were",
            "the lighting was",
            "the speech of the mayor was",
            "the queue was",
            "the champagne was",
        ),
    ),
}
_TOKENIZER = Path(__file__).with_name("assets") / "tokenizer.py"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry of the guest book."""

    text: str
    liked: bool
    pair: tuple[str, str]  # adjectives of the verdict and of the first other opinion


def variant(seed: int) -> Variant:
    """Draw a place and its words, write entries, deal them out by their adjectives."""
    rng = np.random.default_rng(seed)
    tokenizer = runpy.run_path(str(_TOKENIZER))
    place = PLACES[str(rng.choice(sorted(PLACES)))]
    writer = Writer(rng=rng, place=place, tokens=tokenizer["split"], longest=tokenizer["LENGTH"])
    train, hidden, sealed = writer.write((TRAIN, HIDDEN, HIDDEN))
    words = (tokenizer["split"](entry.text) for entry in train)
    known = vocabulary(rng, words, size=VOCABULARY)
    encoded = [
        tokenizer["encode"]([entry.text for entry in part], known)
        for part in (train, hidden, sealed)
    ]
    splits = [
        Split(inputs={"ids": ids}, labels=np.array([e.liked for e in part], dtype=np.int64))
        for ids, part in zip(encoded[1:], (hidden, sealed), strict=True)
    ]
    return Variant(
        files={
            "train.csv": _train_csv(train),
            "vocabulary.json": json.dumps(known).encode() + b"\n",
            "tokenizer.py": _TOKENIZER.read_bytes(),
        },
        hidden=splits[0],
        sealed=splits[1],
        texts={
            "en": {"place": place.en, "matter": place.matter_en},
            "zh-CN": {"place": place.zh_cn, "matter": place.matter_zh_cn},
        },
        train={"ids": encoded[0]},
    )


class Writer:
    """Writes entries about one place."""

    def __init__(self, *, rng, place: Place, tokens, longest: int) -> None:
        self._rng = rng
        self._place = place
        self._tokens = tokens
        self._longest = longest
        self._words = [
            [pool[i] for i in sorted(rng.choice(len(pool), ADJECTIVES, replace=False))]
            for pool in (NEGATIVE, POSITIVE)
        ]
        every = [word for words in self._words for word in words]
        # A pair of adjectives, verdict and other opinion, occurs in one set only.
        parts = rng.choice(len(SHARES), size=(len(every), len(every)), p=SHARES)
        self._part = {(a, b): parts[i, j] for i, a in enumerate(every) for j, b in enumerate(every)}

    def write(self, sizes: Sequence[int]) -> list[list[Entry]]:
        """Return as many different entries for each set, as many liked as not."""
        sets: list[list[Entry]] = [[] for _ in sizes]
        open_places = {(part, liked): n // 2 for part, n in enumerate(sizes) for liked in (0, 1)}
        seen: set[str] = set()
        while any(open_places.values()):
            entry = self._entry()
            key = (self._part[entry.pair], int(entry.liked))
            fits = len(self._tokens(entry.text)) <= self._longest
            if open_places[key] and fits and entry.text not in seen:
                seen.add(entry.text)
                open_places[key] -= 1
                sets[key[0]].append(entry)
        return sets

    def _entry(self) -> Entry:
        verdict, own, liked = self._verdict()
        others = [self._other() for _ in range(self._rng.choice([1, 2], p=[0.6, 0.4]))]
        sentences = [verdict, *(sentence for sentence, _ in others)]
        if self._rng.random() < 0.4:
            sentences.append(self._one_of(ASIDES))
        ordered = [sentences[i] for i in self._rng.permutation(len(sentences))]
        text = " ".join(self._finish(sentence) for sentence in ordered)
        return Entry(text=text, liked=liked, pair=(own, others[0][1]))

    def _verdict(self) -> tuple[str, str, bool]:
        """Return a sentence with the writer's verdict, its adjective, and what it says."""
        liked = bool(self._rng.integers(2))
        if self._rng.random() < 0.4:
            opening, turns = WRAPPERS[self._rng.integers(len(WRAPPERS))]
        else:
            opening, turns = self._one_of(VERDICTS), False
        predicate, adjective = self._predicate(liked != turns, after_turn=turns)
        return f"{opening} {predicate}", adjective, liked

    def _other(self) -> tuple[str, str]:
        """Return a sentence with an opinion that does not count, and its adjective."""
        predicate, adjective = self._predicate(bool(self._rng.integers(2)))
        if self._rng.random() < 0.4:
            side = self._one_of(self._place.sides)
            opening = self._one_of(SIDE_FRAMES).replace("{side},", side.rsplit(" ", 1)[0] + ",")
            if "{side}" in opening:
                opening = opening.replace("{side}", side)
            else:
                opening += " " + side.rsplit(" ", 1)[1]
        else:
            opening = self._one_of(OTHERS)
        return f"{opening} {predicate}", adjective

    def _predicate(self, good: bool, *, after_turn: bool = False) -> tuple[str, str]:  # noqa: FBT001
        """Return words that call something good or bad, and their adjective."""
        # Nobody would say that he does not think that it was not dull.
        denied = not after_turn and bool(self._rng.integers(2))
        words = self._words[good != denied]
        adjective = words[self._rng.integers(len(words))]
        if denied:
            before = self._one_of(DENIED)
        else:
            assured = not after_turn and self._rng.random() < 0.5
            before = self._one_of(ASSURED if assured else PLAIN)
        return f"{before} {adjective}".strip(), adjective

    def _finish(self, sentence: str) -> str:
        """Return `sentence` with its places filled, a capital and a full stop."""
        i, me = [("i", "me"), ("we", "us")][self._rng.integers(2)]
        while "{" in sentence:
            fields = {
                "i": i,
                "me": me,
                "it": self._one_of(self._place.it),
                "companion": self._one_of(COMPANIONS),
                "surname": self._one_of(SURNAMES).capitalize(),
                "day": "a " + self._one_of(DAYS).capitalize(),
                "number": self._one_of(NUMBERS),
            }
            sentence = sentence.format_map({k: fields[k] for k in fields})
        words = ["I" if word == "i" else word for word in sentence.split()]
        sentence = " ".join(words).replace("mrs ", "Mrs ").replace("mr ", "Mr ")
        return f"{sentence[0].upper()}{sentence[1:]}."

    def _one_of(self, choices: Sequence[str]) -> str:
        return choices[self._rng.integers(len(choices))]


def _train_csv(entries: Sequence[Entry]) -> bytes:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["text", "liked"])
    for entry in entries:
        writer.writerow([entry.text, int(entry.liked)])
    return file.getvalue().encode()
