"""Draws variants of text/which_language from the translation catalogues of Django."""

from __future__ import annotations

import csv
import io
import json
import re
import runpy
import struct
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise, product
from pathlib import Path

import django
import numpy as np
import numpy.typing as npt

from assay.items.variant import Split, Variant

TRAIN_PER_LANGUAGE = 2000  # snippets
HIDDEN_PER_LANGUAGE = 500  # snippets, in each of the hidden and the sealed set
SHARES = (0.6, 0.2, 0.2)  # of the letters: training, hidden, sealed
SHORTEST = 24  # letters and spaces of a snippet; the longest has tokenizer.LENGTH
ALPHABET = " abcdefghijklmnopqrstuvwxyz"

# A variant takes one pair of close languages from each of three families. Every language
# has some 19,000 letters in the catalogues. Left out are pairs that nobody tells apart
# without accents (Bosnian, Croatian) and pairs that everybody does (Polish, Czech).
FAMILIES: Mapping[str, Sequence[tuple[str, str]]] = {
    "scandinavian": (("da", "nb"), ("nb", "nn"), ("da", "nn"), ("nb", "sv")),
    "romance": (("es", "gl"), ("pt", "gl"), ("es", "pt"), ("es", "ca"), ("gl", "ca")),
    "west slavic": (("cs", "sk"), ("hsb", "dsb")),
    "south slavic": (("sl", "sr_Latn"),),
    "germanic": (("nl", "af"),),
    "turkic": (("tr", "az"),),
    "gaelic": (("ga", "gd"),),
    "malay": (("ms", "id"),),
}
NAMES: Mapping[str, tuple[str, str]] = {  # code → English, Chinese
    "af": ("Afrikaans", "南非荷兰语"),
    "az": ("Azerbaijani", "阿塞拜疆语"),
    "ca": ("Catalan", "加泰罗尼亚语"),
    "cs": ("Czech", "捷克语"),
    "da": ("Danish", "丹麦语"),
    "dsb": ("Lower Sorbian", "下索布语"),
    "es": ("Spanish", "西班牙语"),
    "ga": ("Irish", "爱尔兰语"),
    "gd": ("Scottish Gaelic", "苏格兰盖尔语"),
    "gl": ("Galician", "加利西亚语"),
    "hsb": ("Upper Sorbian", "上索布语"),
    "id": ("Indonesian", "印度尼西亚语"),
    "ms": ("Malay", "马来语"),
    "nb": ("Norwegian (Bokmål)", "挪威语（博克马尔）"),
    "nl": ("Dutch", "荷兰语"),
    "nn": ("Norwegian (Nynorsk)", "挪威语（尼诺斯克）"),
    "pt": ("Portuguese", "葡萄牙语"),
    "sk": ("Slovak", "斯洛伐克语"),
    "sl": ("Slovenian", "斯洛文尼亚语"),
    "sr_Latn": ("Serbian (in Latin letters)", "塞尔维亚语（拉丁字母）"),
    "sv": ("Swedish", "瑞典语"),
    "tr": ("Turkish", "土耳其语"),
}

# How hard a variant is, as a yardstick that has nothing to do with neural networks sees
# it: the share of snippets that naive Bayes on runs of three letters gets right, trained on
# other messages. Sets of languages and splits that are easier or harder are not used. A second
# one, on single letters, keeps sets equally hard for those who look no further than these.
TARGET = 0.920
LANGUAGES_WITHIN = 0.012  # of the target, over all snippets of a set of languages
LETTERS_TARGET = 0.642
LETTERS_WITHIN = 0.015  # of that target, over all snippets of a set of languages
SPLIT_WITHIN = 0.004  # of the target, over the snippets of each of hidden and sealed set
SAMPLE_WITHIN = 0.006  # of the target, over those that are chosen of them
SPLITS = 200  # tries before other languages are drawn
GRAM = 3  # letters of a run
SMOOTHING = 0.1  # added to each count
FOLDS = 5

