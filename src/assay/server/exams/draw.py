"""Which item and which seed a sitting's slot gets: a pure function of the deployment's secret.

A leaked answer is worth little when the next candidate gets another item with
other numbers, and a draw that can be computed again can be checked later.

Reference: B. Chen, M. West, C. Zilles: How much randomization is needed to deter
collaborative cheating on asynchronous exams? L@S 2018.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

_SEED_BITS = 63  # fits PostgreSQL's bigint


@dataclass(frozen=True, kw_only=True)
class Draw:
    """The outcome for one slot."""

    item: str  # key in the bank
    seed: int  # 0 ≤ seed < 2^63


def draw(
    *, secret: str, sitting: UUID, slot: str, pool: Sequence[str], seen: Collection[str]
) -> Draw:
    """Draw the item and the seed of a slot.

    Args:
        secret: The deployment's draw secret.
        sitting: The sitting's identifier.
        slot: The slot's name.
        pool: The items that the blueprint allows, by their keys.
        seen: Items that this candidate has had before; they are avoided as long
            as the pool has others.

    Returns:
        The same item and seed for the same arguments; without the secret, neither
        can be told beforehand. Of `HMAC-SHA256(secret, sitting ‖ "/" ‖ slot)`,
        bytes 0 to 7 give the seed and bytes 8 to 15 the item.
    """
    digest = hmac.digest(secret.encode(), f"{sitting}/{slot}".encode(), hashlib.sha256)
    fresh = [item for item in pool if item not in seen] or list(pool)
    return Draw(
        item=fresh[int.from_bytes(digest[8:16], "big") % len(fresh)],
        seed=int.from_bytes(digest[:8], "big") >> (64 - _SEED_BITS),
    )
