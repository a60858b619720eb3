"""The tokenizer of this task: the hidden messages are encoded by exactly these rules.

    from tokenizer import encode, load_vocabulary

    ids = encode(["WIN £100 now! Call 09061701461"])  # int32, shape (1, 48)

Do not change this file. You may import it, read it and try your own messages.
"""

import json
import re
from pathlib import Path

import numpy as np

LENGTH = 48  # tokens of a message; shorter ones are padded with 0 at the end
PADDING, UNKNOWN = 0, 1  # ids; UNKNOWN stands for every token that is not in the vocabulary


def load_vocabulary():
    """Return the list of tokens of `vocabulary.json`; a token's place is its id."""
    path = Path(__file__).with_name("vocabulary.json")
    return json.loads(path.read_text(encoding="utf-8"))


def split(text):
    """Return the tokens of `text`: words without capitals, numbers, some of the signs.

    Of a number only the count of its digits is kept: 09061701461 becomes #11.
    """
    tokens = re.findall(r"[a-z]+|[0-9]+|[£$!?]", text.lower())
    return [f"#{len(token)}" if token[0].isdigit() else token for token in tokens]


def encode(texts, vocabulary=None):
    """Return the ids of `texts`, token by token.

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
