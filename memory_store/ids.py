"""Public ids: short, random, safe to type and to merge between stores."""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable

IdSource = Callable[[], str]

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u to misread
LENGTH = 12  # 60 bits: a million memories collide with probability 4e-7


def random_id() -> str:
    """A fresh id from the operating system's randomness."""
    bits = secrets.randbits(5 * LENGTH)
    return "".join([ALPHABET[bits >> 5 * place & 31] for place in range(LENGTH)])


def seeded_ids(seed: int) -> IdSource:
    """The same ids in the same order for the same seed: for replay and tests."""
    source = random.Random(seed)
    return lambda: "".join(source.choice(ALPHABET) for _ in range(LENGTH))
