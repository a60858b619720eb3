"""The tokenizer of this task: the hidden notes are encoded by exactly these rules.

    from tokenizer import encode, load_vocabulary

    ids = encode(["小王把包裹交给了老李。"])  # int32, shape (1, 64)

Do not change this file. You may import it, read it and try your own sentences.
"""

import json
from pathlib import Path

import numpy as np

LENGTH = 64  # characters of a note; shorter ones are padded with 0 at the end
PADDING, UNKNOWN = 0, 1  # ids; UNKNOWN stands for every character that is not in the vocabulary


def load_vocabulary():
    """Return the list of characters of `vocabulary.json`; a character's place is its id."""
    path = Path(__file__).with_name("vocabulary.json")
    return json.loads(path.read_text(encoding="utf-8"))


def encode(texts, vocabulary=None):
    """Return the ids of `texts`, character by character, punctuation included.

    Args:
        texts: A list of strings.
        vocabulary: Characters by id; by default those of `vocabulary.json`.

    Returns:
        An array of dtype int32 and shape (number of texts, LENGTH). What does not fit
        is cut off at the end.
    """
    ids = {character: i for i, character in enumerate(vocabulary or load_vocabulary())}
    encoded = np.full((len(texts), LENGTH), PADDING, dtype=np.int32)
    for row, text in zip(encoded, texts, strict=True):
        characters = text[:LENGTH]
        row[: len(characters)] = [ids.get(character, UNKNOWN) for character in characters]
    return encoded
