"""Draws variants of text/broken_tablets: a language that never was, and texts in it.

A sentence tells when it happened, who did what to what, and perhaps where. Nouns belong to
three classes, which nothing in their form shows; an adjective takes an ending after the class of
its noun, and the verb takes two: one after the class of its subject, and one after the particle
that the sentence begins with.
"""

from __future__ import annotations

import hashlib
import json
import runpy
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from assay.items.variant import Split, Variant

TRAIN = 60_000  # signs, at least
HIDDEN = 5000  # windows, in each of the hidden and the sealed set
WINDOW = 40  # signs
SENTENCES = 8  # on a tablet
SHARES = (0.6, 0.2, 0.2)  # of who did what to what: training, hidden, sealed

VOWELS = "aeiou"
CONSONANTS = "bdfghklmnprstvwz"
VOWEL_SIGNS, CONSONANT_SIGNS = 5, 15  # of a language; with the space and the full stop 22
NOUNS, PLACES, VERBS, ADJECTIVES = 18, 6, 10, 6
CLASSES = 3
WITH_PLACE, WITH_ADJECTIVE = 0.3, 0.35  # shares of sentences, of nouns
ORDERS = ("SVOP", "SVPO", "PSVO")  # subject, verb, object, place

# Where tablets are broken: inside a word that its beginning gives away, before the ending of
# an adjective, before the two of a verb, or where only a space or a full stop can follow. Shares
# of the hidden windows.
STEM, ADJECTIVE, VERB, TENSE, MARK = range(5)
BREAKS = {STEM: 0.36, ADJECTIVE: 0.20, VERB: 0.20, TENSE: 0.20, MARK: 0.04}

_TOKENIZER = Path(__file__).with_name("assets") / "tokenizer.py"


@dataclass(frozen=True, kw_only=True)
class Language:
    """Words and endings."""

    signs: str  # vowels and consonants
    nouns: Sequence[str]
    classes: Sequence[int]  # of each noun
    places: Sequence[str]
    verbs: Sequence[str]
    adjectives: Sequence[str]
    particles: Sequence[str]  # of each tense
    agreement: Sequence[str]  # ending of adjectives and verbs for each class: one sign
    tenses: Sequence[str]  # ending of verbs for each tense: one sign
    order: str
    name: str


@dataclass(kw_only=True)
class Tablet:
    """A text, and the places where it may be broken."""

    text: str = ""
    breaks: list[tuple[int, int, int]] = field(default_factory=list)
    # place of the missing sign, where its sentence begins, kind of the break


def variant(seed: int) -> Variant:
    """Invent a language, write tablets in it, break those that are hidden."""
    rng = np.random.default_rng(seed)
    tokenizer = runpy.run_path(str(_TOKENIZER))
    while True:
        language = invent(rng)
        scribe = Scribe(rng=rng, seed=seed, language=language)
        if scribe.asks_for_every_sign():
            break
    vocabulary = [*language.signs, " ", "."]
    vocabulary = [vocabulary[i] for i in rng.permutation(len(vocabulary))]

    def encode(texts: Sequence[str]):
        return np.stack([tokenizer["encode"](text, vocabulary) for text in texts])

    tablets = [scribe.write(0)]
    while sum(len(tablet.text) for tablet in tablets) < TRAIN:
        tablets.append(scribe.write(0))
    train = [t.text[i : i + WINDOW] for t in tablets for i in range(len(t.text) - WINDOW)]
    seen = set(train)
    splits = []
    for part in (1, 2):
        windows, answers = _broken(rng, scribe, part, seen)
        labels = np.array([vocabulary.index(sign) for sign in answers], dtype=np.int64)
        splits.append(Split(inputs={"signs": encode(windows)}, labels=labels))
    numbers = {
        "language": language.name,
        "tablets": f"{len(tablets):,}",
        "signs": f"{sum(len(t.text) for t in tablets):,}",
    }
    return Variant(
        files={
            "tablets.txt": "".join(f"{tablet.text}\n" for tablet in tablets).encode(),
            "vocabulary.json": json.dumps(vocabulary).encode() + b"\n",
            "tokenizer.py": _TOKENIZER.read_bytes(),
        },
        hidden=splits[0],
        sealed=splits[1],
        texts={"en": numbers, "zh-CN": numbers},
        train={"signs": encode(train)},
    )


def invent(rng: np.random.Generator) -> Language:
    """Return a language of its own."""
    consonants = [CONSONANTS[i] for i in rng.permutation(len(CONSONANTS))[:CONSONANT_SIGNS]]
    frequency = rng.dirichlet(np.full(CONSONANT_SIGNS, 4.0))
    taken: set[str] = set()

    def word(least: int, most: int, tail: str) -> str:
        """Return a new word, no beginning of another and begun by none."""
        while True:
            letters = [
                str(rng.choice(consonants, p=frequency)) + VOWELS[rng.integers(len(VOWELS))]
                for _ in range(rng.integers(least, most + 1))
            ]
            new = "".join(letters) + (str(rng.choice(consonants)) if tail == "C" else "")
            if not any(new.startswith(old) or old.startswith(new) for old in taken):
                taken.add(new)
                return new

    particles = [word(1, 1, "") for _ in range(2)]
    agreement = [str(sign) for sign in rng.choice(list(VOWELS), CLASSES, replace=False)]
    return Language(
        signs=VOWELS + "".join(consonants),
        nouns=[word(2, 2, "") for _ in range(NOUNS)],
        classes=[int(i) for i in rng.permutation(np.arange(NOUNS) % CLASSES)],
        places=[word(2, 2, "C") for _ in range(PLACES)],
        verbs=[word(1, 2, "C") for _ in range(VERBS)],
        adjectives=[word(1, 2, "C") for _ in range(ADJECTIVES)],
        particles=particles,
        agreement=agreement,
        tenses=[str(sign) for sign in rng.choice(consonants, 2, replace=False)],
        order=ORDERS[rng.integers(len(ORDERS))],
        name=word(2, 3, "").capitalize(),
    )


