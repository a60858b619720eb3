"""Draws variants of text/couplets from poems of the Tang and the Song.

A card has two successive couplets of a poem in lines of five characters. On half of the cards
the two lines of each couplet have changed places: the same characters, in another order.
"""

from __future__ import annotations

import csv
import io
import json
import re
import runpy
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assay.items.downloads import fetch
from assay.items.texts import vocabulary
from assay.items.variant import Split, Variant

FILES = (
    *(f"poet.tang.{n}.json" for n in (0, 10000, 20000, 30000, 40000, 50000)),
    *(f"poet.song.{n}.json" for n in (0, 40000, 80000, 120000, 160000, 200000)),
)
HIDDEN = 2500  # cards, in each of the hidden and the sealed set
VOCABULARY = 3000  # characters, the unknown one included
COUPLET = re.compile(r"(\w{5})，(\w{5})。")

_TOKENIZER = Path(__file__).with_name("assets") / "tokenizer.py"


@dataclass(frozen=True, kw_only=True)
class Card:
    """Two successive couplets."""

    lines: tuple[str, str, str, str]  # as the poet wrote them
    poem: int  # poems that share a line share the number

    def text(self, *, swapped: bool) -> str:
        """Return the card's text, with the lines of both couplets in their places or not."""
        a, b, c, d = self.lines
        return f"{b}，{a}。{d}，{c}。" if swapped else f"{a}，{b}。{c}，{d}。"


def variant(seed: int) -> Variant:
    """Deal out the poems, swap the lines on half of the cards."""
    rng = np.random.default_rng(seed)
    tokenizer = runpy.run_path(str(_TOKENIZER))
    cards = read([fetch(Path(__file__).parent, name) for name in FILES])
    parts = _deal(rng, cards)
    swapped = [rng.permutation(np.arange(len(part)) % 2) for part in parts]
    texts = [
        [card.text(swapped=bool(swap)) for card, swap in zip(part, swaps, strict=True)]
        for part, swaps in zip(parts, swapped, strict=True)
    ]
    characters = ([c for c in text if c not in "，。"] for text in texts[0])
    known = vocabulary(rng, characters, size=VOCABULARY, special=("?",))
    train, *encoded = [tokenizer["encode"](part, known) for part in texts]
    hidden, sealed = (
        Split(inputs={"ids": ids}, labels=labels.astype(np.int64))
        for ids, labels in zip(encoded, swapped[1:], strict=True)
    )
    numbers = {"train_size": f"{len(train):,}"}
    return Variant(
        files={
            "train.csv": _train_csv(parts[0], texts[0], swapped[0]),
            "vocabulary.json": json.dumps(known, ensure_ascii=False).encode() + b"\n",
            "tokenizer.py": _TOKENIZER.read_bytes(),
        },
        hidden=hidden,
        sealed=sealed,
        texts={"en": numbers, "zh-CN": numbers},
        train={"ids": train},
    )


def read(paths: Sequence[Path]) -> list[Card]:
    """Return the cards of all poems; a couplet with a line of another poem is left out there."""
    poems = [poem["paragraphs"] for path in paths for poem in json.loads(path.read_text("utf-8"))]
    first: dict[str, int] = {}  # the poem in which a line was seen first
    parent = list(range(len(poems)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    found = []
    for number, paragraphs in enumerate(poems):
        pending: list[str] = []
        for paragraph in paragraphs:
            match = COUPLET.fullmatch(paragraph)
            lines = match.groups() if match else ()
            # Versions of one poem differ in a character here and there, seldom in every line.
            known = {first.setdefault(line, number) for line in lines} - {number}
            for other in known:
                parent[root(number)] = root(other)
            if not match or known:
                pending = []
                continue
            pending += lines
            if len(pending) == 4:
                found.append((tuple(pending), number))
                pending = []
    return [Card(lines=lines, poem=root(number)) for lines, number in found]


def _deal(rng: np.random.Generator, cards: Sequence[Card]) -> list[list[Card]]:
    """Return the cards for training, hidden and sealed set; poems stay together."""
    numbers = sorted({card.poem for card in cards})
    by_poem: dict[int, list[Card]] = {int(poem): [] for poem in rng.permutation(numbers)}
    for card in cards:
        by_poem[card.poem].append(card)
    hidden: list[Card] = []
    sealed: list[Card] = []
    train: list[Card] = []
    for these in by_poem.values():
        part = next((p for p in (hidden, sealed) if len(p) + len(these) <= HIDDEN), train)
        part.extend(these)
    return [[part[i] for i in rng.permutation(len(part))] for part in (train, hidden, sealed)]


def _train_csv(cards: Sequence[Card], texts: Sequence[str], swapped: Sequence[int]) -> bytes:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["text", "swapped", "poem"])
    numbers: dict[int, int] = {}  # the candidate's, without gaps that tell of hidden ones
    for card, text, swap in zip(cards, texts, swapped, strict=True):
        writer.writerow([text, int(swap), numbers.setdefault(card.poem, len(numbers))])
    return file.getvalue().encode()
