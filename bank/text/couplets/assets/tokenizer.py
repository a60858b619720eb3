"""The tokenizer of this task: the hidden cards are encoded by exactly these rules.

    from tokenizer import encode, load_vocabulary

    ids = encode(["白日依山盡，黃河入海流。欲窮千里目，更上一層樓。"])  # int32, shape (1, 20)

Do not change this file. You may import it, read it and try your own cards.
"""

import json
from pathlib import Path

import numpy as np

LENGTH = 20  # characters of a card: four lines of five
UNKNOWN = 0  # the id of every character that is not in the vocabulary


def load_vocabulary():
    """Return the list of characters of `vocabulary.json`; a character's place is its id."""
    path = Path(__file__).with_name("vocabulary.json")
    return json.loads(path.read_text(encoding="utf-8"))


def encode(texts, vocabulary=None):
    """Return the ids of `texts`, character by character, without punctuation.

    Args:
        texts: A list of strings of 20 characters each, punctuation not counted.
        vocabulary: Characters by id; by default those of `vocabulary.json`.

    Returns:
        An array of dtype int32 and shape (number of texts, LENGTH).
    """
    ids = {character: i for i, character in enumerate(vocabulary or load_vocabulary())}
    encoded = np.full((len(texts), LENGTH), UNKNOWN, dtype=np.int32)
    for row, text in zip(encoded, texts, strict=True):
        characters = text.replace("，", "").replace("。", "")
        row[:] = [ids.get(character, UNKNOWN) for character in characters]
    return encoded
