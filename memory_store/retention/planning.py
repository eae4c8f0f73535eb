"""Which memories a prune would forget, and why: planned, nothing is changed here. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from memory_store.errors import InvalidInput
from memory_store.language.words import CJK
from memory_store.records import PrunePlan, PrunePolicy, PruneRow, Turn
from memory_store.retention.duplicates import Duplicates, find_duplicates, newness
from memory_store.retention.freeing import Considered, order_named
from memory_store.retention.strength import DAY, days_since, strengths
from memory_store.retention.usage import Floats, Uses


def plan(
    policy: PrunePolicy,
    memories: Sequence[Turn],
    *,
    used: Mapping[str, Uses],
    now: datetime,
    vectors: NDArray[np.float32] | None = None,
    vector_bytes: int = 0,
) -> PrunePlan:
    """What ``policy`` would forget of ``memories`` at ``now``, oldest first, each with its reasons.

    A memory is proposed when it meets every criterion given; a pinned one, or one forgotten already, never is.
    ``vectors``: shape (len(memories), dimensions), unit rows in the same order, a row of NaN where there is none;
    needed by ``similar`` and the order ``duplicates``. ``vector_bytes``: what a vector counts as, where bytes are kept.

    Raises InvalidInput for a policy that asks for nothing or cannot be meant.
    """
    check(policy)
    held = strengths(memories, used, now)
    chosen = _candidates(policy, memories, held, now)
    duplicates: Duplicates = {}
    if policy.similar is not None:
        if vectors is None:
            raise InvalidInput("Meaning is not indexed yet, so duplicates cannot be told. Try again in a moment.")
        duplicates = find_duplicates(memories, vectors, chosen, policy.similar)
        chosen = chosen & np.isin(np.arange(len(memories)), list(duplicates))
    if policy.bounded:
        chosen = _over(policy, Considered(memories, used, held, vectors), chosen, vector_bytes)
    rows = []
    for place in sorted(np.flatnonzero(chosen).tolist(), key=lambda place: newness(memories[place])):
        near = duplicates.get(place)
        twin = None if near is None else (memories[near[0]].id, near[1])
        memory, still = memories[place], float(held[place])
        rows.append(PruneRow(memory, _reason(policy, memory, still, now, twin), still))
    return PrunePlan(policy, tuple(rows), sum(not memory.forgotten for memory in memories))


def check(policy: PrunePolicy) -> None:
    """Raises InvalidInput unless ``policy`` has a criterion and every criterion can be meant."""
    given = (policy.older_than, policy.weaker_than, policy.keep_last, policy.matching, policy.similar)
    if all(criterion is None for criterion in given) and not policy.bounded:
        raise InvalidInput("A prune needs a criterion: an age, a strength, words, a likeness, or how many to keep.")
    if min(policy.at_most or 0, policy.at_most_bytes or 0) < 0:
        raise InvalidInput("What is to be kept cannot be less than nothing.")
    order_named(policy.order)
    if policy.older_than is not None and policy.older_than < timedelta(0):
        raise InvalidInput("The age of a prune cannot be negative.")
    if policy.keep_last is not None and policy.keep_last < 0:
        raise InvalidInput("The number of memories to keep cannot be negative.")
    for name, value in (("strength", policy.weaker_than), ("likeness", policy.similar)):
        if value is not None and not 0.0 < value <= 1.0:
            raise InvalidInput(f"The {name} of a prune must be above 0 and at most 1.")
    if policy.matching is not None and not policy.matching.split():
        raise InvalidInput("There are no words to match. Give at least one.")


def holds_words(text: str, words: str) -> bool:
    """Whether every word of ``words`` occurs in ``text``, case ignored: whole words, in unspaced scripts anywhere."""
    return all(_pattern(word).search(text) for word in words.split())


@lru_cache(maxsize=256)
def _pattern(word: str) -> re.Pattern[str]:
    unspaced = re.search(f"[{CJK}]", word) is not None
    inner = re.escape(word)
    return re.compile(inner if unspaced else rf"(?<!\w){inner}(?!\w)", re.IGNORECASE)


def _candidates(policy: PrunePolicy, memories: Sequence[Turn], held: Floats, now: datetime) -> NDArray[np.bool_]:
    """Which memories meet every criterion but ``similar``."""
    chosen = np.array([not (memory.pinned or memory.forgotten) for memory in memories], bool)
    if policy.older_than is not None:
        chosen &= days_since(memories, now) > policy.older_than / DAY
    if policy.weaker_than is not None:
        chosen &= held < policy.weaker_than
    if policy.keep_last:
        present = [place for place, memory in enumerate(memories) if not memory.forgotten]
        chosen[sorted(present, key=lambda place: newness(memories[place]))[-policy.keep_last :]] = False
    if policy.matching is not None:
        for place in np.flatnonzero(chosen).tolist():
            chosen[place] = holds_words(memories[place].text, policy.matching)
    return chosen


def _over(policy: PrunePolicy, found: Considered, chosen: NDArray[np.bool_], vector_bytes: int) -> NDArray[np.bool_]:
    """Of the chosen, as many as are over what ``policy`` keeps; the least worth by its order first."""
    present = [place for place, memory in enumerate(found.memories) if not memory.forgotten]
    sizes = {place: len(found.memories[place].text.encode()) + vector_bytes for place in present}
    many = len(present) - (len(present) if policy.at_most is None else policy.at_most)
    much = 0 if policy.at_most_bytes is None else sum(sizes.values()) - policy.at_most_bytes
    goes = np.zeros(len(found.memories), bool)
    if many <= 0 and much <= 0:
        return goes
    worth = order_named(policy.order).worth(found)
    candidates = np.flatnonzero(chosen).tolist()
    for place in sorted(candidates, key=lambda place: (worth[place], newness(found.memories[place]))):
        if many <= 0 and much <= 0:
            break
        goes[place] = True
        many, much = many - 1, much - sizes[place]
    return goes


def _reason(policy: PrunePolicy, memory: Turn, held: float, now: datetime, twin: tuple[str, float] | None) -> str:
    """``twin``: the id of the newer memory that says the same, and their cosine."""
    parts = [_said_ago(now - memory.said_at)]
    if policy.weaker_than is not None:
        parts.append(f"strength {held:.2f} < {policy.weaker_than:g}")
    if policy.keep_last is not None:
        parts.append(f"not among the newest {policy.keep_last}")
    if policy.matching is not None:
        parts.append(f"contains {' '.join(policy.matching.split())!r}")
    if policy.bounded:
        parts.append(f"over what is kept, by {policy.order} (strength {held:.2f})")
    if twin is not None:
        parts.append(f"near-duplicate of {twin[0][:4]}… (cosine {twin[1]:.2f})")
    return "; ".join(parts)


def _said_ago(age: timedelta) -> str:
    if age < DAY:
        return "said today"
    return f"said {age.days} day{'s' if age.days > 1 else ''} ago"
