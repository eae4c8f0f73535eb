"""In which order memories give way where only so many are kept: named strategies, each a function of what is known.

A strategy gives each memory what it is worth, and the least is freed first; of equals, the older. None of them deletes
anything: they order what a prune proposes. How much recall each costs is measured by ``mneme bench retention``.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from memory_store.errors import InvalidInput
from memory_store.language.words import stem, terms
from memory_store.records import FreeingOrder, PrunePolicy, Turn
from memory_store.retention.duplicates import closest_newer
from memory_store.retention.usage import NONE, Floats, Uses, usage


@dataclass(frozen=True, slots=True)
class Considered:
    """What an order may look at. Sequences and arrays are parallel to ``memories``."""

    memories: Sequence[Turn]
    used: Mapping[str, Uses]
    strengths: Floats
    vectors: NDArray[np.float32] | None = None
    """Shape (n, dimensions), unit rows, NaN where there is none."""


@dataclass(frozen=True, slots=True)
class Order:
    """A strategy and, for a person, what goes first by it."""

    frees: str
    worth: Callable[[Considered], Floats]
    needs_vectors: bool = False


def _strength(found: Considered) -> Floats:
    return found.strengths


def _usage(found: Considered) -> Floats:
    uses = [found.used.get(memory.id, NONE) for memory in found.memories]
    return usage([one.times for one in uses], [one.wrong for one in uses])


def _age(found: Considered) -> Floats:
    return np.array([memory.said_at.timestamp() for memory in found.memories], np.float64)


def _novelty(found: Considered) -> Floats:
    """1 - the highest cosine to a newer memory."""
    if found.vectors is None:
        raise InvalidInput("Meaning is not indexed yet, so duplicates cannot be told. Try again in a moment.")
    return 1.0 - closest_newer(found.memories, found.vectors)


def _information(found: Considered) -> Floats:
    """The sum of inverse document frequencies of the different words in it: what it says that few others do."""
    stems = [{stem(word) for word in terms(memory.text)} for memory in found.memories]
    holding = Counter(word for words in stems for word in words)
    rarity = {word: math.log((len(stems) + 1) / count) for word, count in holding.items()}
    return np.array([sum(rarity[word] for word in sorted(words)) for words in stems], np.float64)


def _used_or_telling(found: Considered) -> Floats:
    """What was used goes last; among the rest, what tells least goes first."""
    telling = _information(found)
    return np.asarray(_usage(found) + telling / (telling.max(initial=0.0) + 1.0), np.float64)


ORDERS: Mapping[FreeingOrder, Order] = {
    "strength": Order("the weakest: old, and seldom used", _strength),
    "usage": Order("the least used, however old", _usage),
    "oldest": Order("the oldest", _age),
    "duplicates": Order("what a newer memory nearly says again", _novelty, needs_vectors=True),
    "information": Order("what has the fewest words that are rare here", _information),
    "balanced": Order("the least used and least telling together", _used_or_telling),
}


def order_named(name: FreeingOrder) -> Order:
    """Raises InvalidInput."""
    if name not in get_args(FreeingOrder):
        raise InvalidInput(f"Memories give way by {', '.join(ORDERS)}.")
    return next(order for known, order in ORDERS.items() if known == name)


def needs_vectors(policy: PrunePolicy) -> bool:
    """Whether ``policy`` keeps to a capacity by an order that looks at vectors. Raises InvalidInput."""
    return policy.bounded and order_named(policy.order).needs_vectors
