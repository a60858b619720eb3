"""The tokenizer of this task: the hidden entries are encoded by exactly these rules.

    from tokenizer import encode, load_vocabulary

    ids = encode(["We came on a Monday. It was far from dull."])  # int32, shape (1, 40)

Do not change this file. You may import it, read it and try your own sentences.
"""

import json
import re
from pathlib import Path

import numpy as np

LENGTH = 40  # tokens of an entry; shorter ones are padded with 0 at the end
PADDING, UNKNOWN = 0, 1  # ids; UNKNOWN stands for every word that is not in the vocabulary


def load_vocabulary():
    """Return the list of tokens of `vocabulary.json`; a token's place is its id."""
    path = Path(__file__).with_name("vocabulary.json")
    return json.loads(path.read_text(encoding="utf-8"))


def split(text):
    """Return the tokens of `text`: its words without capitals, and its full stops."""
    return re.findall(r"[a-z]+|\.", text.lower())


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
