"""Draws variants of text/news_sarcasm from headlines of The Onion and of HuffPost."""

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

FILE = "multilang_sarcasm_dataset.csv"
HIDDEN = 5000  # headlines, in each of the hidden and the sealed set
SPARE = 500  # more, since headlines of rare words may have the same ids
VOCABULARY = 1000  # tokens, the padding and the unknown word included

_TOKENIZER = Path(__file__).with_name("assets") / "tokenizer.py"


def variant(seed: int) -> Variant:
    """Deal out the headlines, count the words of those for training."""
    rng = np.random.default_rng(seed)
    tokenizer = runpy.run_path(str(_TOKENIZER))
    headlines = read(fetch(Path(__file__).parent, FILE))
    kind_of = kinds([tokenizer["split"](text) for text, _ in headlines])
    train, *candidates = deal(rng, headlines, kind_of, HIDDEN)
    words = (tokenizer["split"](text) for text, _ in train)
    known = vocabulary(rng, words, size=VOCABULARY, special=("", "<OOV>"))

    def encode(chosen: Sequence[tuple[str, int]]):
        return tokenizer["encode"]([text for text, _ in chosen], known)

    seen = {row.tobytes() for row in encode(train)}
    hidden, sealed = (_choose(part, encode(part), seen, HIDDEN) for part in candidates)
    numbers = {"train_size": f"{len(train):,}"}
    return Variant(
        files={
            "train.json": _train_json(train),
            "vocabulary.json": json.dumps(known, ensure_ascii=False).encode() + b"\n",
            "tokenizer.py": _TOKENIZER.read_bytes(),
        },
        hidden=_split(hidden),
        sealed=_split(sealed),
        texts={"en": numbers, "zh-CN": numbers},
        train={"ids": encode(train)},
    )


def read(path: Path) -> list[tuple[str, int]]:
    """Return text and label (1: sarcastic) of every English headline, each text once.

    Reads the CSV of three languages, and also both forms in which the English headlines go
    round: a JSON list of records, and a JSON record on each line.
    """
    text = path.read_text(encoding="utf-8-sig")
    if text.lstrip().startswith("["):
        records = json.loads(text)
    elif text.lstrip().startswith("{"):
        records = [json.loads(line) for line in text.split("\n") if line.strip()]
    else:
        rows = csv.DictReader(io.StringIO(text, newline=""))
        records = [
            {"headline": row["article_title"], "is_sarcastic": row["is_sarcastic"]}
            for row in rows
            if row["lang"] == "en"
        ]
    headlines: dict[str, int] = {}
    for record in records:
        headline = " ".join(str(record["headline"]).split())
        if headline:
            headlines.setdefault(headline, int(float(record["is_sarcastic"])))
    return list(headlines.items())


def deal(
    rng: np.random.Generator,
    headlines: Sequence[tuple[str, int]],
    kind_of: np.ndarray,
    hidden_size: int,
) -> list[list[tuple[str, int]]]:
    """Return the headlines for training, and those that may be hidden and sealed.

    Near-duplicates stay together in training; of those that may be hidden there is one of
    each kind.
    """
    members = defaultdict(list)
    for kind, headline in zip(kind_of.tolist(), headlines, strict=True):
        members[kind].append(headline)
    single = [kind for kind, these in sorted(members.items()) if len(these) == 1]
    order = [single[i] for i in rng.permutation(len(single))]
    count = hidden_size + SPARE
    parts = [
        [members.pop(kind)[0] for kind in order[begin : begin + count]] for begin in (0, count)
    ]
    train = [headline for these in members.values() for headline in these]
    return [[part[i] for i in rng.permutation(len(part))] for part in (train, *parts)]


def _choose(
    candidates: Sequence[tuple[str, int]], ids: np.ndarray, seen: set[bytes], count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return ids and labels of `count` candidates, none with ids that are `seen`; adds theirs."""
    chosen, labels = [], []
    for (_, label), row in zip(candidates, ids, strict=True):
        if len(chosen) < count and row.tobytes() not in seen:
            seen.add(row.tobytes())
            chosen.append(row)
            labels.append(label)
    return np.stack(chosen), np.array(labels, dtype=np.int64)


def _split(chosen: tuple[np.ndarray, np.ndarray]) -> Split:
    return Split(inputs={"ids": chosen[0]}, labels=chosen[1])


def _train_json(headlines: Sequence[tuple[str, int]]) -> bytes:
    records = [{"headline": text, "is_sarcastic": label} for text, label in headlines]
    return json.dumps(records, ensure_ascii=False, indent=0).encode() + b"\n"
