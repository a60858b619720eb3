"""The tokenizer of this task: the hidden headlines are encoded by exactly these rules.

    from tokenizer import encode, load_vocabulary

    ids = encode(["area man has opinion"])  # int32, shape (1, 120)

They are the rules of the classic exam: no capitals, no punctuation, the 1,000 most frequent
words, one token for all others, padding and cutting off at the end.

Do not change this file. You may import it, read it and try your own headlines.
"""

import json
from pathlib import Path

import numpy as np

LENGTH = 120  # tokens of a headline; shorter ones are padded with 0 at the end
PADDING, UNKNOWN = 0, 1  # ids; UNKNOWN, "<OOV>", stands for every word beyond the vocabulary

_SEPARATORS = str.maketrans(dict.fromkeys('!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n', " "))


def load_vocabulary():
    """Return the list of tokens of `vocabulary.json`; a token's place is its id."""
    path = Path(__file__).with_name("vocabulary.json")
    return json.loads(path.read_text(encoding="utf-8"))


def split(text):
    """Return the words of `text`; an apostrophe is part of its word."""
    return text.lower().translate(_SEPARATORS).split()


def encode(texts, vocabulary=None):
    """Return the ids of `texts`, word by word.

    Args:
        texts: A list of strings.
        vocabulary: Tokens by id; by default those of `vocabulary.json`.

    Returns:
        An array of dtype int32 and shape (number of texts, LENGTH). What does not fit
        is cut off at the end.
    """
    ids = {token: i for i, token in enumerate(vocabulary or load_vocabulary())}
    encoded = np.full((len(texts), LENGTH), PADDING, dtype=np.int32)
    for row, text in zip(encoded, texts, strict=True):
        tokens = split(text)[:LENGTH]
        row[: len(tokens)] = [ids.get(token, UNKNOWN) for token in tokens]
    return encoded