# The sets of three pairs that are within both bounds; to try all 350 takes two minutes, so
# tests/bank/test_which_language.py does (as a slow test) and a draw does not.
LANGUAGE_SETS = """
    af ga gd nb nl nn
    ga gd gl id ms pt
    es ga gd id ms pt
    ga gd id ms sl sr_Latn
    az ga gd id ms tr
    da es ga gd gl nb
    da ga gd gl nb pt
    ga gd gl nb nn pt
    es ga gd nb nn pt
    ca ga gd gl nb nn
    ga gd nb nn sl sr_Latn
    af ca es id ms nl
    af id ms nb nl sv
    af id ms nl sl sr_Latn
    af es nb nl nn pt
    af ca gl nb nl nn
    af cs es gl nl sk
    af cs gl nl pt sk
    af az nb nl nn tr
    af dsb hsb nb nl nn
    da es id ms nn pt
    ca es id ms nb sv
    ca da gl id ms nn
    gl id ms pt sl sr_Latn
    es id ms pt sl sr_Latn
    ca gl id ms sl sr_Latn
    az ca es id ms tr
    id ms nb sl sr_Latn sv
    az da id ms nn tr
    da dsb hsb id ms nn
    az id ms sl sr_Latn tr
    da gl nb pt sl sr_Latn
    es nb nn pt sl sr_Latn
    ca gl nb nn sl sr_Latn
    az da es gl nb tr
    az da es gl nn tr
    az ca da es nb tr
    az ca es nb nn tr
    cs es gl nb sk sv
    cs gl nb pt sk sv
    az cs es gl sk tr
    az cs gl pt sk tr
    az nb nn sl sr_Latn tr
    dsb hsb nb nn sl sr_Latn
    az cs da nb sk tr
"""

_TOKENIZER = Path(__file__).with_name("assets") / "tokenizer.py"
_PLACEHOLDER = re.compile(r"%\([^)]*\)[a-zA-Z]?|%[a-zA-Z]|\{[^{}]*\}|<[^<>]*>|&\w+;|https?:\S+")
_TRAIN, _HIDDEN, _SEALED = range(3)

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Message:
    """One text of the catalogues in one language."""

    text: str  # folded: a to z and single spaces
    group: int  # messages that say nearly the same share one; also across languages


@dataclass(frozen=True, kw_only=True)
class Snippets:
    """All stretches of whole words that fit; each text once, `n` in all."""

    texts: list[str]
    languages: Ints  # `(n,)` index of the language
    groups: Ints  # `(n,)` of the message
    places: Ints  # `(n,)` equal for snippets that begin at the same word


def variant(seed: int) -> Variant:
    """Draw languages, split the messages, cut the snippets."""
    rng = np.random.default_rng(seed)
    tokenizer = runpy.run_path(str(_TOKENIZER))
    catalogues = _read_catalogues(tokenizer["fold"])
    longest = tokenizer["LENGTH"]
    while True:
        codes = _draw_languages(rng)
        snippets = _cut([catalogues[code] for code in codes], longest)
        chosen = _split(snippets, _yardstick(snippets, rng), rng)
        if chosen:
            break
    vocabulary = ["", *(ALPHABET[i] for i in rng.permutation(len(ALPHABET)))]
    encoded = [tokenizer["encode"]([snippets.texts[i] for i in c], vocabulary) for c in chosen]
    hidden, sealed = (
        Split(inputs={"ids": encoded[part]}, labels=snippets.languages[chosen[part]])
        for part in (_HIDDEN, _SEALED)
    )
    return Variant(
        files={
            "train.csv": _train_csv(snippets, chosen[_TRAIN], codes),
            "languages.json": _languages_json(codes),
            "vocabulary.json": json.dumps(vocabulary).encode() + b"\n",
            "tokenizer.py": _TOKENIZER.read_bytes(),
        },
        hidden=hidden,
        sealed=sealed,
        texts=_texts(codes, len(chosen[_TRAIN])),
        train={"ids": encoded[_TRAIN]},
    )


def _draw_languages(rng: np.random.Generator) -> list[str]:
    sets = [line.split() for line in LANGUAGE_SETS.strip().splitlines()]
    codes = sets[rng.integers(len(sets))]
    return [codes[i] for i in rng.permutation(len(codes))]


def measured_sets() -> list[list[str]]:
    """Return the sets of three pairs of languages, from as many families, that are equally hard."""
    catalogues = _read_catalogues(runpy.run_path(str(_TOKENIZER))["fold"])
    longest = runpy.run_path(str(_TOKENIZER))["LENGTH"]
    found = []
    for families in combinations(sorted(FAMILIES), 3):
        for pairs in product(*(FAMILIES[family] for family in families)):
            codes = sorted(code for pair in pairs for code in pair)
            snippets = _cut([catalogues[code] for code in codes], longest)
            rng = np.random.default_rng(0)
            by_runs = _mean(snippets, _yardstick(snippets, rng))
            rng = np.random.default_rng(0)
            by_letters = _mean(snippets, _yardstick(snippets, rng, gram=1))
            if (
                abs(by_runs - TARGET) <= LANGUAGES_WITHIN
                and abs(by_letters - LETTERS_TARGET) <= LETTERS_WITHIN
            ):
                found.append(codes)
    return found


