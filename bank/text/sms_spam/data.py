"""Draws variants of text/sms_spam from the SMS Spam Collection.

The collection repeats itself: of its 5,574 messages some 700 are another's near-duplicates,
most of them spam. Near-duplicates stay together in training; the hidden and the sealed set
take one message of a kind.
"""

from __future__ import annotations

import csv
import io
import json
import runpy
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from assay.items.downloads import fetch
from assay.items.texts import kinds, vocabulary
from assay.items.variant import Split, Variant

HIDDEN = 2000  # messages, in each of the hidden and the sealed set
HIDDEN_SPAM = 160  # of them, as rare as in the collection without its repetitions
VOCABULARY = 1000  # tokens, the padding and the unknown one included
SPARE = 12  # more of each class, since short messages may have the same ids
OFTEN = 3  # messages of a kind: kinds that large are for training
LABELS = {"ham": 0, "spam": 1}
WANTED = {0: HIDDEN - HIDDEN_SPAM, 1: HIDDEN_SPAM}

_TOKENIZER = Path(__file__).with_name("assets") / "tokenizer.py"


def variant(seed: int) -> Variant:
    """Deal out the kinds of messages, count the words of those for training."""
    rng = np.random.default_rng(seed)
    tokenizer = runpy.run_path(str(_TOKENIZER))
    messages = read(fetch(Path(__file__).parent, "SMSSpamCollection"))
    labels = np.array([label for label, _ in messages])
    texts = [text for _, text in messages]
    words = [tokenizer["split"](text) for text in texts]
    train, *candidates = _deal(rng, labels, kinds(words))
    known = vocabulary(rng, (words[i] for i in train), size=VOCABULARY, special=("", "?unknown"))

    def encode(chosen: Sequence[int]):
        return tokenizer["encode"]([texts[i] for i in chosen], known)

    seen = {row.tobytes() for row in encode(train)}
    hidden, sealed = (_choose(part, labels, encode(part), seen) for part in candidates)
    numbers = {"train_size": f"{len(train):,}", "train_spam": f"{int(labels[train].sum()):,}"}
    return Variant(
        files={
            "train.csv": _train_csv([messages[i] for i in train]),
            "vocabulary.json": json.dumps(known, ensure_ascii=False).encode() + b"\n",
            "tokenizer.py": _TOKENIZER.read_bytes(),
        },
        hidden=Split(inputs={"ids": encode(hidden)}, labels=labels[hidden]),
        sealed=Split(inputs={"ids": encode(sealed)}, labels=labels[sealed]),
        texts={"en": numbers, "zh-CN": numbers},
        train={"ids": encode(train)},
    )


def read(path: Path) -> list[tuple[int, str]]:
    """Return label and text of every message.

    A line is a label, a tab and the text as it came: quotation marks are part of it, and a CSV
    reader that takes them for more merges messages.
    """
    messages = []
    for line in path.read_text(encoding="utf-8").split("\n"):
        if line.strip():
            label, text = line.rstrip("\r").split("\t", 1)
            messages.append((LABELS[label], text))
    return messages


def _deal(
    rng: np.random.Generator, labels: np.ndarray, kind_of: np.ndarray
) -> tuple[list[int], list[int], list[int]]:
    """Return the messages for training, and those that may be hidden and sealed."""
    members = defaultdict(list)
    for i, kind in enumerate(kind_of):
        members[int(kind)].append(i)
    few = {
        label: [
            kind
            for kind, these in sorted(members.items())
            if len(these) < OFTEN and all(labels[these] == label)
        ]
        for label in LABELS.values()
    }
    hidden, sealed = [], []
    for label, wanted in WANTED.items():
        count = wanted + SPARE
        dealt = [few[label][i] for i in rng.permutation(len(few[label]))]
        for chosen, part in ((hidden, dealt[:count]), (sealed, dealt[count : 2 * count])):
            chosen += [members.pop(kind)[0] for kind in part]
    train = [i for these in members.values() for i in these]
    return tuple([part[i] for i in rng.permutation(len(part))] for part in (train, hidden, sealed))


def _choose(
    candidates: Sequence[int], labels: np.ndarray, ids: np.ndarray, seen: set[bytes]
) -> list[int]:
    """Return as many of each class as wanted, none with ids that are `seen`; adds theirs."""
    left = dict(WANTED)
    chosen = []
    for i, row in zip(candidates, ids, strict=True):
        label = int(labels[i])
        if left[label] and row.tobytes() not in seen:
            seen.add(row.tobytes())
            left[label] -= 1
            chosen.append(i)
    return chosen


def _train_csv(messages: Sequence[tuple[int, str]]) -> bytes:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["text", "spam"])
    for label, text in messages:
        writer.writerow([text, label])
    return file.getvalue().encode()
