"""The tokenizer of this task: the hidden snippets are encoded by exactly these rules.

    from tokenizer import encode, load_vocabulary

    ids = encode(["wo ist der bahnhof"])  # int32, shape (1, 48)

Do not change this file. You may import it, read it and try your own sentences.
"""

import json
import re
import unicodedata
from pathlib import Path

import numpy as np

LENGTH = 48  # tokens of a snippet; shorter ones are padded with 0 at the end

_SPECIAL = str.maketrans(
    {
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "ß": "ss",
        "ð": "d",
        "þ": "th",
        "đ": "d",
        "ł": "l",
        "ı": "i",
        "ə": "e",
    }
)


def load_vocabulary():
    """Return the list of tokens of `vocabulary.json`; a token's place is its id."""
    path = Path(__file__).with_name("vocabulary.json")
    return json.loads(path.read_text(encoding="utf-8"))


def fold(text):
    """Return `text` as the camera reads it: a to z and single spaces, nothing else."""
    text = unicodedata.normalize("NFKD", text.lower().translate(_SPECIAL))
    text = "".join(c for c in text if not unicodedata.combining(c))
    return " ".join(re.findall("[a-z]+", text))


def encode(texts, vocabulary=None):
    """Return the ids of `texts`, letter by letter.

    Args:
        texts: A list of strings.
        vocabulary: Tokens by id; by default those of `vocabulary.json`.

    Returns:
        An array of dtype int32 and shape (number of texts, LENGTH). What does not fit
        is cut off at the end.
    """
    ids = {token: i for i, token in enumerate(vocabulary or load_vocabulary())}
    encoded = np.zeros((len(texts), LENGTH), dtype=np.int32)
    for row, text in zip(encoded, texts, strict=True):
        letters = fold(text)[:LENGTH]
        row[: len(letters)] = [ids[letter] for letter in letters]
    return encoded