def _read_catalogues(fold) -> dict[str, list[Message]]:
    """Return the translations of all languages, without those that repeat the English."""
    raw: dict[str, dict[str, set[str]]] = {code: defaultdict(set) for code in NAMES}
    for code, by_original in raw.items():
        for original, translation in _read_language(code):
            text = fold(_PLACEHOLDER.sub(" ", translation))
            if text and text != fold(_PLACEHOLDER.sub(" ", original)):
                by_original[original].add(text)
    groups = _group(raw, fold)
    return {
        code: [
            Message(text=text, group=groups[original])
            for original in sorted(by_original)
            for text in sorted(by_original[original])
        ]
        for code, by_original in raw.items()
    }


def _read_language(code: str) -> Iterator[tuple[str, str]]:
    django_folder = Path(django.__file__).parent
    folders = [django_folder / "conf", *sorted((django_folder / "contrib").iterdir())]
    for folder in folders:
        path = folder / "locale" / code / "LC_MESSAGES" / "django.mo"
        if path.is_file():
            yield from _read_mo(path.read_bytes())


def _read_mo(data: bytes) -> Iterator[tuple[str, str]]:
    """Yield originals and translations; every plural form is a translation.

    Reference: https://www.gnu.org/software/gettext/manual/html_node/MO-Files.html
    """
    (magic,) = struct.unpack_from("<I", data)
    order = "<" if magic == 0x950412DE else ">"
    count, originals, translations = struct.unpack_from(f"{order}3I", data, 8)
    for i in range(count):
        pair = []
        for table in (originals, translations):
            size, start = struct.unpack_from(f"{order}2I", data, table + 8 * i)
            pair.append(data[start : start + size].decode().split("\0"))
        original = pair[0][0].split("\x04")[-1]  # without the context
        if original:  # the empty one is the header
            for translation in pair[1]:
                yield original, translation


