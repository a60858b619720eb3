"""The form of voucher codes: letters and digits that cannot be taken for one another.

A code is 11 random symbols and one that checks them, typed in groups of four. The
alphabet has 29 symbols, a prime number, and every place has a weight of its own, so the
check finds every single wrong symbol and every exchange of two: whoever has mistyped a
code hears so, and is not told that it does not exist.

Reference: ISO/IEC 7064 describes checks of this kind.
"""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Callable

# Without 0 O, 1 I L and 5 S.
ALPHABET = "2346789ABCDEFGHJKMNPQRTUVWXYZ"
LENGTH = 12
_GROUP = 4
_VALUES = {symbol: value for value, symbol in enumerate(ALPHABET)}
_SEPARATORS = str.maketrans("", "", "- \t\u00a0\u2010\u2011\u2012\u2013\u2014")


def _check_symbol(symbols: str) -> str:
    """Return the last symbol, which makes the weighted sum a multiple of 29."""
    total = sum(place * _VALUES[symbol] for place, symbol in enumerate(symbols, start=1))
    size = len(ALPHABET)
    return ALPHABET[-total * pow(LENGTH, -1, size) % size]


def new_code(choose: Callable[[str], str] = secrets.choice) -> str:
    """Return a fresh code in its plain form, such as `7KQM3XWP9TDA`.

    Args:
        choose: Picks one symbol of a text; 11 of them make 53 random bits.
    """
    symbols = "".join(choose(ALPHABET) for _ in range(LENGTH - 1))
    return symbols + _check_symbol(symbols)


def plain(typed: str) -> str:
    """Return what was typed in the plain form: capitals, no separators, no full-width forms."""
    return unicodedata.normalize("NFKC", typed).upper().translate(_SEPARATORS).strip()


def shown(code: str) -> str:
    """Return a plain code as people read it: `7KQM-3XWP-9TDA`."""
    return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))


def hinted(code: str) -> str:
    """Return a plain code as people know it again who may not use it: `7KQM-••••-••••`."""
    return shown(code[:_GROUP] + "•" * (len(code) - _GROUP))


def is_well_formed(code: str) -> bool:
    """Return whether a plain code has the right symbols and their check agrees."""
    return (
        len(code) == LENGTH
        and all(symbol in _VALUES for symbol in code)
        and _check_symbol(code[:-1]) == code[-1]
    )
