from __future__ import annotations

import json
import re
import runpy
from collections import Counter, defaultdict

import numpy as np
import pytest

KEY = "text/broken_tablets"


@pytest.fixture
def source(source_of):
    return source_of(KEY)


@pytest.fixture(scope="module", params=[0, 1])
def variant(request, open_bank):
    return open_bank.items[KEY].draw(request.param)


def signs(variant):
    return json.loads(variant.files["vocabulary.json"])


def tablets(variant):
    return variant.files["tablets.txt"].decode().splitlines()


def windows(variant, split):
    vocabulary = signs(variant)
    texts = ["".join(vocabulary[i] for i in row) for row in split.inputs["signs"]]
    return list(zip(texts, [vocabulary[i] for i in split.labels], strict=True))


def table(variant, n):
    """Return which sign follows `n` signs most often."""
    text = " ".join(tablets(variant))
    counts = defaultdict(Counter)
    for i in range(n, len(text)):
        counts[text[i - n : i]][text[i]] += 1
    return {before: after.most_common(1)[0][0] for before, after in counts.items()}


def test_the_bundles_tokenizer_encodes_as_the_grader_does(variant, tmp_path):
    for name, data in variant.files.items():
        (tmp_path / name).write_bytes(data)

    encode = runpy.run_path(str(tmp_path / "tokenizer.py"))["encode"]

    first = encode(tablets(variant)[0])
    assert first.dtype == np.int32
    assert np.array_equal(first[:40], variant.train["signs"][0])
    text, _ = windows(variant, variant.hidden)[0]
    assert np.array_equal(encode(text), variant.hidden.inputs["signs"][0])


def test_all_signs_of_the_language_are_used(variant):
    assert len(signs(variant)) == len(set(signs(variant))) == 22
    assert set("".join(tablets(variant))) == set(signs(variant))


def test_the_sentence_begins_within_every_window(variant):
    for split in (variant.hidden, variant.sealed):
        starts = [
            text.startswith(" ") or ". " in text or text[0] == "."
            for text, _ in windows(variant, split)
        ]

        assert np.mean(starts) > 0.9


def test_no_sentence_is_told_in_two_sets(source):
    language = source.invent(np.random.default_rng(5))
    scribe = source.Scribe(rng=np.random.default_rng(6), seed=6, language=language)

    def sentences(part):
        text = " ".join(scribe.write(part).text for _ in range(100))
        return set(re.findall(r"[^.]+\.", text))

    train, hidden, sealed = (sentences(part) for part in range(3))
    assert not train & hidden
    assert not train & sealed
    assert not hidden & sealed


def test_no_word_begins_another(source):
    for seed in range(20):
        language = source.invent(np.random.default_rng(seed))
        words = [*language.nouns, *language.places, *language.verbs, *language.adjectives]

        assert not [(a, b) for a in words for b in words if a != b and b.startswith(a)]


def test_every_answer_can_be_known(source):
    """A sentence with the same noun, verb and particle always has the same endings."""
    language = source.invent(np.random.default_rng(7))
    scribe = source.Scribe(rng=np.random.default_rng(8), seed=8, language=language)
    endings = {}
    for _ in range(200):
        for sentence in scribe.write(0).text.split("."):
            words = sentence.split()
            if not words:
                continue
            subject = next(word for word in words if word in language.nouns)
            (verb,) = [w for w in words if w[:-2] in language.verbs]

            assert endings.setdefault((words[0], subject), verb[-2:]) == verb[-2:]
    assert len(set(endings.values())) == 6


def test_each_kind_of_break_has_its_share(source, monkeypatch):
    monkeypatch.setattr(source, "HIDDEN", 500)
    language = source.invent(np.random.default_rng(9))
    rng = np.random.default_rng(10)
    scribe = source.Scribe(rng=rng, seed=10, language=language)

    texts, answers = source._broken(rng, scribe, 1, set())

    assert len(texts) == len(answers) == 500
    assert all(len(text) == 40 for text in texts)
    # The second ending of a verb is a consonant behind a vowel, at the end of a sentence.
    assert sum(answer in language.tenses for answer in answers) >= 100


def test_languages_differ(open_bank):
    one, other = (tablets(open_bank.items[KEY].draw(seed)) for seed in (0, 1))

    shared = set(" ".join(one).split()) & set(" ".join(other).split())
    assert len(shared) < 10


def test_counting_what_follows_a_few_signs_falls_short(open_bank, variant):
    for n in (1, 3, 7):
        guess = table(variant, n)
        pairs = windows(variant, variant.hidden)
        accuracy = np.mean([guess.get(text[-n:]) == answer for text, answer in pairs])

        assert accuracy < open_bank.items[KEY].spec.metric.cuts[3]
