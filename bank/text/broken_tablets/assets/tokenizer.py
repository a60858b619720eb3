"""The tokenizer of this task: the hidden windows are encoded by exactly these rules.

    from tokenizer import encode, load_vocabulary

    ids = encode("ka mora tilu")  # int32, shape (12,)

Do not change this file. You may import it, read it and try your own texts.
"""

import json
from pathlib import Path

import numpy as np


def load_vocabulary():
    """Return the list of signs of `vocabulary.json`; a sign's place is its id."""
    path = Path(__file__).with_name("vocabulary.json")
    return json.loads(path.read_text(encoding="utf-8"))


def encode(text, vocabulary=None):
    """Return the ids of a text, sign by sign, spaces and full stops included.

    Args:
        text: A string of signs of the vocabulary.
        vocabulary: Signs by id; by default those of `vocabulary.json`.

    Returns:
        An array of dtype int32 and shape (length of the text,).
    """
    ids = {sign: i for i, sign in enumerate(vocabulary or load_vocabulary())}
    return np.array([ids[sign] for sign in text], dtype=np.int32)