class Scribe:
    """Writes tablets in one language."""

    def __init__(self, *, rng, seed: int, language: Language) -> None:
        self._rng = rng
        self._seed = seed
        self._language = language
        words = [*language.nouns, *language.places, *language.verbs, *language.adjectives]
        self._clear = {
            word: min(
                n
                for n in range(1, len(word) + 1)
                if sum(other.startswith(word[:n]) for other in (*words, *language.particles)) == 1
            )
            for word in words
        }

    def asks_for_every_sign(self) -> bool:
        """Return whether each sign is missing somewhere, if enough tablets are broken."""
        endings = {*self._language.agreement, *self._language.tenses}
        return {s for word, n in self._clear.items() for s in word[n:]} | endings >= set(
            self._language.signs
        )

    def write(self, part: int) -> Tablet:
        """Return a tablet with sentences of one set."""
        tablet = Tablet()
        for _ in range(SENTENCES):
            self._sentence(tablet, part)
        return tablet

    def _sentence(self, tablet: Tablet, part: int) -> None:
        rng, language = self._rng, self._language
        while True:
            subject, thing = rng.choice(NOUNS, 2, replace=False)
            verb = rng.integers(VERBS)
            if self._part(f"{subject} {thing} {verb}") == part:
                break
        tense = int(rng.integers(2))
        if tablet.text:
            tablet.text += " "
        start = len(tablet.text)
        tablet.text += language.particles[tense]
        tablet.breaks.append((len(tablet.text), start, MARK))
        last = ""  # role of the last word; "?": an adjective may follow
        for role in language.order:
            if role == "P" and rng.random() > WITH_PLACE:
                continue
            tablet.text += " "
            if role == "P":
                self._word(tablet, start, language.places[rng.integers(PLACES)])
                last = "P"
            elif role == "V":
                self._word(tablet, start, language.verbs[verb])
                ending = language.agreement[language.classes[subject]]
                self._ending(tablet, start, ending, VERB)
                self._ending(tablet, start, language.tenses[tense], TENSE)
            else:
                noun = subject if role == "S" else thing
                self._word(tablet, start, language.nouns[noun])
                last = "?"  # perhaps an adjective
                if rng.random() < WITH_ADJECTIVE:
                    tablet.text += " "
                    self._word(tablet, start, language.adjectives[rng.integers(ADJECTIVES)])
                    ending = language.agreement[language.classes[noun]]
                    self._ending(tablet, start, ending, ADJECTIVE)
                    last = role
        if language.order.endswith(last):  # else a place may follow
            tablet.breaks.append((len(tablet.text), start, MARK))
        tablet.text += "."

    def _word(self, tablet: Tablet, start: int, word: str) -> None:
        place = len(tablet.text)
        tablet.breaks += [(place + n, start, STEM) for n in range(self._clear[word], len(word))]
        tablet.text += word

    @staticmethod
    def _ending(tablet: Tablet, start: int, sign: str, kind: int) -> None:
        tablet.breaks.append((len(tablet.text), start, kind))
        tablet.text += sign

    def _part(self, deed: str) -> int:
        """Return the set that a deed belongs to: who did what to what is told in one only."""
        digest = hashlib.sha256(f"{self._seed} {deed}".encode()).digest()
        place = int.from_bytes(digest[:6], "big") / 2**48
        return int(np.searchsorted(np.cumsum(SHARES)[:-1], place, side="right"))


def _broken(
    rng: np.random.Generator, scribe: Scribe, part: int, seen: set[str]
) -> tuple[list[str], list[str]]:
    """Return windows before a break, and the missing signs; new ones are added to `seen`."""
    left = {kind: round(share * HIDDEN) for kind, share in BREAKS.items()}
    pairs = []
    while any(left.values()):
        tablet = scribe.write(part)
        # A few of each tablet, so that the windows overlap little.
        for i in rng.permutation(len(tablet.breaks))[:8]:
            place, start, kind = tablet.breaks[i]
            window = tablet.text[max(0, place - WINDOW) : place]
            if place >= WINDOW and start >= place - WINDOW and left[kind] and window not in seen:
                seen.add(window)
                left[kind] -= 1
                pairs.append((window, tablet.text[place]))
    pairs = [pairs[i] for i in rng.permutation(len(pairs))]
    return [window for window, _ in pairs], [sign for _, sign in pairs]
