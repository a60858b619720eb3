"""Draws variants of text/gatehouse: notes in Chinese about a thing that changes hands.

A note tells of three to five events in their order. Some hand the thing on, told with 把, 被,
从, 给 and 替, so that the receiver stands now first and now last; some only nearly do; some tell
of another thing, or of another day. Asked is who has the thing in the end.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import runpy
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assay.items.texts import vocabulary
from assay.items.variant import Split, Variant

TRAIN = 6000  # notes
HIDDEN = 5000  # notes, in each of the hidden and the sealed set
VOCABULARY = 73  # characters, the padding and the unknown one included
SHARES = (0.6, 0.2, 0.2)  # of the chains of people: training, hidden, sealed

SURNAMES = "王李张刘陈杨赵周吴徐孙马朱胡郭何林高罗郑"
GENERATIONS = "老小"
# In Chinese, in English. What is asked for, and what else changes hands.
THINGS = (
    ("包裹", "a parcel"),
    ("相册", "a photo album"),
    ("口琴", "a mouth organ"),
    ("灯笼", "a lantern"),
    ("象棋", "a set of chess"),
    ("风筝", "a kite"),
    ("剪刀", "a pair of scissors"),
    ("地图", "a map"),
)

# {a} has the thing {x} and {b} gets it.
HANDED = (
    "{a}把{x}交给了{b}",
    "{a}把{x}送给了{b}",
    "{a}把{x}还给了{b}",
    "{a}给{b}送去了{x}",
    "{a}让{b}收下了{x}",
    "{b}从{a}那里拿走了{x}",
    "{b}向{a}要走了{x}",
    "{b}替{a}保管起了{x}",
    "{b}把{a}的{x}借走了",
    "{x}被{b}从{a}家取走了",
    "{x}被{a}转交给了{b}",
    "{x}由{a}送到了{b}手上",
)
# {a} has the thing, {b} nearly gets it.
MISSED = (
    "{a}想把{x}交给{b}，{b}没要",
    "{a}没有把{x}还给{b}",
    "{b}想从{a}那里拿走{x}，没拿成",
    "{b}向{a}要{x}，没要到",
    "{x}差点被{b}从{a}家取走",
    "{a}说要给{b}送{x}，忘了",
    "{b}想替{a}保管{x}，{a}没答应",
    "{x}没有被{a}转交给{b}",
)
# Of another day: nothing changes.
EARLIER = (
    "头一天{b}把{x}借走过",
    "昨天{x}在{b}手上",
    "昨天{b}从{c}那里拿走过{x}",
    "上个月{c}把{x}送给过{b}",
)
_TOKENIZER = Path(__file__).with_name("assets") / "tokenizer.py"
TIMES = ("一早", "上午", "中午", "午后", "傍晚", "天黑后", "晚饭后", "临睡前")


@dataclass(frozen=True, kw_only=True)
class Note:
    """One note of the gatehouse."""

    text: str
    holder: str  # in the end
    chain: tuple[str, ...]  # all people in the order of the events


def variant(seed: int) -> Variant:
    """Draw families and things, write notes, deal them out by their chains of people."""
    rng = np.random.default_rng(seed)
    tokenizer = runpy.run_path(str(_TOKENIZER))
    families = [SURNAMES[i] for i in rng.choice(len(SURNAMES), 3, replace=False)]
    people = [generation + family for family in families for generation in GENERATIONS]
    people = [people[i] for i in rng.permutation(len(people))]
    thing, other = (THINGS[i] for i in rng.choice(len(THINGS), 2, replace=False))
    writer = Writer(rng=rng, seed=seed, people=people, thing=thing[0], other=other[0])
    train, hidden, sealed = writer.write((TRAIN, HIDDEN, HIDDEN), tokenizer["LENGTH"])
    known = vocabulary(rng, (note.text for note in train), size=VOCABULARY)
    encoded = [
        tokenizer["encode"]([note.text for note in part], known) for part in (train, hidden, sealed)
    ]
    splits = [
        Split(
            inputs={"ids": ids},
            labels=np.array([people.index(note.holder) for note in part], dtype=np.int64),
        )
        for ids, part in zip(encoded[1:], (hidden, sealed), strict=True)
    ]
    table = "\n".join(f"| {i} | {person} |" for i, person in enumerate(people))
    return Variant(
        files={
            "train.csv": _train_csv(train),
            "people.json": json.dumps(people, ensure_ascii=False).encode() + b"\n",
            "vocabulary.json": json.dumps(known, ensure_ascii=False).encode() + b"\n",
            "tokenizer.py": _TOKENIZER.read_bytes(),
        },
        hidden=splits[0],
        sealed=splits[1],
        texts={
            "en": {"people": table, "thing": f"{thing[1]} ({thing[0]})", "other": other[1]},
            "zh-CN": {"people": table, "thing": thing[0], "other": other[0]},
        },
        train={"ids": encoded[0]},
    )


class Writer:
    """Writes notes about one thing and six people."""

    def __init__(self, *, rng, seed: int, people: Sequence[str], thing: str, other: str) -> None:
        self._rng = rng
        self._seed = seed
        self._people = people
        self._thing = thing
        self._other = other

    def write(self, sizes: Sequence[int], longest: int) -> list[list[Note]]:
        """Return as many different notes for each set, every holder equally often."""
        sets: list[list[Note]] = [[] for _ in sizes]
        left = {
            (part, person): n // len(self._people) + (i < n % len(self._people))
            for part, n in enumerate(sizes)
            for i, person in enumerate(self._people)
        }
        seen: set[str] = set()
        while any(left.values()):
            note = self._note()
            key = (self._part(note.chain), note.holder)
            if left[key] and len(note.text) <= longest and note.text not in seen:
                seen.add(note.text)
                left[key] -= 1
                sets[key[0]].append(note)
        return [[part[i] for i in self._rng.permutation(len(part))] for part in sets]

    def _part(self, chain: Sequence[str]) -> int:
        """Return the set that a chain of people belongs to; a chain occurs in one set only."""
        digest = hashlib.sha256(f"{self._seed} {' '.join(chain)}".encode()).digest()
        place = int.from_bytes(digest[:6], "big") / 2**48
        return int(np.searchsorted(np.cumsum(SHARES)[:-1], place, side="right"))

    def _note(self) -> Note:
        rng = self._rng
        holder = self._one_of(self._people)
        chain, sentences = [holder], []
        handed = int(rng.integers(1, 4))
        others = int(rng.integers(1, 4)) if handed < 3 else int(rng.integers(0, 3))
        kinds = [0] * handed + [int(kind) for kind in rng.choice([1, 1, 2, 3], others)]
        for kind in rng.permutation(kinds):
            person, third = self._others(holder)
            forms = (HANDED, MISSED, EARLIER, HANDED)[kind]
            thing = self._other if kind == 3 else self._thing
            fields = {"a": holder, "b": person, "c": third, "x": thing}
            if kind == 3:
                fields["a"] = third  # somebody's other thing
            sentences.append((kind, self._one_of(forms).format_map(fields)))
            chain += [person, third] if kind > 1 else [person]
            if kind == 0:
                holder = person
        times = iter(sorted(rng.choice(len(TIMES), len(sentences), replace=False)))
        parts = []
        for kind, sentence in sentences:
            time = TIMES[next(times)] if kind != 2 and rng.random() < 0.4 else ""
            parts.append(f"{time}{sentence}。")
        return Note(text="".join(parts), holder=holder, chain=tuple(chain))

    def _others(self, holder: str) -> list[str]:
        """Return two more people."""
        rest = [person for person in self._people if person != holder]
        return [rest[i] for i in self._rng.choice(len(rest), 2, replace=False)]

    def _one_of(self, choices: Sequence[str]) -> str:
        return choices[self._rng.integers(len(choices))]


def _train_csv(notes: Sequence[Note]) -> bytes:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["text", "holder"])
    for note in notes:
        writer.writerow([note.text, note.holder])
    return file.getvalue().encode()