def _group(raw: Mapping[str, Mapping[str, set[str]]], fold) -> dict[str, int]:
    """Return a group for every original: near-duplicates must not be split apart.

    Two originals belong together if half of their word pairs are shared, or if their
    translations agree in any language.
    """
    originals = sorted({original for by_original in raw.values() for original in by_original})
    place = {original: i for i, original in enumerate(originals)}
    parent = list(range(len(originals)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    word_pairs = []
    for original in originals:
        words = fold(_PLACEHOLDER.sub(" ", original)).split()
        word_pairs.append(set(pairwise(words)) or set(words))
    for i, these in enumerate(word_pairs):
        for j, those in enumerate(word_pairs[:i]):
            shared = len(these & those)
            if shared and 2 * shared >= len(these | those):
                parent[root(i)] = root(j)
    for by_original in raw.values():
        first: dict[str, int] = {}
        for original in sorted(by_original):
            for text in sorted(by_original[original]):
                j = first.setdefault(text, place[original])
                parent[root(place[original])] = root(j)
    return {original: root(i) for original, i in place.items()}


def _cut(catalogues: Sequence[Sequence[Message]], longest: int) -> Snippets:
    """Return every stretch of whole words that fits, if it tells language and group."""
    found: dict[str, tuple[int, int, int]] = {}
    ambiguous: set[str] = set()
    place = 0
    for language, messages in enumerate(catalogues):
        for message in messages:
            words = message.text.split()
            for start in range(len(words)):
                place += 1
                text = words[start]
                for word in [*words[start + 1 :], ""]:
                    if len(text) > longest:
                        break
                    if len(text) >= SHORTEST:
                        here = (language, message.group, place)
                        if found.setdefault(text, here)[:2] != here[:2]:
                            ambiguous.add(text)
                    text = f"{text} {word}"
    texts = sorted(found.keys() - ambiguous)
    columns = np.array([found[text] for text in texts], dtype=np.int64)
    return Snippets(
        texts=texts, languages=columns[:, 0], groups=columns[:, 1], places=columns[:, 2]
    )


def _yardstick(snippets: Snippets, rng: np.random.Generator, gram: int = GRAM) -> Bools:
    """Return which snippets naive Bayes gets right, trained on the other folds' messages.

    It sees how often each run of `gram` letters occurs.
    """
    radix = len(ALPHABET) + 1
    letters = np.zeros((len(snippets.texts), max(map(len, snippets.texts)) + 2), dtype=np.int64)
    for row, text in zip(letters, snippets.texts, strict=True):
        codes = np.frombuffer(f" {text} ".encode(), dtype=np.uint8).astype(np.int64)
        row[: len(codes)] = np.where(codes == ord(" "), 1, codes - ord("a") + 2)
    width = letters.shape[1] - gram + 1
    grams = sum(letters[:, i : i + width] * radix ** (gram - 1 - i) for i in range(gram))
    grams = np.where(letters[:, gram - 1 :] > 0, grams, 0)  # 0: beyond the end
    # Not every number is a gram that occurs: fewer columns, less memory.
    kinds, flat = np.unique(grams, return_inverse=True)
    grams = flat.reshape(grams.shape)
    languages = int(snippets.languages.max()) + 1

    def count(chosen: Bools) -> npt.NDArray[np.float64]:
        return np.stack(
            [
                np.bincount(
                    grams[chosen & (snippets.languages == language)].ravel(),
                    minlength=len(kinds),
                )
                for language in range(languages)
            ]
        ).astype(np.float64)

    fold = rng.integers(FOLDS, size=int(snippets.groups.max()) + 1)[snippets.groups]
    everything = count(np.ones(len(fold), dtype=bool))
    right = np.zeros(len(fold), dtype=bool)
    for k in range(FOLDS):
        test = fold == k
        counts = everything - count(test) + SMOOTHING
        counts[:, kinds == 0] = 1.0
        scores = np.log(counts / counts.sum(axis=1, keepdims=True))
        scores[:, kinds == 0] = 0.0
        guesses = scores[:, grams[test]].sum(axis=2).argmax(axis=0)
        right[test] = guesses == snippets.languages[test]
    return right


def _mean(snippets: Snippets, right: Bools, chosen: Bools | slice = slice(None)) -> float:
    """Return the share of `chosen` that is right, each language counting the same."""
    languages = snippets.languages[chosen]
    of_each = np.bincount(languages, weights=right[chosen]) / np.bincount(languages)
    return float(of_each.mean())


def _split(snippets: Snippets, right: Bools, rng: np.random.Generator) -> list[Ints]:
    """Return the snippets of training, hidden and sealed set, or nothing if none fit.

    Groups stay together. Splits are drawn until hidden and sealed set are as hard as the
    target says.
    """
    groups = np.unique(snippets.groups)
    sizes = np.bincount(snippets.groups)
    for _ in range(SPLITS):
        part_of = np.zeros(len(sizes), dtype=np.int64)
        filled = np.zeros(len(SHARES))
        for group in rng.permutation(groups):
            part = int(np.argmin(filled / SHARES))
            part_of[group] = part
            filled[part] += sizes[group]
        parts = part_of[snippets.groups]
        if any(
            abs(_mean(snippets, right, parts == part) - TARGET) > SPLIT_WITHIN
            for part in (_HIDDEN, _SEALED)
        ):
            continue
        hidden, sealed = (
            _choose(snippets, parts == part, HIDDEN_PER_LANGUAGE, rng)
            for part in (_HIDDEN, _SEALED)
        )
        if all(
            np.bincount(snippets.languages[chosen]).min() == HIDDEN_PER_LANGUAGE
            and abs(float(right[chosen].mean()) - TARGET) <= SAMPLE_WITHIN
            for chosen in (hidden, sealed)
        ):
            return [_choose(snippets, parts == _TRAIN, TRAIN_PER_LANGUAGE, rng), hidden, sealed]
    return []


def _choose(snippets: Snippets, allowed: Bools, count: int, rng: np.random.Generator) -> Ints:
    """Return places of `count` snippets of each language in random order, well spread.

    First one for each word that a snippet can begin with, then a second one, and so on.
    """
    chosen = []
    for language in np.unique(snippets.languages):
        candidates = rng.permutation(np.flatnonzero(allowed & (snippets.languages == language)))
        seen: dict[int, int] = defaultdict(int)
        rounds = []
        for i in candidates:
            rounds.append(seen[int(snippets.places[i])])
            seen[int(snippets.places[i])] += 1
        chosen.append(candidates[np.argsort(rounds, kind="stable")][:count])
    return rng.permutation(np.concatenate(chosen))


def _train_csv(snippets: Snippets, chosen: Ints, codes: Sequence[str]) -> bytes:
    """Return the training snippets: text, language, message."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["text", "language", "message"])
    numbers: dict[int, int] = {}  # the candidate's, without gaps that tell of hidden ones
    for i in chosen:
        message = numbers.setdefault(int(snippets.groups[i]), len(numbers))
        writer.writerow([snippets.texts[i], codes[snippets.languages[i]], message])
    return file.getvalue().encode()


def _languages_json(codes: Sequence[str]) -> bytes:
    languages = [
        {"index": i, "code": code, "en": NAMES[code][0], "zh-CN": NAMES[code][1]}
        for i, code in enumerate(codes)
    ]
    return json.dumps(languages, ensure_ascii=False, indent=2).encode() + b"\n"


def _texts(codes: Sequence[str], train_size: int) -> dict[str, dict[str, str]]:
    tables = [
        "\n".join(f"| {i} | `{code}` | {NAMES[code][k]} |" for i, code in enumerate(codes))
        for k in range(2)
    ]
    return {
        language: {"languages": table, "train_size": f"{train_size:,}"}
        for language, table in zip(("en", "zh-CN"), tables, strict=True)
    }
